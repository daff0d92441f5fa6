"""What the page of a month shows, read once and ready to print: checklist, release, texts, the report itself."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from sites import rights
from treasury.closing.checklist import Line, checklist
from treasury.closing.close import closed, is_closed, last_closed
from treasury.earnings.span import Month
from treasury.models import ClosedMonth, Report, ReportComment, ReportFile, ReportJob, StandingText
from treasury.reports import months, published, texts
from treasury.reports.catalogue import BY_CODE
from treasury.reports.document import Document
from treasury.reports.documents.every import MEDIA
from treasury.reports.files import snapshot_of
from treasury.reports.publish import APPROVALS_NEEDED
from treasury.reports.writer import document
from treasury.web.reports.restated import RestatedPart, part
from treasury.web.reports.trail import named, of_month

STATES: Final = {"draft": "warning", "approved": "maintenance", "published": "ok", "withdrawn": "unknown"}


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
class Remark:
    """A comment, and the name of the figure that it is about; empty: of the whole report."""

    comment: ReportComment
    figure: str


@dataclass(frozen=True)
class TextRow:
    """is_outdated: a translation of words that were replaced in English."""

    text: StandingText
    language: str
    is_outdated: bool


@dataclass(frozen=True)
class MonthPage:
    """report: the version looked at; None where none is frozen.   files: its documents by language.

    last_minute: of the month, as a form says an instant."""

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
    comments: tuple[Remark, ...]
    approvals_left: int
    texts: tuple[TextRow, ...]
    in_english: tuple[str, ...]
    kinds: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]
    user_id: int
    may: May
    restated: RestatedPart
    job: JobPart | None
    request_id: uuid.UUID
    told: int
    is_published_before: bool
    last_minute: str
    as_of: datetime


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
        crumbs=of_month(month),
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
        comments=tuple(remark_of(one) for one in report.comments.all()) if report else (),
        approvals_left=max(0, APPROVALS_NEEDED - report.approvals.count()) if report else 0,
        texts=text_rows(first),
        in_english=said_in_english(first),
        kinds=texts.KINDS,
        languages=tuple(NAMES.items()),
        user_id=user.pk,
        may=may(user),
        restated=part(first, user),
        job=job_part(first),
        request_id=uuid.uuid4(),
        told=report.deliveries.count() if report else 0,
        is_published_before=month in published.facts_of(published.CANGO),
        last_minute=f"{Month(first).last}T23:59:59",
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
    files = sorted(report.files.defer("data"), key=place_of)
    for language, name in NAMES.items():
        if found := tuple(file for file in files if language_of(file, report) == language):
            yield name, found


def place_of(file: ReportFile) -> tuple[int, str]:
    """What people read comes first."""
    endings = list(MEDIA)
    ending = file.name.rpartition(".")[2]
    return endings.index(ending) if ending in endings else len(endings), file.name


def language_of(file: ReportFile, report: Report) -> str:
    return next((one for one in NAMES if f"-{report.month:%Y-%m}-{one}" in file.name), "en")


def document_of(report: Report) -> Document:
    """With the hash that was approved, whatever the format of the snapshot was then."""
    return replace(document(snapshot_of(report)), sha256=report.sha256)


def remark_of(one: ReportComment) -> Remark:
    return Remark(one, BY_CODE[one.code].name if one.code in BY_CODE else one.code)


def text_rows(first: date) -> tuple[TextRow, ...]:
    """The newest version of each text that is for this month or for every month, approved or not."""
    found = texts.newest(first, StandingText.objects.all())
    approved = texts.newest(first, StandingText.objects.filter(approved_at__isnull=False))
    return tuple(TextRow(found[key], NAMES[key[1]], texts.is_outdated(found[key], approved)) for key in sorted(found))


def said_in_english(first: date) -> tuple[str, ...]:
    """What documents of other languages say in English, as sentences."""
    return tuple(f"{NAMES[language]}: {', '.join(kinds)}" for language, kinds in texts.not_translated(first).items())


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
