"""Payouts into the books exactly once, and the breaks between those who tell of the same coins."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
import time_machine

from compute.feeds.pools import PROVIDERS
from compute.models import PoolAccount
from sites.models import Role
from tests.treasury.production.worlds import NOON, TXID, listed, read
from tests.treasury.web.worlds import member
from tests.worlds import make_world
from treasury.books import queries
from treasury.books.post import post
from treasury.ledger.facts import Acquired, Origin
from treasury.models import (
    JournalEntry,
    PoolEarning,
    PoolPayout,
    PriceMark,
    ProductionDay,
    ReconciliationBreak,
    Wallet,
    WalletOutput,
    WalletReading,
)
from treasury.production import breaks
from treasury.production import queries as queries_of_production
from treasury.production.breaks import Found, Refused
from treasury.production.reconcile import reconcile

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def world():
    return make_world()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setitem(PROVIDERS, "braiins", msgspec.structs.replace(PROVIDERS["braiins"], pause_s=0.0))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def open_breaks():
    rows = ReconciliationBreak.objects.exclude(state="closed").order_by("kind", "subject")
    return [(row.kind, row.off_sat) for row in rows]


def mark(price="100000.00", hours=12):
    PriceMark.objects.create(source="kraken", at=NOON - timedelta(hours=hours), price_usd=D(price))


def test_a_payout_stands_in_the_books_once_at_its_price(world):
    mark()
    read(world.company, listed(payouts=[(11, 10_000_000, TXID)]))

    reconcile(NOON)
    reconcile(NOON)

    entry = JournalEntry.objects.get()
    assert entry.source_id == f"payout/{PoolAccount.objects.get().pk}/{TXID}"
    assert (entry.kind, entry.at, entry.actor) == ("mined", NOON - timedelta(hours=11), "pool payouts")
    assert entry.lot.cost_usd == D("10000.00")
    assert entry.evidence["proof"]["price"]["source"] == "kraken"
    assert queries.coins(NOON).wallets_sat == {"pool-hot": 10_000_000}
    assert open_breaks() == []


def test_without_a_price_it_waits_and_says_so(world):
    read(world.company, listed(payouts=[(11, 10_000_000, TXID)]))
    reconcile(NOON)

    assert open_breaks() == [("payout_not_booked", -10_000_000)]
    assert ReconciliationBreak.objects.get().words.endswith("is not in the books: no price near its time is known")
    mark()
    reconcile(NOON)
    assert (open_breaks(), JournalEntry.objects.count()) == ([], 1)


def test_what_is_in_the_books_otherwise_is_a_break_and_not_a_second_entry(world):
    mark()
    read(world.company, listed(payouts=[(11, 10_000_000, TXID)]))
    source = PoolPayout.objects.get().source_id
    post([Acquired(NOON - timedelta(hours=11), 0, source, Origin.MINED, "cold", source, 5, D("1.00"))], "test")

    reconcile(NOON)

    assert queries.coins(NOON).wallets_sat == {"cold": 5}


def test_a_partners_payout_is_not_the_companys(world):
    mark()
    read(world.partner, listed(payouts=[(11, 10_000_000, TXID)]))
    reconcile(NOON)

    assert JournalEntry.objects.count() == 0
    assert open_breaks() == []


def earned(account, back, sat):
    PoolEarning.objects.create(account=account, day=(NOON - timedelta(days=back)).date(), amount_sat=sat, source="t")


def expected(site, back, sat, minutes=1440):
    ProductionDay.objects.create(
        site=site, day=(NOON - timedelta(days=back)).date(), expected_sat=sat, minutes=minutes, fee_share=0,
        measured_at=NOON,
    )  # fmt: skip


def test_shares_beyond_two_per_cent_of_what_machines_should_mine_are_a_break(world):
    account = PoolAccount.objects.create(name="Main", operator=world.company, provider="braiins")
    for back, sat in ((1, 980), (2, 979), (3, 1021)):
        expected(world.pecos, back, 600)
        expected(world.muscat, back, 400)
        earned(account, back, sat)
    reconcile(NOON)

    assert open_breaks() == [("expected_shares", 21), ("expected_shares", -21)]
    row = ReconciliationBreak.objects.filter(off_sat=-21).get()
    assert (row.owner, row.words) == (
        "operations", "cango, 2025-10-06: 1,000 sat expected of the machines, 979 sat of shares",
    )  # fmt: skip


def test_a_day_with_gaps_or_an_account_that_is_silent_is_not_judged(world):
    account = PoolAccount.objects.create(name="Main", operator=world.company, provider="braiins")
    expected(world.pecos, 1, 500, minutes=700)
    earned(account, 1, 1000)
    expected(world.pecos, 2, 1000)
    earned(account, 2, 5)
    PoolAccount.objects.create(name="Other", operator=world.company, provider="braiins")
    reconcile(NOON)

    assert open_breaks() == []


def test_a_day_that_is_not_paid_after_three_is_a_break(world):
    account = PoolAccount.objects.create(name="Main", operator=world.partner, provider="braiins")
    for back in (1, 2, 3, 4, 5):
        earned(account, back, 1000)
    PoolPayout.objects.create(account=account, key="1", paid_at=NOON - timedelta(days=1), amount_sat=1500, source="t")
    reconcile(NOON)

    assert open_breaks() == [("shares_unpaid", -500)]


@pytest.fixture
def hot(world):
    """A watched wallet, first read at height 900 three days ago."""
    wallet = Wallet.objects.create(name="pool-hot", kind="watched", descriptor="wpkh(x)", added_by="t")
    WalletReading.objects.create(
        wallet=wallet, source="core", observed_at=NOON - timedelta(days=3), height=900, block_hash="0" * 64,
        confirmed_sat=0, immature_sat=0, pending_sat=0, outputs=0,
    )  # fmt: skip
    return wallet


def came(wallet, txid, sat, hours, height=950):
    WalletOutput.objects.create(
        wallet=wallet, txid=txid, vout=0, sat=sat, branch=0, number=0, height=height,
        first_seen_at=NOON - timedelta(hours=hours),
    )  # fmt: skip


def test_payouts_against_what_came_into_the_wallet(world, hot):
    a, b, c, d = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
    mark(hours=70)
    mark(hours=30)
    payouts = [(60, 10, a), (50, 20, b), (40, 30, c), (2, 40, "e" * 64), (100, 50, "f" * 64)]
    came(hot, a, 10, 59)
    came(hot, b, 19, 49)
    came(hot, d, 7, 9)
    came(hot, "9" * 64, 8, 71, height=899)

    read(world.company, listed(payouts=payouts))
    reconcile(NOON)

    found = [row for row in open_breaks() if row[0] != "payout_not_booked"]
    assert found == [("payout_arrived_otherwise", -1), ("payout_not_arrived", -30), ("receipt_unknown", 7)]
    rows = queries_of_production.days(world.company, NOON.date() - timedelta(days=3), NOON.date(), NOON)
    assert [(row.day.day, row.paid_sat, row.arrived_sat, row.booked_sat) for row in rows] == [
        (8, 40, 0, 0), (7, 0, 0, 0), (6, 60, 29, 30), (5, 0, 0, 0),
    ]  # fmt: skip


# The list itself

ONE = Found("receipt_unknown", "x", 7, "seven came")


def test_a_break_that_is_gone_closes_and_comes_back_open(clock):
    breaks.note({ONE.kind}, [ONE], NOON)
    breaks.note({ONE.kind}, [], NOON + timedelta(hours=1))
    assert ReconciliationBreak.objects.get().state == "closed"

    breaks.note({ONE.kind}, [ONE], NOON + timedelta(hours=2))

    row = ReconciliationBreak.objects.get()
    assert (row.state, row.first_seen_at, row.closed_at) == ("open", NOON + timedelta(hours=2), None)


def test_other_kinds_are_left_alone():
    breaks.note({ONE.kind}, [ONE], NOON)
    breaks.note({"payout_not_arrived"}, [], NOON)

    assert ReconciliationBreak.objects.get().state == "open"


def test_an_explained_break_opens_again_when_its_amount_changes():
    ted = member("Ted", Role.TREASURER)
    breaks.note({ONE.kind}, [ONE], NOON)
    number = ReconciliationBreak.objects.get().pk
    breaks.say(ted, number, "a refund of the  pool")
    breaks.note({ONE.kind}, [ONE], NOON)
    row = ReconciliationBreak.objects.get()
    assert (row.state, row.comment, row.commented_by) == ("explained", "a refund of the pool", "ted@example.com")

    breaks.note({ONE.kind}, [ONE._replace(off_sat=8)], NOON)

    assert ReconciliationBreak.objects.get().state == "open"


def test_a_break_that_a_person_closed_stays_closed_while_it_is_the_same():
    ted = member("Ted", Role.TREASURER)
    breaks.note({ONE.kind}, [ONE], NOON)
    breaks.say(ted, ReconciliationBreak.objects.get().pk, "written off by the board", closes=True)
    breaks.note({ONE.kind}, [ONE], NOON)
    assert ReconciliationBreak.objects.get().state == "closed"

    breaks.note({ONE.kind}, [ONE._replace(off_sat=9)], NOON)
    assert ReconciliationBreak.objects.get().state == "open"


@pytest.mark.parametrize(("role", "words"), [(Role.INVESTOR_RELATIONS, "a good reason"), (Role.TREASURER, "no")])
def test_who_may_not_or_says_nothing_is_refused(role, words):
    breaks.note({ONE.kind}, [ONE], NOON)

    with pytest.raises(Refused):
        breaks.say(member("Ida", role), ReconciliationBreak.objects.get().pk, words)

    assert ReconciliationBreak.objects.get().state == "open"
