"""What the pages of the monthly reports show, read once and ready to print."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Final

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from sites import rights
from treasury.closing.checklist import Line, checklist
from treasury.closing.close import closed, is_closed, last_closed
from treasury.models import ClosedMonth, Report, ReportComment, ReportFile, ReportJob, StandingText
from treasury.reports import months, published
from treasury.reports.catalogue import BY_CODE
from treasury.reports.charts import Chart
from treasury.reports.document import Document
from treasury.reports.files import snapshot_of
from treasury.reports.numbers import month_name
from treasury.reports.peer_charts import peer_chart
from treasury.reports.publish import APPROVALS_NEEDED
from treasury.reports.restating import restatements
from treasury.reports.snapshot import Line as FigureLine
from treasury.reports.texts import KINDS
from treasury.reports.writer import document
from treasury.web.reports.lineage import Source, lineage_of
from treasury.web.reports.restated import RestatedPart, part

HOME: Final = crumbs.Crumb("Months", "/treasury/reports/")
SHOWN_MONTHS: Final = 18
# Before it the company did not mine.
SINCE: Final = "2024-08"
COMPARED: Final = ("btc_produced", "operating_avg_ehs", "btc_held")
STATES: Final = {"draft": "warning", "approved": "maintenance", "published": "ok", "withdrawn": "unknown"}


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


@dataclass(frozen=True)
class May:
    """What the person may do here."""

    close: bool
    write: bool
    approve: bool


@dataclass(frozen=True)
class JobPart:
    """The report that was asked for last. link: of what came of it."""

    is_open: bool
    done: int
    total: int
    step: str
    asked_by: str
    asked_at: datetime
    error: str
    version: int | None
    link: str


@dataclass(frozen=True)
class MonthPage:
    """report: the version looked at; None where none is frozen.   files: its documents by language."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    month: str
    lines: tuple[Line, ...]
    open_lines: int
    closing: ClosedMonth | None
    is_closed: bool
    can_reopen: bool
    report: Report | None
    report_state: str
    files: tuple[tuple[str, tuple[ReportFile, ...]], ...]
    versions: tuple[Report, ...]
    document: Document | None
    comments: tuple[ReportComment, ...]
    approvals_left: int
    texts: tuple[StandingText, ...]
    kinds: tuple[str, ...]
    user_id: int
    may: May
    restated: RestatedPart
    job: JobPart | None
    request_id: uuid.UUID
    told: int
    is_published_before: bool
    as_of: datetime


