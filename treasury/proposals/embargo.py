"""Windows in which whoever knows unreleased figures sells no coins, and exceptions that two others allow.

A window is set by a person (a blackout, a quarter's end), or is there by itself: from the freezing of a month's report
that has a release time until the report is out. It binds those who were on the insiders' list at any time of it; where
no list is kept, everybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, connection
from django.db.models import QuerySet
from psycopg.errors import RestrictViolation

from cango_ops.base import clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from treasury.closing.close import Refused
from treasury.models import EmbargoException, EmbargoWindow, Insider, Proposal, Report
from treasury.models.insider import LISTED
from treasury.money import bitcoin
from treasury.proposals.terms import Terms

K: Final = Proposal.Kind
S: Final = Proposal.State
# By which coins leave for money. Liquidations are the lender's, and no choice of ours.
DISPOSALS: Final = (K.SALE, K.SELL_TO_FUND, K.REPAY_IN_COINS)
# Any constant will do.
LOCK: Final = 4_202_020
LONGEST_EXCEPTION: Final = timedelta(days=31)


@dataclass(frozen=True)
class Window:
    """A window that holds now. ends_at None: until the report is out.   row None: it is there by itself."""

    words: str
    binds: str
    starts_at: datetime
    ends_at: datetime | None
    row: EmbargoWindow | None = None

    @property
    def sentence(self) -> str:
        until = "the report is out" if self.ends_at is None else clock.worded(self.ends_at)
        return f"{self.words}, until {until}"


def hold(*, exclusive: bool) -> None:
    """Whoever judges a sale shares this lock, and whoever changes what forbids one holds it alone, to the end of the
    transaction: so no window comes between the word and the deed."""
    shared = "" if exclusive else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(%s)", [LOCK])


@contextmanager
def refusing() -> Iterator[None]:
    """Around a transaction: where a window opened after we had judged, the database forbids, which is a refusal."""
    try:
        yield
    except IntegrityError as why:
        if isinstance(why.__cause__, RestrictViolation):
            raise Refused(why.__cause__.diag.message_primary or str(why)) from why
        raise


def windows(now: datetime) -> list[Window]:
    """Those that hold now, the earliest first."""
    told = EmbargoWindow.objects.filter(starts_at__lte=now, ends_at__gt=now, lifted_at=None)
    found = [Window(one.get_kind_display(), one.binds, one.starts_at, one.ends_at, one) for one in told]
    waiting = Report.objects.filter(basis="ledger", state__in=["draft", "approved"], release_at__isnull=False)
    for report in waiting.defer("snapshot"):
        words = f"Before the release of {report.month:%B %Y}"
        found.append(Window(words, EmbargoWindow.Binds.INSIDERS, report.made_at, None))
    return sorted(found, key=lambda one: one.starts_at)


def binding(user: User, now: datetime) -> list[Window]:
    """The windows that forbid the person to sell."""
    found = windows(now)
    if not found or not Insider.objects.filter(LISTED).exists():
        return found
    times = list(Insider.objects.filter(user=user).values_list("ended_at", flat=True))

    def knows(window: Window) -> bool:
        return any(ended is None or ended > window.starts_at for ended in times)

    return [one for one in found if one.binds == EmbargoWindow.Binds.EVERYONE or knows(one)]


def open_disposals() -> QuerySet[Proposal]:
    return Proposal.objects.filter(kind__in=DISPOSALS, state__in=[S.PROPOSED, S.APPROVED], allowed_by=None)


def exception_for(terms: Terms, maker: User) -> EmbargoException | None:
    """What allows the maker to propose this, the narrowest; None where nothing forbids it. Raises Refused."""
    if terms.kind not in DISPOSALS:
        return None
    now = judged_at()
    bound = binding(maker, now)
    if not bound:
        return None
    rows = EmbargoException.objects.filter(proposal__maker=maker, sale=None, until__gt=now, sat__gte=terms.sat)
    found = rows.order_by("sat", "pk").first()
    if found is None:
        raise Refused(f"{bound[0].sentence}: a sale takes an exception that two others allow")
    return found


def use(exception: EmbargoException | None, sale: Proposal) -> None:
    """The exception is for this sale and no other. Raises Refused."""
    if exception is not None and not move(exception, "sale", None, sale):
        raise Refused("another sale took the exception")


def judged_at() -> datetime:
    """The time at which a sale is judged: asked under the lock, else a window set meanwhile would begin after it."""
    hold(exclusive=False)
    return clock.database_now()


def refuse(sale: Proposal, user: User) -> None:
    """Raises Refused where a window forbids the person to approve or book the sale."""
    if sale.kind not in DISPOSALS:
        return
    bound = binding(user, judged_at())
    if bound and not EmbargoException.objects.filter(sale=sale).exists():
        raise Refused(f"{bound[0].sentence}: this sale has no exception that two others allowed")


def check_wish(terms: Terms, now: datetime) -> None:
    """An exception is asked for while something forbids, for a sale that is open. Raises Refused."""
    if not windows(now):
        raise Refused("there is no embargo: nothing to be excepted from")
    if not now < terms.values["until"] <= now + LONGEST_EXCEPTION:
        raise Refused(f"an exception ends within {LONGEST_EXCEPTION.days} days")
    number = terms.get("proposal")
    if number is None:
        return
    sale = open_disposals().filter(pk=number).first()
    if sale is None:
        raise Refused(f"proposal {number} is no open sale without an exception")
    if int(sale.terms["sat"]) > terms.sat:
        raise Refused(f"proposal {number} is over {bitcoin(sale.terms['sat'])} BTC")


def grant(row: Proposal, terms: Terms, now: datetime) -> None:
    """Part of the transaction of the last approval. Raises Refused."""
    check_wish(terms, now)
    held = "; ".join(one.sentence for one in windows(now))
    EmbargoException.objects.create(
        proposal=row, sale_id=terms.get("proposal"), sat=terms.sat, until=terms.values["until"], windows=held[:500]
    )
