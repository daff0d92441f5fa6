"""What selling, pledging, releasing or repaying would leave: the position after it, before anybody does it. Pure."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from treasury.lending.stress import Owed, Position
from treasury.money import cents, usd_of


class Deed(StrEnum):
    """What treasury may do."""

    SELL = "sell"
    PLEDGE = "pledge"
    RELEASE = "release"
    REPAY = "repay"  # out of cash


class NotPossible(ValueError):
    """The position does not hold what the act needs; the words say what is short."""


@dataclass(frozen=True)
class Act:
    """loan: the name of one, for all but a sale.   sat: of all but a repayment, which has usd.   fee_usd: of a sale."""

    deed: Deed
    loan: str = ""
    sat: int = 0
    usd: Decimal = Decimal("0.00")
    fee_usd: Decimal = Decimal("0.00")


def after(position: Position, act: Act) -> Position:
    """The position after the act at its own price. Raises NotPossible."""
    if act.deed is Deed.SELL:
        return sold(position, act)
    if act.deed is Deed.REPAY:
        return repaid(position, act)
    signed = act.sat if act.deed is Deed.PLEDGE else -act.sat
    loan = loan_named(position, act.loan)
    if not loan.collateral_sat + signed >= 0 or not position.unpledged_sat - signed >= 0:
        short = max(-(loan.collateral_sat + signed), signed - position.unpledged_sat)
        raise NotPossible(f"{act.deed}: {short} sat short")
    pledged = replace(loan, collateral_sat=loan.collateral_sat + signed)
    return replace(position, unpledged_sat=position.unpledged_sat - signed, loans=with_loan(position, pledged))


def sold(position: Position, act: Act) -> Position:
    if act.sat > position.unpledged_sat:
        raise NotPossible(f"sell: {act.sat - position.unpledged_sat} sat short")
    proceeds = usd_of(act.sat, position.price_usd) - act.fee_usd
    return replace(position, unpledged_sat=position.unpledged_sat - act.sat, cash_usd=position.cash_usd + proceeds)


def repaid(position: Position, act: Act) -> Position:
    loan = loan_named(position, act.loan)
    if act.usd > position.cash_usd:
        raise NotPossible(f"repay: {cents(act.usd - position.cash_usd)} dollars of cash short")
    if act.usd > loan.debt_usd:
        raise NotPossible(f"repay: {loan.name} owes only {loan.debt_usd} dollars")
    less = replace(loan, debt_usd=loan.debt_usd - act.usd)
    return replace(position, cash_usd=position.cash_usd - act.usd, loans=with_loan(position, less))


def loan_named(position: Position, name: str) -> Owed:
    for loan in position.loans:
        if loan.name == name:
            return loan
    raise NotPossible(f"there is no loan {name[:40]!r}")


def with_loan(position: Position, changed: Owed) -> list[Owed]:
    return [changed if loan.name == changed.name else loan for loan in position.loans]
