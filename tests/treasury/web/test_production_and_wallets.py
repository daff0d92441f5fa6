"""The pages of production and wallets, and their endpoints: who sees them, what they say, what may be done there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cango_ops.base import clock
from compute.models import PoolAccount
from sites.models import Role
from tests.treasury.chain.test_chain import XPRV, ZPUB
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world
from treasury.models import (
    PoolEarning,
    PoolPayout,
    PoolStatement,
    ProductionDay,
    ReconciliationBreak,
    Wallet,
    WalletReading,
)
from treasury.production import breaks
from treasury.production.breaks import Found

pytestmark = pytest.mark.django_db
PAGES = ("/treasury/production/", "/treasury/wallets/")
ENDPOINTS = tuple(f"/api/v1/treasury/{name}/" for name in ("production", "payouts", "breaks", "wallets"))


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def ted():
    return member("Ted", Role.TREASURER)


def fill(world, days=5, wallets=2):
    """Days of Pecos and a pool, a break, wallets with a reading each."""
    now = clock.now()
    account = PoolAccount.objects.create(name="Main", operator=world.company, provider="braiins")
    PoolStatement.objects.create(account=account, wallet="wallet-0", read_at=now)
    for back in range(1, days + 1):
        day = (now - timedelta(days=back)).date()
        ProductionDay.objects.create(
            site=world.pecos, day=day, expected_sat=1_000_000, own_ths=5e6, leased_ths=1e6, minutes=1440,
            fee_share=Decimal("0.02"), measured_at=now,
        )  # fmt: skip
        PoolEarning.objects.create(account=account, day=day, amount_sat=995_000, source="t")
        PoolPayout.objects.create(
            account=account, key=f"{back}", paid_at=now - timedelta(days=back), amount_sat=995_000, source="t"
        )
    breaks.note(
        {"receipt_unknown"}, [Found("receipt_unknown", "x:0", 7, "7 sat came of nobody")], now - timedelta(days=3)
    )
    for number in range(wallets):
        wallet = Wallet.objects.create(
            name=f"wallet-{number}", kind="watched", descriptor=f"wpkh({number})", added_by="t"
        )
        WalletReading.objects.create(
            wallet=wallet, source="core at 10.0.0.6", observed_at=now, height=900_000, block_hash="ab" * 32,
            confirmed_sat=5_000, immature_sat=20, pending_sat=1, outputs=3,
        )  # fmt: skip


@pytest.mark.parametrize("address", PAGES + ENDPOINTS)
def test_only_who_may_see_the_books_sees_them(world, client, address):
    partners = member("Pat", Role.TREASURER, operator=world.partner)
    for user, status in ((world.bo, 403), (world.cy, 403), (partners, 403), (member("Ted", Role.TREASURER), 200),
                         (member("Ida", Role.INVESTOR_RELATIONS), 200)):  # fmt: skip
        assert by_session(user).get(address).status_code == status
    assert client.get(address).status_code in (302, 401)


@pytest.mark.parametrize("address", ENDPOINTS)
def test_a_token_reads_what_its_owner_sees(world, ted, address):
    fill(world)

    program = by_key(key_of(ted))

    assert program.get(address).status_code == 200
    assert program.get(f"{address}?format=csv")["Content-Type"].startswith("text/csv")


def test_the_pages_say_what_is_missing_where_nothing_is_known(ted):
    seen = [by_session(ted).get(address).content.decode() for address in PAGES]

    assert "No production is known yet" in seen[0]
    assert "No operator is on the map." in seen[0]
    assert "No wallet is watched yet" in seen[1]
    assert "No source of the chain is named" in seen[1]


def test_the_production_page_answers_in_its_title(world, ted):
    fill(world)

    page = by_session(ted).get("/treasury/production/").content.decode()

    assert "<h1>1 break open, the oldest 3 days</h1>" in page
    assert "7 sat came of nobody" in page
    assert "−0.50" in page
    assert by_session(ted).get("/treasury/production/?operator=partner").status_code == 200
    assert by_session(ted).get("/treasury/production/?operator=nobody").status_code == 404


def test_a_wallet_stands_beside_the_books(world, ted):
    fill(world)

    page = by_session(ted).get("/treasury/wallets/").content.decode()
    told = by_session(ted).get("/api/v1/treasury/wallets/").json()

    assert "<h1>2 of 2 wallets differ from the books</h1>" in page
    assert (told[0]["name"], told[0]["said_sat"], told[0]["off_sat"], told[0]["readings"][0]["height"]) == (
        "wallet-0", 5_021, 5_021, 900_000,
    )  # fmt: skip


def test_a_descriptor_is_watched_and_never_shown(world, ted):
    said = {"name": "cold", "descriptor": ZPUB, "gap_limit": "20", "min_confirmations": "6"}
    assert by_session(ted).post("/treasury/wallets/do/watch/", said).status_code == 302

    page = by_session(ted).get("/treasury/wallets/").content.decode()
    told = by_session(ted).get("/api/v1/treasury/wallets/").content.decode()

    assert "cold" in page
    assert ZPUB[8:40] not in page + told
    assert "xpub6" not in page + told


def test_a_key_is_refused_and_not_shown_again(ted):
    said = {"name": "cold", "descriptor": f"wpkh({XPRV}/0/*)", "gap_limit": "20", "min_confirmations": "6"}
    answer = by_session(ted).post("/treasury/wallets/do/watch/", said)

    assert answer.status_code == 400
    assert "this holds a private key" in answer.content.decode()
    assert XPRV[8:40] not in answer.content.decode()
    assert Wallet.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/treasury/wallets/do/watch/", {"name": "cold", "descriptor": ZPUB}),
        ("/treasury/wallets/do/custodian/", {"name": "vault"}),
        ("/treasury/wallets/do/retire/", {"name": "wallet-0"}),
    ],
)
def test_investor_relations_see_wallets_and_keep_none(world, address, said):
    fill(world)
    answer = by_session(member("Ida", Role.INVESTOR_RELATIONS)).post(address, said)

    assert answer.status_code == 400
    assert "kept by treasurers" in answer.content.decode()
    assert Wallet.objects.filter(retired_at=None).count() == 2


def test_a_break_is_explained_and_closed_on_the_page(world, ted):
    fill(world)
    number = ReconciliationBreak.objects.get().pk
    by_session(ted).post(f"/treasury/production/breaks/{number}/", {"words": "a refund by the pool", "deed": "explain"})
    assert ReconciliationBreak.objects.get().state == "explained"
    by_session(ted).post(f"/treasury/production/breaks/{number}/", {"words": "settled on Monday", "deed": "close"})
    assert ReconciliationBreak.objects.get().state == "closed"

    closed = by_session(ted).get("/api/v1/treasury/breaks/?state=closed").json()["results"]
    assert [(row["comment"], row["commented_by"]) for row in closed] == [("settled on Monday", "ted@example.com")]
    assert by_session(ted).get("/api/v1/treasury/breaks/?state=lost").status_code == 400


def test_others_explain_nothing(world):
    fill(world)
    number = ReconciliationBreak.objects.get().pk
    for user, status in ((member("Ida", Role.INVESTOR_RELATIONS), 302), (world.bo, 403), (world.cy, 403)):
        answer = by_session(user).post(f"/treasury/production/breaks/{number}/", {"words": "a good reason"})
        assert answer.status_code == status

    assert ReconciliationBreak.objects.get().state == "open"


def sent(user, account, body):
    file = SimpleUploadedFile("s.csv", body)
    return by_session(user).post("/treasury/production/statement/", {"account": account, "file": file}, follow=True)


def test_a_statement_is_sent_on_the_page(world, ted):
    fill(world)
    account = PoolAccount.objects.get().pk

    good = sent(ted, account, b"ref,sat,paid_at\nx1,5,2025-10-01T00:00:00Z\n").content.decode()
    bad = sent(ted, account, b"ref,sat,paid_at\nx2,-5,2025-10-01T00:00:00Z\n").content.decode()

    assert "Rows read: 1, new ones: 1." in good
    assert "Nothing was kept: line 2: sat is &#x27;-5&#x27;, no whole number of satoshis." in bad
    assert sent(ted, 10**9, b"").status_code == 404
    assert sent(ted, "x", b"").status_code == 400
    assert sent(member("Ida", Role.INVESTOR_RELATIONS), account, b"").status_code == 403


def test_days_are_given_by_span(world, ted):
    fill(world)
    told = by_session(ted).get("/api/v1/treasury/production/").json()

    assert len(told) == 5
    assert (told[0]["site"], told[0]["expected_sat"], told[0]["minutes"]) == ("PECOS", 1_000_000, 1440)
    for query in ("?from=x", "?from=2025-01-01&to=2025-12-31", "?from=2025-02-01&to=2025-01-01", "?nonsense=1"):
        assert by_session(ted).get("/api/v1/treasury/production/" + query).status_code == 400


@pytest.mark.parametrize("address", PAGES + ENDPOINTS)
def test_more_rows_take_no_more_queries(world, ted, address):
    fill(world, days=3, wallets=2)
    browser = by_session(ted)
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for number in range(5, 12):
        site = world.pecos if number % 2 else world.muscat
        day = (clock.now() - timedelta(days=number)).date()
        ProductionDay.objects.create(
            site=site, day=day, expected_sat=number, own_ths=1.0, minutes=1440, fee_share=0, measured_at=clock.now()
        )
        wallet = Wallet.objects.create(name=f"more-{number}", kind="watched", descriptor=f"{number}", added_by="t")
        WalletReading.objects.create(
            wallet=wallet, source="core", observed_at=WalletReading.objects.earliest("observed_at").observed_at,
            height=1, block_hash="ab" * 32, confirmed_sat=number, immature_sat=0, pending_sat=0, outputs=1,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        browser.get(address)

    assert len(many) <= len(few) + 2
