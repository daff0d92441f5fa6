"""What must be in order before a month is closed: each line with its proof and its owner.

A line that stays open can be explained by a person; an explanation is kept with the closing. Books that do not tie
cannot be explained away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from django.db.models import Sum

from cango_ops.base import clock
from compute.models import Decision, Order, PoolReading, Rollup
from compute.telemetry.upsert import SITE_SCOPE
from sites.models import Site
from treasury.books import check, queries
from treasury.books.queries import Book
from treasury.closing import wallets
from treasury.closing.month_price import mark_at, sources_near
from treasury.earnings.span import Month
from treasury.loans.interest import unposted
from treasury.loans.position import loan_now
from treasury.models import ClosedMonth, Explanation, JournalEntry, Loan, Proposal
from treasury.money import percent

HOUR_S: Final = 3600
# Pools tell 24 hours before a reading, which is near midnight and not at it.
POOLS_APART_PCT: Final = Decimal(1)
MOST_NAMED: Final = 5


@dataclass(frozen=True)
class Line:
    """is_ok: the proof holds.   explanation: why it may stay open, and who says so.   must: nothing explains it."""

    code: str
    title: str
    owner: str
    is_ok: bool
    proof: str
    explanation: str = ""
    must: bool = False

    @property
    def is_settled(self) -> bool:
        return self.is_ok or (bool(self.explanation) and not self.must)

    @property
    def state(self) -> str:
        if self.is_ok:
            return "ok"
        return "maintenance" if self.is_settled else "critical" if self.must else "warning"

    @property
    def word(self) -> str:
        return "ok" if self.is_ok else "explained" if self.is_settled else "open"


@dataclass(frozen=True)
class Proof:
    """What a look found."""

    is_ok: bool
    words: str


Look = Callable[[Month, datetime], Proof]


def checklist(month: date, now: datetime) -> list[Line]:
    """Every line of the month, in the order of the work."""
    span, told = Month(month), explanations(month)
    return [
        Line(code, title, owner, *_found(look(span, now)), told.get(code, ""), code in MUST)
        for code, title, owner, look in LOOKS
    ]


def _found(proof: Proof) -> tuple[bool, str]:
    return proof.is_ok, proof.words


def explanations(month: date) -> dict[str, str]:
    rows = Explanation.objects.filter(month=month).order_by("at", "id")
    return {row.line: f"{row.words} ({row.who})" for row in rows}


def is_over(span: Month, now: datetime) -> Proof:
    done = span.is_over(now)
    return Proof(done, f"ended {clock.worded(span.end_at)}" if done else "the month has not ended yet")


def telemetry(span: Month, now: datetime) -> Proof:
    """Every minute of every site of the company."""
    sites = dict(Site.objects.filter(operator__is_company=True).values_list("pk", "code"))
    rows = Rollup.objects.filter(
        resolution_s=HOUR_S, scope=SITE_SCOPE, scope_id__in=sites, start_at__gte=span.start_at, start_at__lt=span.end_at
    )
    seen = dict(rows.values("scope_id").annotate(minutes=Sum("minutes")).values_list("scope_id", "minutes"))
    wanted = span.hours * 60
    short = [code for pk, code in sites.items() if seen.get(pk, 0) < wanted]
    if not sites:
        return Proof(False, "there is no site of the company")
    missing = sum(wanted - min(wanted, seen.get(pk, 0)) for pk in sites)
    share = 100 * missing / (wanted * len(sites))
    words = f"{len(sites) - len(short)} of {len(sites)} sites complete, {share:.2f} % of the minutes missing"
    return Proof(not short, words + (f": {named(short)}" if short else ""))


def named(codes: list[str]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(codes) - MOST_NAMED} more" if len(codes) > MOST_NAMED else ""
    return ", ".join(codes[:MOST_NAMED]) + more


def production(span: Month, now: datetime) -> Proof:
    """A day of a mine without mined coins is a payout that is not booked; what pools said is held against the books."""
    days = JournalEntry.objects.filter(kind="mined", at__gte=span.start_at, at__lt=span.end_at).dates("at", "day")
    count, said = len(set(days)), said_by_pools(span)
    words = f"mined coins are booked on {count} of {span.days} days"
    if said.days < span.days:
        told = f"pools were read on {said.days} of them" if said.days else "no pool was read"
        return Proof(count == span.days, f"{words}; {told}")
    booked = queries.quantities_between(Book.at(span.start_at), Book.at(span.end_at)).mined_sat
    apart = percent(abs(booked - said.sat), said.sat, 2)
    is_near = apart is not None and apart <= POOLS_APART_PCT
    return Proof(count == span.days and is_near, f"{words}; {booked:,} sat booked, {said.sat:,} sat said by the pools")


class Said(NamedTuple):
    """What the pools said was earned. days: those on which every account was read near its end."""

    days: int
    sat: int


def said_by_pools(span: Month) -> Said:
    """Of each day and account the last reading of its last three hours, which tells the 24 hours before it."""
    rows = PoolReading.objects.filter(
        account__operator__is_company=True, observed_at__gte=span.start_at, observed_at__lt=span.end_at,
        observed_at__hour__gte=21, earned_24h_sat__isnull=False,
    ).order_by("observed_at")  # fmt: skip
    told: dict[date, dict[int, int]] = {}
    for account, at, sat in rows.values_list("account_id", "observed_at", "earned_24h_sat"):
        told.setdefault(at.date(), {})[account] = sat or 0
    accounts = {account for day in told.values() for account in day}
    whole = [day for day in told.values() if day.keys() == accounts]
    return Said(len(whole), sum(sum(day.values()) for day in whole))


def chain(span: Month, now: datetime) -> Proof:
    """Each wallet of the books was read, or stated by its custodian, in the last day of the month, and agrees."""
    found = wallets.held(span)
    return Proof(found.is_ok, found.words)


def prices(span: Month, now: datetime) -> Proof:
    """One source, the principal market's, must have both ends of the month."""
    first, last = sources_near(span.start_at), sources_near(span.end_at)
    both = first & last
    if both:
        return Proof(True, f"prices at both ends by {', '.join(sorted(both))}")
    told = (
        f"at its {end}: {', '.join(sorted(names)) or 'nobody'}" for end, names in (("beginning", first), ("end", last))
    )
    return Proof(False, f"no source has a price in the day before both ends; {'; '.join(told)}")


