"""The entries of the books behind a figure, and one entry with its postings, its statement and its lots."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cango_ops.base import clock, crumbs
from treasury.reports import ledger_rows, months
from treasury.reports.catalogue import BY_CODE
from treasury.reports.from_books import KINDS
from treasury.reports.ledger_rows import EntryRow, EntrySources
from treasury.web.reports.guard import of_the_books, shown, there
from treasury.web.reports.trail import named_month, of_month

MOST: Final = 3000


@dataclass(frozen=True)
class EntriesPage:
    """rows: at most MOST; more: how many there are beside them."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    month: str
    rows: tuple[EntryRow, ...]
    more: int
    moved_sat: int
    as_of: datetime


@dataclass(frozen=True)
class EntryPage:
    """evidence: what was written down with it, name by name."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    found: EntrySources
    evidence: tuple[tuple[str, str], ...]
    as_of: datetime


@require_safe
@of_the_books
def entries(request: HttpRequest, month: str, code: str) -> HttpResponse:
    if code not in KINDS:
        raise Http404
    rows = ledger_rows.entries_behind(months.first_day(month), code)
    name = BY_CODE[code].name
    page = EntriesPage(
        title=f"{name}, {named_month(month)}: {len(rows)} {'entry' if len(rows) == 1 else 'entries'} of the books",
        crumbs=of_month(month, crumbs.Crumb(name, f"/treasury/reports/{month}/entries/{code}/")),
        month=month,
        rows=tuple(rows[:MOST]),
        more=max(0, len(rows) - MOST),
        moved_sat=sum(row.moved_sat for row in rows),
        as_of=clock.now(),
    )  # fmt: skip
    return shown(request, "treasury/report_entries.html", page)


@require_safe
@of_the_books
def entry(request: HttpRequest) -> HttpResponse:
    found: EntrySources = there(ledger_rows.sources_of(request.GET.get("source", "")))
    row, month = found.entry, f"{found.entry.at:%Y-%m}"
    page = EntryPage(
        title=f"{row.kind.capitalize()}, {clock.worded(row.at)}",
        crumbs=of_month(month, crumbs.Crumb(row.source_id, request.get_full_path())),
        found=found,
        evidence=tuple(flat(row.evidence.get("told", {})) + flat(row.evidence.get("proof", row.evidence))),
        as_of=clock.now(),
    )  # fmt: skip
    return shown(request, "treasury/report_entry.html", page)


def flat(told: dict[str, object], before: str = "") -> list[tuple[str, str]]:
    """Names of nested parts in a row, as "price source"; what was not said is left out."""
    found: list[tuple[str, str]] = []
    for name, value in told.items():
        word = f"{before} {name}".strip().replace("_", " ")
        if name != "told" and value is not None:
            found += flat(value, word) if isinstance(value, dict) else [(word, str(value))]
    return found
