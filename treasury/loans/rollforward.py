"""What is owed on a loan over a period, by the books, and whether that is what its course says."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Sum

from treasury.lending.course import Kind, run
from treasury.loans.happen import events_of, liability
from treasury.loans.interest import KIND as INTEREST
from treasury.models import Loan, Posting

NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True)
class Owed:
    """opening + drawn + interest - repaid - kept + other = closing, principal and billed interest together.

    kept_usd: settled by collateral that the lender kept.   other_usd: booked past the loan's events.
    by_course_usd: what the course of the loan says is owed at the end; what was overpaid counts against it.
    """

    opening_usd: Decimal
    drawn_usd: Decimal
    interest_usd: Decimal
    repaid_usd: Decimal
    kept_usd: Decimal
    other_usd: Decimal
    by_course_usd: Decimal

    @property
    def closing_usd(self) -> Decimal:
        came = self.opening_usd + self.drawn_usd + self.interest_usd + self.other_usd
        return came - self.repaid_usd - self.kept_usd

    @property
    def ties(self) -> bool:
        return self.closing_usd == self.by_course_usd


def rollforward(loan: Loan, first: date, last: date) -> Owed:
    """From the beginning of the first day to the end of the last."""
    start, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
    rows = Posting.objects.filter(account__code=liability(loan), currency=loan.currency, at__lt=end)
    opening = rows.filter(at__lt=start).aggregate(usd=Sum("amount"))["usd"] or NOTHING
    moved = rows.filter(at__gte=start).values_list("entry__kind").annotate(usd=Sum("amount"))
    by_kind = {kind: -usd for kind, usd in moved}
    drawn, interest = by_kind.pop(Kind.DRAW.value, NOTHING), by_kind.pop(INTEREST, NOTHING)
    repaid = -by_kind.pop(Kind.REPAY.value, NOTHING)
    kept = -sum((by_kind.pop(kind.value, NOTHING) for kind in (Kind.REPAY_IN_COINS, Kind.LIQUIDATION)), NOTHING)
    course = run(loan.terms, events_of(loan), last)
    owed = course.principal_usd + course.billed_usd - course.unapplied_usd
    return Owed(-opening, drawn, interest, repaid, kept, sum(by_kind.values(), NOTHING), owed)
