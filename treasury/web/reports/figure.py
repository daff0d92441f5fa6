"""One figure of a frozen report: what it means, its months, where it comes from, what was said of it."""

from dataclasses import dataclass
from datetime import datetime

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from treasury.models import Report, ReportComment
from treasury.reports import months
from treasury.reports.catalogue import BY_CODE
from treasury.reports.files import snapshot_of
from treasury.reports.snapshot import Line
from treasury.web.reports.lineage import Source, lineage_of
from treasury.web.reports.trail import HOME, named, named_month


@dataclass(frozen=True)
class FigurePage:
    """One figure of a frozen report, and the way back to its sources."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    month: str
    report: Report
    line: Line
    columns: tuple[tuple[str, str, str], ...]
    lineage: tuple[Source, ...]
    comments: tuple[ReportComment, ...]
    as_of: datetime


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
        crumbs=(
            crumbs.COMPANY, HOME, crumbs.Crumb(named(first), home), crumbs.Crumb(line.name, f"{home}figures/{code}/"),
        ),
        month=month,
        report=report,
        line=line,
        columns=tuple(
            (named_month(name), "not reported" if value.shown is None else f"{value.shown:,f}",
             value.reason if value.value is None else f"{value.value:,f}")
            for name, value in zip(names, values, strict=True)
        ),
        lineage=lineage_of(line, month, version),
        comments=tuple(report.comments.filter(code=code)),
        as_of=clock.now(),
    )  # fmt: skip
