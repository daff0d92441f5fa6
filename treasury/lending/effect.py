"""What selling, pledging, releasing or repaying would leave: the position after it, before anybody does it. Pure."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from treasury.lending.stress import Owed, Position
from treasury.money import cents, usd_of

NOTHING: Final = Decimal("0.00")


class Deed(StrEnum):
    """What treasury may do."""

    SELL = "sell"
    PLEDGE = "pledge"
    RELEASE = "release"
    DRAW = "draw"  # dollars that are owed from then on
    REPAY = "repay"  # out of cash
    REPAY_IN_COINS = "repay_in_coins"  # the lender keeps collateral at a price


class NotPossible(ValueError):
    """The position does not hold what the act needs; the words say what is short."""


@dataclass(frozen=True)
class Act:
    """loan: the name of one, for all but a sale.   sat: of all but a drawdown and a repayment, which have usd.

    fee_usd: of a sale.   price_usd: at which coins go for money; None: the position's own.
    """

    deed: Deed
    loan: str = ""
    sat: int = 0
    usd: Decimal = NOTHING
    fee_usd: Decimal = NOTHING
    price_usd: Decimal | None = None


def after(position: Position, act: Act) -> Position:
    """The position after the act. Raises NotPossible."""
    refuse(position, act)
    return changed(position, act)


def refuse(position: Position, act: Act) -> None:
    """Raises NotPossible where coins, cash or debt do not reach."""
    loan = None if act.deed is Deed.SELL else loan_named(position, act.loan)
    free = position.unpledged_sat if act.deed in (Deed.SELL, Deed.PLEDGE) else loan.collateral_sat if loan else 0
    if act.deed is not Deed.REPAY and act.sat > free:
        raise NotPossible(f"{act.deed}: {act.sat - free} sat short")
    if act.deed is Deed.REPAY and act.usd > position.cash_usd:
        raise NotPossible(f"repay: {cents(act.usd - position.cash_usd)} dollars of cash short")
    if loan is not None and act.deed is Deed.REPAY and act.usd > loan.debt_usd:
        raise NotPossible(f"repay: {loan.name} owes only {loan.debt_usd} dollars")


def changed(position: Position, act: Act) -> Position:
    """The position after the act, whether it reaches or not; a debt ends at nothing."""
    worth = usd_of(act.sat, position.price_usd if act.price_usd is None else act.price_usd)
    free, cash = position.unpledged_sat, position.cash_usd
    if act.deed is Deed.SELL:
        return replace(position, unpledged_sat=free - act.sat, cash_usd=cash + worth - act.fee_usd)
    if act.deed is Deed.DRAW:
        return replace(position, cash_usd=cash + act.usd, loans=with_loan(position, act.loan, 0, act.usd))
    if act.deed is Deed.REPAY:
        return replace(position, cash_usd=cash - act.usd, loans=with_loan(position, act.loan, 0, -act.usd))
    if act.deed is Deed.REPAY_IN_COINS:
        return replace(position, loans=with_loan(position, act.loan, -act.sat, -worth))
    signed = act.sat if act.deed is Deed.PLEDGE else -act.sat
    return replace(position, unpledged_sat=free - signed, loans=with_loan(position, act.loan, signed, NOTHING))


def loan_named(position: Position, name: str) -> Owed:
    for loan in position.loans:
        if loan.name == name:
            return loan
    raise NotPossible(f"there is no loan {name[:40]!r}")


def with_loan(position: Position, name: str, sat: int, usd: Decimal) -> list[Owed]:
    """The loans, of which one has so much more collateral and debt."""
    return [
        replace(one, collateral_sat=one.collateral_sat + sat, debt_usd=max(NOTHING, one.debt_usd + usd))
        if one.name == name
        else one
        for one in position.loans
    ]