def loans(span: Month, now: datetime) -> Proof:
    """Each loan can be marked at the end of the month, and its collateral is what the books say."""
    rows, coins = list(Loan.objects.prefetch_related("events")), queries.coins(span.end_at, before=True)
    mark = mark_at(span.end_at)
    price = mark.price_usd if mark else None
    off = [row.code for row in rows if not is_marked(row, span, price, coins.pledged_sat.get(row.code, 0))]
    words = f"{len(rows) - len(off)} of {len(rows)} loans marked at month-end"
    return Proof(not off, words + (f": {', '.join(off)} not" if off else ""))


def is_marked(loan: Loan, span: Month, price_usd: Decimal | None, booked_sat: int) -> bool:
    return price_usd is not None and loan_now(loan, span.end_at, price_usd, booked_sat).collateral_sat == booked_sat


def interest(span: Month, now: datetime) -> Proof:
    """Each loan's interest of the month, and of those before, is in the books as its course has it."""
    off = unposted(Loan.objects.prefetch_related("events"), min(span.end_at, now).date())
    return Proof(not off, f"not posted as it should be: {', '.join(off)}" if off else "posted for every loan")


def books(span: Month, now: datetime) -> Proof:
    faults = list(check.faults())
    return Proof(not faults, "; ".join(faults[:3]) if faults else "turnovers, lots and wallets tie to the satoshi")


def approvals(span: Month, now: datetime) -> Proof:
    """Nothing of the month still waits for somebody's yes."""
    decisions = Decision.objects.filter(
        state__in=[Decision.State.PROPOSED, Decision.State.HELD], proposed_at__lt=span.end_at
    ).count()
    orders = Order.objects.filter(state=Order.State.REQUESTED, requested_at__lt=span.end_at).count()
    waiting = Proposal.objects.filter(state__in=["proposed", "approved"], proposed_at__lt=span.end_at).count()
    asked = ClosedMonth.objects.filter(reopened_at=None, reopen_asked_at__isnull=False, month=span.first).count()
    counts = {"order": orders, "decision": decisions, "proposal": waiting, "reopening": asked}
    told = [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count]
    return Proof(not told, f"waiting for approval: {', '.join(told)}" if told else "nothing waits for approval")


LOOKS: Final[tuple[tuple[str, str, str, Look], ...]] = (
    ("over", "The month is over", "treasury", is_over),
    ("telemetry", "Telemetry is complete", "operations", telemetry),
    ("production", "Pool payouts are booked", "treasury", production),
    ("chain", "Wallets agree with the chain", "treasury", chain),
    ("prices", "Prices are present", "treasury", prices),
    ("loans", "Loans are marked", "treasury", loans),
    ("interest", "Interest is posted", "treasury", interest),
    ("books", "The books tie", "treasury", books),
    ("approvals", "No approval is open", "duty manager", approvals),
)
MUST: Final = frozenset({"over", "books"})