@dataclass(frozen=True)
class FigurePage:
    """One figure of a frozen report, and the way back to its sources."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    month: str
    report: Report
    line: FigureLine
    columns: tuple[tuple[str, str, str], ...]
    lineage: tuple[Source, ...]
    comments: tuple[ReportComment, ...]
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


def named(month: date) -> str:
    return month_name(month, "en")


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


def month_page(month: str, version: int | None, user: User) -> MonthPage | None:
    """The page of a month, at a version or at the newest; None where there is no such version. Raises Garbled."""
    first, now = months.first_day(month), clock.now()
    versions = list(Report.objects.visible_to(user).filter(month=first).defer("snapshot").order_by("-version"))
    report = chosen(versions, version)
    if version is not None and report is None:
        return None
    lines, row = checklist(first, now), closed(first)
    open_lines = sum(not line.is_settled for line in lines)
    return MonthPage(
        title=month_title(named(first), report, is_closed(first), open_lines),
        crumbs=(crumbs.COMPANY, HOME, crumbs.Crumb(month, f"/treasury/reports/{month}/")),
        month=month,
        lines=tuple(lines),
        open_lines=open_lines,
        closing=row,
        is_closed=is_closed(first),
        can_reopen=row is not None and first == last_closed(),
        report=report,
        report_state=STATES[report.state] if report else "",
        files=tuple(by_language(report)) if report else (),
        versions=tuple(versions),
        document=document_of(report) if report else None,
        comments=tuple(report.comments.all()) if report else (),
        approvals_left=max(0, APPROVALS_NEEDED - report.approvals.count()) if report else 0,
        texts=newest_texts(first),
        kinds=KINDS,
        user_id=user.pk,
        may=may(user),
        restated=part(first, user),
        job=job_part(first),
        request_id=uuid.uuid4(),
        told=report.deliveries.count() if report else 0,
        is_published_before=month in published.facts_of(published.CANGO),
        as_of=now,
    )


def job_part(first: date) -> JobPart | None:
    row = ReportJob.objects.filter(month=first).select_related("report").defer("report__snapshot").first()
    if row is None:
        return None
    version = row.report.version if row.report else None
    return JobPart(
        is_open=row.state in (ReportJob.State.WAITING, ReportJob.State.RUNNING), done=row.done, total=row.total,
        step=row.step or row.get_state_display(), asked_by=row.asked_by, asked_at=row.asked_at, error=row.error,
        version=version, link=f"/treasury/reports/{first:%Y-%m}/{version}/" if version else "",
    )  # fmt: skip


NAMES: Final = {"en": "English", "fr": "French", "it": "Italian", "zh": "Chinese"}


def by_language(report: Report) -> Iterator[tuple[str, tuple[ReportFile, ...]]]:
    """English first, with what holds no words."""
    files = list(report.files.defer("data"))
    for language, name in NAMES.items():
        if found := tuple(file for file in files if language_of(file, report) == language):
            yield name, found


def language_of(file: ReportFile, report: Report) -> str:
    return next((one for one in NAMES if f"-{report.month:%Y-%m}-{one}" in file.name), "en")


def document_of(report: Report) -> Document:
    """With the hash that was approved, whatever the format of the snapshot was then."""
    return replace(document(snapshot_of(report)), sha256=report.sha256)


def newest_texts(first: date) -> tuple[StandingText, ...]:
    """The newest version of each text that is for this month or for every month."""
    rows = StandingText.objects.order_by("version")
    newest = {(row.kind, row.language): row for row in rows if row.month in (None, first)}
    return tuple(newest[key] for key in sorted(newest))


def chosen(versions: Sequence[Report], version: int | None) -> Report | None:
    if version is not None:
        return next((one for one in versions if one.version == version), None)
    return next((one for one in versions if one.state != Report.State.WITHDRAWN), None)


def may(user: User) -> May:
    return May(
        close=rights.may(user, rights.CLOSE_MONTHS),
        write=rights.may(user, rights.WRITE_REPORTS),
        approve=rights.may(user, rights.APPROVE_REPORTS),
    )


def month_title(name: str, report: Report | None, closed_already: bool, open_lines: int) -> str:
    if report is not None:
        return f"{name}: version {report.version} is {report.get_state_display().lower()}"
    if closed_already:
        return f"{name} is closed, no report is frozen"
    return f"{name}: {open_lines} of the checklist open" if open_lines else f"{name} can be closed"


def figure_page(month: str, version: int, code: str, user: User) -> FigurePage | None:
    """None where there is no such version or figure. Raises Garbled."""
    first = months.first_day(month)
    report = Report.objects.visible_to(user).filter(month=first, version=version).first()
    if report is None or code not in BY_CODE:
        return None
    line = snapshot_of(report).line(code)
    names = (month, months.back(month), months.back(month, 12))
    values = (line.this, line.last, line.year_ago)
    home = f"/treasury/reports/{month}/{version}/"
    shown = "not reported" if line.this.shown is None else f"{line.this.shown:,f} {line.unit}"
    return FigurePage(
        title=f"{line.name}: {shown}",
        crumbs=(crumbs.COMPANY, HOME, crumbs.Crumb(month, home), crumbs.Crumb(line.name, f"{home}figures/{code}/")),
        month=month,
        report=report,
        line=line,
        columns=tuple(
            (name, "not reported" if value.shown is None else f"{value.shown:,f}",
             value.reason if value.value is None else f"{value.value:,f}")
            for name, value in zip(names, values, strict=True)
        ),
        lineage=lineage_of(line, month, version),
        comments=tuple(report.comments.filter(code=code)),
        as_of=clock.now(),
    )  # fmt: skip
