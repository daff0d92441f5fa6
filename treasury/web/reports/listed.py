"""The list of the months: what is frozen, closed and released, and how the company compares with its peers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Final

from cango_ops.base import crumbs
from treasury.closing.close import last_closed
from treasury.models import Report
from treasury.reports import months, published
from treasury.reports.catalogue import BY_CODE
from treasury.reports.charts import Chart
from treasury.reports.files import snapshot_of
from treasury.reports.peer_charts import peer_chart
from treasury.reports.restating import restatements
from treasury.web.reports.page import STATES
from treasury.web.reports.trail import HOME, named

SHOWN_MONTHS: Final = 18
# Before it the company did not mine.
SINCE: Final = "2024-08"
COMPARED: Final = ("btc_produced", "operating_avg_ehs", "btc_held")


@dataclass(frozen=True)
class MonthRow:
    """A month of the list. report: the newest one that was not withdrawn.   was_released: without a report of its own
    the figures are those that the company published before this console."""

    month: str
    name: str
    is_closed: bool
    report: Report | None
    was_released: bool
    figures: tuple[str, ...]

    @property
    def state(self) -> str:
        return STATES[self.report.state] if self.report else "unknown"


@dataclass(frozen=True)
class MonthsPage:
    """heads: of the figures of a row.   peers: comparison with what others published."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    rows: tuple[MonthRow, ...]
    heads: tuple[str, ...]
    peers: tuple[Chart, ...]
    as_of: datetime


def months_page(now: datetime) -> MonthsPage:
    reports = newest_reports()
    names = sorted({*recent(now), *(f"{month:%Y-%m}" for month in reports)}, reverse=True)
    last = last_closed()
    return MonthsPage(
        title=months_title(reports, last),
        crumbs=(crumbs.COMPANY, HOME),
        rows=tuple(month_row(name, reports, last) for name in names),
        heads=tuple(f"{BY_CODE[code].name}, {BY_CODE[code].unit}" for code in COMPARED),
        peers=peer_charts(own_restated()),
        as_of=now,
    )


def months_title(reports: dict[date, Report], last: date | None) -> str:
    """The answer: what waits for somebody, else what was published last."""
    waiting = [month for month, report in reports.items() if report.state in ("draft", "approved")]
    if waiting:
        count = len(waiting)
        return f"{named(max(waiting))} waits for release" if count == 1 else f"{count} reports wait for release"
    done = [month for month, report in reports.items() if report.state == "published"]
    if done:
        return f"{named(max(done))} is published"
    return f"{named(last)} is closed, no report is frozen" if last else "No month is closed yet"


def recent(now: datetime) -> list[str]:
    """The months that can be worked on, with those that the company published, and none left out between them."""
    this = f"{now:%Y-%m}"
    found = months.until(this, 3)
    first = min([*sorted(published.facts_of(published.CANGO))[-SHOWN_MONTHS:], *found])
    while found[0] > first:
        found.insert(0, months.back(found[0]))
    return found


def newest_reports() -> dict[date, Report]:
    """By month, without the bytes."""
    rows = Report.objects.exclude(state=Report.State.WITHDRAWN).defer("snapshot").order_by("version")
    return {report.month: report for report in rows}


def month_row(name: str, reports: dict[date, Report], last: date | None) -> MonthRow:
    first = months.first_day(name)
    return MonthRow(
        month=name,
        name=named(first),
        is_closed=last is not None and first <= last,
        report=reports.get(first),
        was_released=name in published.facts_of(published.CANGO),
        figures=figures_of(reports.get(first), name),
    )


def figures_of(report: Report | None, name: str) -> tuple[str, ...]:
    if report is None:
        cells = [published.facts_of(published.CANGO).get(name, {}).get(code) for code in COMPARED]
        return tuple("–" if cell is None or cell.shown is None else f"{cell.shown:,f}" for cell in cells)
    snapshot = snapshot_of(report)
    shown = (snapshot.line(code).this.shown for code in COMPARED)
    return tuple("not reported" if value is None else f"{value:,f}" for value in shown)


def own_restated() -> dict[tuple[str, str], Decimal | None]:
    """(month, figure) of the company's own months to what it says of them now."""
    told = restatements(months.first_day(SINCE), date.max)
    return {(one.month, one.code): one.new for one in told}


def peer_charts(own: Mapping[tuple[str, str], Decimal | None]) -> tuple[Chart, ...]:
    drawn = (peer_chart_of(code, own) for code in COMPARED)
    return tuple(chart for chart in drawn if chart is not None)


def peer_chart_of(code: str, own: Mapping[tuple[str, str], Decimal | None]) -> Chart | None:
    """What companies published; of the own company what it restated since, with a star."""
    found = {company: dict(told) for company, told in peer_months(code).items()}
    starred = {month for month, figure in own if figure == code}
    mine = found.setdefault(published.CANGO, {})
    for month in starred:
        value = own[month, code]
        mine.pop(month, None)
        if value is not None:
            mine[month] = value
    one = BY_CODE[code]
    return peer_chart(code, one.name, one.unit, {name: told for name, told in found.items() if told},
                      published.CANGO, starred)  # fmt: skip


@cache
def peer_months(code: str) -> dict[str, dict[str, Decimal]]:
    """By company and month. What was published does not change while the console runs."""
    found: dict[str, dict[str, Decimal]] = {}
    for peer in published.peers(code):
        if peer.cell.shown is not None and peer.month >= SINCE:
            found.setdefault(peer.company, {})[peer.month] = peer.cell.shown
    return found
