"""The entries of the books behind a month's figures, and one entry with all that it stands on, as they are kept now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from treasury.earnings.span import Month
from treasury.models import JournalEntry, LotUse, PoolEarning, PoolPayout, Posting
from treasury.reports.from_books import KINDS

COINS: Final = "Assets:Bitcoin:"
DOLLARS: Final = "USD"


@dataclass(frozen=True)
class EntryRow:
    """moved_sat: into the wallets, loans and pools of the books, less what went out.   usd: its postings in dollars."""

    entry: JournalEntry
    moved_sat: int
    usd: Decimal


@dataclass(frozen=True)
class EntrySources:
    """payout: the line of the pool's statement.   earnings: what the pool credited for the days that it may pay.

    uses: lots that the coins were taken from, with their cost.
    """

    entry: JournalEntry
    postings: tuple[Posting, ...]
    payout: PoolPayout | None
    earnings: tuple[PoolEarning, ...]
    uses: tuple[LotUse, ...]
    reversed_by: JournalEntry | None


def entries_behind(month: date, code: str) -> list[EntryRow]:
    """The entries of a month that a figure counts, in order; none where the figure is not of entries."""
    span = Month(month)
    rows = JournalEntry.objects.filter(kind__in=KINDS.get(code, ()), at__gte=span.start_at, at__lt=span.end_at)
    return [entry_row(entry) for entry in rows.prefetch_related("postings__account")]


def entry_row(entry: JournalEntry) -> EntryRow:
    postings = list(entry.postings.all())
    return EntryRow(entry, coins_of(postings), dollars_of(postings))


def coins_of(postings: Sequence[Posting]) -> int:
    return sum(one.amount_sat or 0 for one in postings if one.account.code.startswith(COINS))


def dollars_of(postings: Sequence[Posting]) -> Decimal:
    """One side of it."""
    amounts = (one.amount for one in postings if one.currency == DOLLARS and one.amount is not None and one.amount > 0)
    return sum(amounts, Decimal("0.00"))


def sources_of(source_id: str) -> EntrySources | None:
    """None where the books have no such entry."""
    entry = JournalEntry.objects.filter(source_id=source_id).select_related("reverses").first()
    if entry is None:
        return None
    payout = payout_of(entry)
    return EntrySources(
        entry=entry,
        postings=tuple(entry.postings.select_related("account")),
        payout=payout,
        earnings=tuple(earnings_before(payout)) if payout else (),
        uses=tuple(LotUse.objects.filter(disposal=entry).select_related("lot__entry").order_by("pk")),
        reversed_by=JournalEntry.objects.filter(reverses=entry).first(),
    )


def payout_of(entry: JournalEntry) -> PoolPayout | None:
    kind, _, rest = entry.source_id.partition("/")
    account, _, key = rest.partition("/")
    if kind != "payout" or not account.isdecimal():
        return None
    return PoolPayout.objects.filter(account_id=int(account), key=key).select_related("account__operator").first()


def earnings_before(payout: PoolPayout) -> list[PoolEarning]:
    """What the pool credited since its payout before this one, the newest day first."""
    before = PoolPayout.objects.filter(account=payout.account, paid_at__lt=payout.paid_at).order_by("-paid_at").first()
    rows = PoolEarning.objects.filter(account=payout.account, day__lte=payout.paid_at.date())
    if before is not None:
        rows = rows.filter(day__gte=before.paid_at.date())
    return list(rows.order_by("-day")[:40])
