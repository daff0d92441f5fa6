from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cango_ops.wire import Garbled
from treasury.lending.course import Event, Kind, run
from treasury.lending.mark import Status, mark
from treasury.lending.stress import Owed, Position, scenario
from treasury.lending.terms import DayCount, Interest, Terms, Trigger

D = Decimal
TERMS = Terms(D("0.0365"), DayCount.ACT_365F, Interest.PAID, D("0.70"), D("0.80"), D("0.90"))
BTC = 100_000_000


def on(text, kind, seq=1, **fields):
    return Event(date.fromisoformat(text), seq, kind, **fields)


DRAW = on("2025-11-01", Kind.DRAW, usd=D("100000.00"))
PLEDGE = on("2025-11-01", Kind.PLEDGE, seq=2, sat=2 * BTC)


def test_interest_is_ten_dollars_a_night_and_billed_with_the_month():
    loan = run(TERMS, [DRAW], date(2025, 12, 5))

    assert [bill.interest_usd for bill in loan.bills] == [D("300.00")]
    assert (loan.billed_usd, loan.accrued_usd, loan.debt_usd) == (300, 50, D("100350.00"))


def test_capitalised_interest_earns_interest_from_the_next_night():
    loan = run(replace(TERMS, interest=Interest.CAPITALISED), [DRAW], date(2025, 12, 1))

    assert loan.principal_usd == D("100300.00")
    assert loan.debt_usd == D("100310.03")


def test_a_mark_sees_the_nights_before_it():
    loan = run(TERMS, [DRAW, PLEDGE, on("2025-12-01", Kind.MARK, price_usd=D(100_000))], date(2025, 12, 1))

    assert loan.marks[0][1].debt_usd == D("100300.00")
    assert loan.debt_usd == D("100310.00")


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [(DayCount.ACT_360, "294.44"), (DayCount.ACT_365F, "290.41"), (DayCount.ACT_ACT, "289.62")],
)
def test_a_leap_february_by_day_count(day_count, interest):
    # 29 nights of 100,000 at 3.655172...: 100,000 x 0.0365517 x 29 / 360, 365 and 366.
    terms = replace(TERMS, rate=D("0.036551724137931"), day_count=day_count)

    loan = run(terms, [on("2024-02-01", Kind.DRAW, usd=D(100_000))], date(2024, 2, 29))

    assert loan.bills[0].interest_usd == D(interest)


def test_the_night_of_a_year_is_counted_by_its_day():
    terms = replace(TERMS, day_count=DayCount.ACT_ACT)

    loan = run(terms, [on("2024-12-31", Kind.DRAW, usd=D(366 * 365 * 100))], date(2025, 1, 1))

    assert loan.bills[0].interest_usd == D("1332.25")
    assert loan.accrued_usd == D("1335.90")


def test_a_payment_settles_bills_first_and_leaves_what_accrued():
    loan = run(TERMS, [DRAW, on("2025-12-03", Kind.REPAY, usd=D("50300"))], date(2025, 12, 3))

    assert (loan.billed_usd, loan.principal_usd, loan.accrued_usd) == (0, 50_000, 25)


def test_what_is_paid_beyond_the_debt_waits():
    loan = run(TERMS, [DRAW, on("2025-11-02", Kind.REPAY, usd=D("100010.00"))], date(2025, 11, 2))

    assert (loan.principal_usd, loan.unapplied_usd, loan.debt_usd) == (0, 10, 10)


def test_repaying_in_coins_takes_them_from_the_collateral_at_their_price():
    coins = on("2025-11-01", Kind.REPAY_IN_COINS, seq=3, sat=BTC, price_usd=D(60_000))

    loan = run(TERMS, [DRAW, PLEDGE, coins], date(2025, 11, 1))

    assert (loan.principal_usd, loan.collateral_sat) == (40_000, BTC)


def test_a_rate_reset_holds_from_its_night():
    loan = run(TERMS, [DRAW, on("2025-11-16", Kind.RATE, rate=D("0.073"))], date(2025, 11, 30))

    assert loan.bills[0].interest_usd == D("450.00")


def test_more_than_is_pledged_cannot_be_released():
    with pytest.raises(Garbled, match="only 200000000 sat are pledged"):
        run(TERMS, [DRAW, PLEDGE, on("2025-11-01", Kind.RELEASE, seq=3, sat=2 * BTC + 1)], date(2025, 11, 1))


@pytest.mark.parametrize(("trigger", "status"), [(Trigger.GT, Status.OK), (Trigger.GTE, Status.MARGIN_CALL)])
def test_the_threshold_itself_calls_only_where_the_terms_say_so(trigger, status):
    found = mark(replace(TERMS, trigger=trigger), D("80000"), BTC, D(100_000))

    assert (found.ltv_pct, found.status) == (D("80.0000"), status)
    assert (found.top_up_sat == 0) is (status is Status.OK)


def test_ltv_is_compared_before_it_is_rounded():
    assert mark(TERMS, D("80000.01"), BTC, D(100_000)).ltv_pct == D("80.0000")
    assert mark(TERMS, D("80000.01"), BTC, D(100_000)).status is Status.MARGIN_CALL


def test_a_top_up_is_enough_and_one_satoshi_less_is_not():
    called = mark(TERMS, D("85000"), BTC, D(100_000))

    # 85,000 / (0.7 x 100,000) = 1.21428571428..., rounded up.
    assert called.top_up_sat == 21_428_572
    assert (called.margin_call_price_usd, called.liquidation_price_usd) == (D("106250.00"), D("94444.44"))


def test_surplus_coins_may_be_asked_back():
    assert mark(TERMS, D("35000"), BTC, D(100_000)).releasable_sat == BTC // 2
    assert mark(TERMS, D(0), BTC, D(100_000)).status is Status.NO_DEBT
    assert mark(TERMS, D(0), BTC, D(100_000)).releasable_sat == BTC


def test_a_debt_without_coins_has_no_ltv():
    found = mark(TERMS, D(5), 0, D(100_000))

    assert (found.status, found.ltv_pct, found.margin_call_price_usd) == (Status.UNCOLLATERALISED, None, None)


def test_a_price_trigger_calls_below_its_share_of_the_price_at_drawdown():
    terms = replace(TERMS, margin_ltv=None, liquidation_ltv=None, call_price_ratio=D("0.70"))

    assert mark(terms, D(1), BTC, D(70_000), D(100_000)).status is Status.OK
    assert mark(terms, D(1), BTC, D("69999.99"), D(100_000)).status is Status.MARGIN_CALL


def test_the_least_equity_of_a_covenant_is_enough():
    position = Position(D(100), BTC, D(0), D(0), [Owed("A", TERMS, D(50), BTC)], D(100))

    at, below = scenario(position, D("-25")), scenario(position, D("-25.01"))

    assert (at.equity_usd, at.covenant_ok, below.covenant_ok) == (D("100.00"), True, False)


def test_at_a_price_of_nothing_no_coins_would_do():
    position = Position(D(100), BTC, D(0), D(0), [Owed("A", TERMS, D(50), BTC)])

    found = scenario(position, D(-100))

    assert (found.total_top_up_sat, found.can_cover_in_kind, found.loans["A"].status) == (None, False, "liquidation")
