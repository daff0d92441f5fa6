"""The interest of each loan in the books: what its course says was billed, posted once a month, corrected where a fact
came late.

What a month costs follows from the loan's events alone; what is posted is compared with it, and the difference, if any,
is posted as the month's next entry. So the work can be repeated, doubled or broken off anywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Sum

from cango_ops.base.models import User
from treasury.books import closed, entries
from treasury.books.record import record
from treasury.ledger.journal import Leg
from treasury.lending.course import Bill, run
from treasury.lending.terms import Interest
from treasury.loans.happen import events_of, liability
from treasury.models import Loan, Posting

KIND: Final = "interest"
ENDS: Final = time(23, 59, 59)
AHEAD_MONTHS: Final = 6
NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True)
class Posted:
    """What the books hold of a month's interest. sources: the entries, in the order in which they were made."""

    usd: Decimal
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Month:
    """One line of a loan's schedule. last: the month's last day.   interest_usd: by the loan's course; of a month that
    is not over, what it will be if nothing happens.   posted None: nothing is posted yet.
    """

    last: date
    interest_usd: Decimal
    posted: Posted | None
    is_over: bool

    @property
    def state(self) -> str:
        if self.posted is not None:
            return "ok" if self.posted.usd == self.interest_usd else "warning"
        return "warning" if self.is_over and self.interest_usd else "unknown"

    @property
    def word(self) -> str:
        if self.posted is not None:
            return "posted" if self.posted.usd == self.interest_usd else "to be corrected"
        if self.is_over:
            return "to be posted" if self.interest_usd else "nothing due"
        return "expected"


def schedule(loan: Loan, today: date, ahead: int = AHEAD_MONTHS) -> list[Month]:
    """Every month since the loan began, and so many to come from the running one on."""
    until = today
    for _ in range(ahead):
        until = end_of_month(until) + timedelta(days=1)
    bills, found = bills_of(loan, end_of_month(until - timedelta(days=1)) if ahead else today), posted(loan)
    return [Month(bill.month, bill.interest_usd, found.get(bill.month), bill.month < today) for bill in bills]


def bills_of(loan: Loan, until: date) -> Sequence[Bill]:
    return run(loan.terms, events_of(loan), until).bills


def end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def posted(loan: Loan) -> dict[date, Posted]:
    """By the month's last day."""
    rows = (
        Posting.objects.filter(
            entry__kind=KIND, entry__source_id__startswith=f"{prefix(loan)}/", account__code=liability(loan)
        )
        .values_list("entry__source_id")
        .annotate(usd=Sum("amount"))
        .order_by("entry_id")
    )
    found: dict[date, Posted] = {}
    for source, usd in rows:
        last = end_of_month(date.fromisoformat(f"{source.split('/')[2]}-01"))
        before = found.get(last, Posted(NOTHING, ()))
        found[last] = Posted(before.usd - usd, (*before.sources, source))
    return found


def prefix(loan: Loan) -> str:
    return f"{KIND}/{loan.code}"


@transaction.atomic
def post_due(loan: Loan, today: date, actor: User | str = KIND) -> list[str]:
    """Posts what months that are over lack; the ids of the entries made. Raises Garbled."""
    entries.lock()
    made, found, since = [], posted(loan), closed.open_since()
    for bill in bills_of(loan, today - timedelta(days=1)):
        before = found.get(bill.month, Posted(NOTHING, ()))
        missing = bill.interest_usd - before.usd
        if missing:
            made.append(post_one(loan, bill, missing, len(before.sources), since, actor))
    return made


def post_one(loan: Loan, bill: Bill, usd: Decimal, number: int, since: datetime | None, actor: User | str) -> str:
    """The month's entry, or with a number its correction; in the open month where its own is closed."""
    own = datetime.combine(bill.month, ENDS, UTC)
    source = f"{prefix(loan)}/{bill.month:%Y-%m}" + (f"/{number}" if number else "")
    legs = [Leg(f"Expenses:Interest:{loan.code}", loan.currency, usd), Leg(liability(loan), loan.currency, -usd)]
    evidence = {"loan": loan.code, "month": f"{bill.month:%Y-%m}", "billed": str(bill.interest_usd)}
    record(source, KIND, max(own, since) if since else own, legs, actor, evidence | told(loan))
    return source


def told(loan: Loan) -> dict[str, str]:
    """The terms by which it was counted."""
    adds = "added to the principal" if loan.terms.interest is Interest.CAPITALISED else "owed until it is paid"
    return {"day_count": loan.day_count, "interest": adds}


def unposted(loans: Iterable[Loan], today: date) -> list[str]:
    """Codes of the loans of which a month that is over is not in the books as it should be."""
    return [loan.code for loan in loans if any(one.state == "warning" for one in schedule(loan, today, ahead=0))]
