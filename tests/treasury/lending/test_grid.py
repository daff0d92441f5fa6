from decimal import Decimal

from treasury.lending.grid import Operation, grid
from treasury.lending.stress import Owed, Position
from treasury.lending.terms import DayCount, Interest, Terms

D = Decimal
TERMS = Terms(D("0.06"), DayCount.ACT_360, Interest.PAID, D("0.70"), D("0.80"), D("0.90"))
POSITION = Position(D(100_000), 50 * 10**8, D(3_000_000), D(0), [Owed("A", TERMS, D(12_000_000), 200 * 10**8)])
# 1,000 PH/s at 50 dollars bring 1,500,000 a month; interest is 60,000.
OPERATION = Operation(D(1000), D(50), D(1_340_000))


def cells(prices=(0,), hashprices=(0,), rates=(0,)):
    return grid(POSITION, OPERATION, *([D(value) for value in values] for values in (prices, hashprices, rates)))


def test_what_earns_its_keep_lasts():
    (now,) = cells()

    assert (now.monthly_usd, now.runway_months, now.runway_with_coins_months) == (D("100000.00"), None, None)


def test_a_lower_hashprice_burns_cash_and_then_coins():
    (lower,) = cells(hashprices=(-20,))

    # 300,000 less: 200,000 burnt a month; 3,000,000 of cash, and 5,000,000 of coins.
    assert (lower.monthly_usd, lower.runway_months) == (D("-200000.00"), D("15.0"))
    assert lower.runway_with_coins_months == D("40.0")


def test_a_fall_of_the_price_shortens_what_the_coins_bring():
    (fallen,) = cells(prices=(-40,), hashprices=(-20,))

    assert fallen.runway_with_coins_months == D("30.0")
    assert fallen.scenario.loans["A"].status == "liquidation"


def test_points_on_the_rate_are_paid_every_month():
    (dearer,) = cells(rates=(D("2.5"),))

    assert dearer.monthly_usd == D("75000.00")


def test_every_combination_stands_in_the_grid():
    found = cells(prices=(0, -20), hashprices=(0, -10, -20), rates=(0, 1))

    assert len(found) == 12
    assert [(one.price_pct, one.hashprice_pct, one.rate_points) for one in found[:3]] == [
        (0, 0, 0),
        (0, 0, 1),
        (0, -10, 0),
    ]
