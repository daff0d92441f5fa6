"""The treasury as it stands, for judging a proposal."""

from datetime import datetime
from decimal import Decimal

from treasury.earnings.operation import running
from treasury.equity.worth import worth
from treasury.lending.stress import Owed
from treasury.loans.position import before_night
from treasury.models import Loan
from treasury.proposals.effect import Picture

NOTHING = Decimal("0.00")


def picture(now: datetime) -> Picture:
    """Cash, other assets, shares and the running operation are those of the pages of value and stress."""
    found, mining = worth(now), running(now)
    usd = {amount.name: amount.usd or NOTHING for amount in found.amounts}
    other_debt = usd["Debt"] - found.position.debt_usd
    return Picture(
        price_usd=found.position.quote.price_usd,
        free_sat=found.position.free_sat,
        cash_usd=usd["Cash"],
        loans=tuple(owed(loan, now) for loan in Loan.objects.prefetch_related("events")),
        beside_usd=usd["Other net assets"] - usd["Preferred shares"] - other_debt,
        operation=mining.operation,
        shares=found.nav.diluted_shares if found.nav and found.basic else None,
        why_not={
            "shares": "" if found.basic else "no shares are written down",
            "operation": mining.reasons[0] if mining.reasons else "",
        },
    )


def owed(loan: Loan, now: datetime) -> Owed:
    """With the interest of all nights before today."""
    course = before_night(loan, now.date())
    return Owed(loan.code, course.terms, course.debt_usd, course.collateral_sat, course.drawn_at_usd)
