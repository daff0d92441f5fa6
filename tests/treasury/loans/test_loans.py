from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from cango_ops.wire import Garbled
from compute.models import NetworkReading
from tests.treasury.books.worlds import mined, pledged
from treasury.books import check, queries
from treasury.books.post import post
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.loans.position import position
from treasury.models import JournalEntry, Loan, LoanEvent, PriceMark

pytestmark = pytest.mark.django_db

D = Decimal
BTC = 100_000_000
NOW = datetime(2025, 7, 11, 12, tzinfo=UTC)


@pytest.fixture
def loan(db):
    post([mined("m1", 1, 10 * BTC, 500_000)], "test")
    return Loan.objects.create(
        code="A", lender="Antalpha", rate=D("0.0365"), day_count="ACT/365F", interest="paid_monthly",
        initial_ltv=D("0.70"), margin_ltv=D("0.80"), liquidation_ltv=D("0.90"),
    )  # fmt: skip


def drawn(loan, usd=100_000, sat=2 * BTC):
    happen(loan, Happening("p1", Kind.PLEDGE, date(2025, 7, 1), 1, sat=sat, wallet="hot"), "test")
    happen(loan, Happening("d1", Kind.DRAW, date(2025, 7, 1), 2, usd=D(usd)), "test")


def priced(usd, source="coinbase", ago_min=1):
    PriceMark.objects.create(source=source, at=NOW - timedelta(minutes=ago_min), price_usd=D(usd))


def test_a_pledge_moves_coins_and_a_draw_brings_money(loan):
    drawn(loan)

    coins = queries.coins(NOW)
    assert (coins.free_sat, coins.pledged_sat) == (8 * BTC, {"A": 2 * BTC})
    assert [(row.code, row.amount) for row in queries.balances(NOW, "Liabilities:")] == [
        ("Liabilities:Loan:A", D("-100000.00"))
    ]
    assert list(check.faults()) == []


def test_what_is_told_twice_happens_once(loan):
    drawn(loan)

    assert not happen(loan, Happening("d1", Kind.DRAW, date(2025, 7, 1), 2, usd=D(100_000)), "test")
    with pytest.raises(Garbled, match="different content"):
        happen(loan, Happening("d1", Kind.DRAW, date(2025, 7, 1), 2, usd=D(5)), "test")
    assert LoanEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("happening", "why"),
    [
        (Happening("x", Kind.PLEDGE, date(2025, 7, 2), sat=9 * BTC, wallet="hot"), "wallet hot is 100000000 sat short"),
        (Happening("x", Kind.RELEASE, date(2025, 7, 2), sat=3 * BTC, wallet="hot"), "only 200000000 sat are pledged"),
        (Happening("x", Kind.PLEDGE, date(2025, 7, 2), sat=1), "names no coins or no wallet"),
        (Happening("x", Kind.DRAW, date(2025, 7, 2), usd=D("0.001")), "names no dollars and cents"),
        (Happening("x", Kind.RATE, date(2025, 7, 2)), "a rate is a share a year"),
        (Happening("x", Kind.MARK, date(2025, 7, 2), price_usd=D(1)), "no event that is written down"),
    ],
)
def test_what_cannot_be_leaves_nothing(loan, happening, why):
    drawn(loan)
    entries = JournalEntry.objects.count()

    with pytest.raises(Garbled, match=why):
        happen(loan, happening, "test")

    assert (LoanEvent.objects.count(), JournalEntry.objects.count()) == (2, entries)


def test_events_are_never_changed(loan):
    drawn(loan)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute("UPDATE treasury_loanevent SET usd = 1")


def test_the_first_screen_in_one_answer(loan):
    drawn(loan)
    priced("65000.00")
    priced("65100.00", "kraken")

    now = position(NOW)

    # Ten nights at 10.00 a night; 100,100 over 2 x 65,000; called at 100,100 / 0.8 / 2.
    row = now.loans[0]
    assert (now.held_sat, now.free_sat, now.pledged_sat) == (10 * BTC, 8 * BTC, 2 * BTC)
    assert (row.debt_usd, row.mark.ltv_pct) == (D("100100.00"), D("77.0000"))
    assert (row.mark.margin_call_price_usd, row.mark.liquidation_price_usd) == (D("62562.50"), D("55611.11"))
    assert (row.distance_pct, row.state) == (D("3.75"), "warning")
    assert (now.ltv_pct, now.top_up_sat, now.quote.words) == (D("77.00"), 0, "2 sources agree")


def test_a_call_says_how_many_coins_it_wants(loan):
    drawn(loan)
    priced("60000.00")

    now = position(NOW)

    # 100,100 / (0.7 x 60,000) = 2.38333334 BTC, rounded up.
    assert (now.loans[0].state, now.loans[0].reason) == ("critical", "margin call")
    assert now.top_up_sat == 38_333_334
    assert (now.quote.state, now.quote.words) == ("warning", "one source alone: coinbase")


def test_of_two_prices_that_differ_the_lower_counts(loan):
    priced("65000.00")
    priced("63000.00", "kraken")

    quote = position(NOW).quote

    assert (quote.price_usd, quote.words) == (D("63000.00"), "sources differ by 3.17 %: the lower counts")


def test_a_stale_price_is_refused_and_no_loan_is_called_ok(loan):
    drawn(loan)
    priced("65000.00", ago_min=16)

    now = position(NOW)

    assert (now.quote.price_usd, now.quote.state) == (None, "stale")
    assert (now.value_usd, now.ltv_pct, now.top_up_sat) == (None, None, None)
    assert (now.loans[0].state, now.loans[0].mark) == ("unknown", None)


def test_the_feed_of_the_network_is_a_source_too(loan):
    priced("65000.00")
    NetworkReading.objects.create(
        observed_at=NOW - timedelta(minutes=2), source="mempool", difficulty=1e14, reward_sat=312_500_000,
        price_usd=D("65010.00"), hashprice_usd_per_ph_day=50,
    )  # fmt: skip

    assert [source.name for source in position(NOW).quote.sources] == ["coinbase", "mempool"]


def test_coins_booked_past_a_loan_are_told(loan):
    drawn(loan)
    priced("100000.00")

    post([pledged("past", 2, 5)], "test")

    assert position(NOW).loans[0].reason == "the books hold another amount with the lender"


def test_an_empty_treasury_has_nothing_and_says_so(db):
    now = position(NOW)

    assert (now.held_sat, now.debt_usd, now.nearest_pct, now.loans) == (0, 0, None, ())
    assert (now.quote.state, now.quote.words) == ("unknown", "no price was ever read")
