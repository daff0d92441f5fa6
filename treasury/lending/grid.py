"""Falls of price, hashprice and rises of the rate together: what is left each month, and for how many months.

A month has 30 days here. Selling coins lasts longer than cash alone; pledged coins are not for sale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Final

from treasury.lending.stress import Position, Scenario, scenario
from treasury.money import btc, cents, half_up

DAYS: Final = 30
MONTHS: Final = 12


@dataclass(frozen=True)
class Operation:
    """What mining brings and costs. hashrate_ph: own hashrate, leased not included.   cash_cost_usd_per_month: power,
    hosting and the rest, without interest."""

    hashrate_ph: Decimal
    hashprice_usd_per_ph_day: Decimal
    cash_cost_usd_per_month: Decimal


@dataclass(frozen=True)
class Cell:
    """monthly_usd: revenue less cash costs and interest.   runway_months: on cash alone; runway_with_coins_months: free
    coins sold as well, None of either: nothing is burnt, it lasts."""

    price_pct: Decimal
    hashprice_pct: Decimal
    rate_points: Decimal
    scenario: Scenario
    monthly_usd: Decimal
    runway_months: Decimal | None
    runway_with_coins_months: Decimal | None


def grid(
    position: Position,
    operation: Operation,
    prices_pct: Sequence[Decimal],
    hashprices_pct: Sequence[Decimal],
    rates_points: Sequence[Decimal],
) -> list[Cell]:
    """Every combination, in the order of the arguments. *_pct: changes in percent; rates_points: percentage points."""
    scenarios = {shock: scenario(position, shock) for shock in prices_pct}
    return [
        cell(position, operation, scenarios[price], hashprice, rate)
        for price, hashprice, rate in product(prices_pct, hashprices_pct, rates_points)
    ]


def cell(
    position: Position, operation: Operation, found: Scenario, hashprice_pct: Decimal, rate_points: Decimal
) -> Cell:
    monthly = revenue(operation, hashprice_pct) - Fraction(operation.cash_cost_usd_per_month)
    monthly -= interest(position, rate_points)
    price = Fraction(position.price_usd) * (100 + Fraction(found.shock_pct)) / 100
    cash = Fraction(position.cash_usd)
    return Cell(
        price_pct=found.shock_pct,
        hashprice_pct=hashprice_pct,
        rate_points=rate_points,
        scenario=found,
        monthly_usd=cents(monthly),
        runway_months=runway(cash, monthly),
        runway_with_coins_months=runway(cash + btc(position.unpledged_sat) * price, monthly),
    )


def revenue(operation: Operation, hashprice_pct: Decimal) -> Fraction:
    """Dollars a month."""
    hashprice = Fraction(operation.hashprice_usd_per_ph_day) * (100 + Fraction(hashprice_pct)) / 100
    return Fraction(operation.hashrate_ph) * hashprice * DAYS


def interest(position: Position, rate_points: Decimal) -> Fraction:
    """Dollars a month on all loans, each at its rate and so many points more; never below nothing."""
    return sum(
        (
            Fraction(loan.debt_usd) * max(Fraction(0), Fraction(loan.terms.rate) + Fraction(rate_points) / 100) / MONTHS
            for loan in position.loans
        ),
        Fraction(0),
    )


def runway(usd: Fraction, monthly: Fraction) -> Decimal | None:
    """Months until the money is gone; None where nothing is burnt."""
    return None if monthly >= 0 else half_up(max(Fraction(0), usd) / -monthly, 1)
