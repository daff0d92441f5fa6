"""What a fall of the price does to all loans at once, and whether free coins and equity bear it.

Prices of a scenario stay exact until they are shown. A covenant asks for a least equity; the least itself is enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from treasury.lending.mark import Mark, mark
from treasury.lending.terms import Terms
from treasury.money import btc, cents


@dataclass(frozen=True)
class Owed:
    """A loan as it stands before the shock. debt_usd: principal, billed and accrued interest."""

    name: str
    terms: Terms
    debt_usd: Decimal
    collateral_sat: int
    drawn_at_usd: Decimal | None = None


@dataclass(frozen=True)
class Position:
    """What the company owns and owes."""

    price_usd: Decimal
    unpledged_sat: int
    cash_usd: Decimal
    other_net_assets_usd: Decimal
    loans: Sequence[Owed]
    covenant_min_equity_usd: Decimal | None = None

    @property
    def held_sat(self) -> int:
        return self.unpledged_sat + sum(loan.collateral_sat for loan in self.loans)


@dataclass(frozen=True)
class Scenario:
    """total_top_up_sat None: a called loan cannot be covered by any number of coins (the price is nothing)."""

    shock_pct: Decimal
    price_usd: Decimal
    loans: dict[str, Mark]
    total_top_up_sat: int | None
    unpledged_sat_after: int | None
    can_cover_in_kind: bool
    equity_usd: Decimal
    covenant_ok: bool | None


def scenario(position: Position, shock_pct: Decimal) -> Scenario:
    """The position after the price moved by so many percent."""
    price = Fraction(position.price_usd) * (100 + Fraction(shock_pct)) / 100
    marks = {
        one.name: mark(one.terms, one.debt_usd, one.collateral_sat, price, one.drawn_at_usd) for one in position.loans
    }
    top_up = total_top_up(list(marks.values()))
    equity = equity_at(position, price)
    least = position.covenant_min_equity_usd
    return Scenario(
        shock_pct=shock_pct,
        price_usd=cents(price),
        loans=marks,
        total_top_up_sat=top_up,
        unpledged_sat_after=None if top_up is None else position.unpledged_sat - top_up,
        can_cover_in_kind=top_up is not None and position.unpledged_sat >= top_up,
        equity_usd=cents(equity),
        covenant_ok=None if least is None else equity >= Fraction(least),
    )


def total_top_up(marks: Sequence[Mark]) -> int | None:
    needs = [mark.top_up_sat for mark in marks]
    return None if None in needs else sum(need for need in needs if need is not None)


def equity_at(position: Position, price_usd: Fraction) -> Fraction:
    assets = btc(position.held_sat) * price_usd + Fraction(position.cash_usd + position.other_net_assets_usd)
    return assets - sum(Fraction(loan.debt_usd) for loan in position.loans)
