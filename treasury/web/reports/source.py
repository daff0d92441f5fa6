"""The rows behind a figure, as a page: the days of a site in a month, and the hours of a day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cango_ops.base import clock, crumbs
from cango_ops.base.answers import person
from sites.models import Site
from treasury.earnings.span import Month
from treasury.reports import months, rows
from treasury.reports.rows import SourceRow
from treasury.web.reports.guard import of_the_books, shown, there
from treasury.web.reports.trail import of_month

HEADS: Final = (
    "Minutes", "Deployed, EH/s", "Operating, EH/s", "Machines", "Answered", "Worked", "Metered, MWh", "Power, $",
    "GPU-hours", "Switching gain, $",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """link: to the hours of the day, or the minutes of the hour."""

    name: str
    link: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SourcePage:
    """day: of the hours shown, None where days are."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    month_name: str
    day: date | None
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    api: str
    as_of: datetime


@require_safe
@of_the_books
def source(request: HttpRequest, month: str, code: str, day: str = "") -> HttpResponse:
    site = there(Site.objects.visible_to(person(request)).filter(code=code).first())
    return shown(request, "treasury/report_source.html", page_of(month, site, day_of(month, day)))


def day_of(month: str, day: str) -> date | None:
    """Raises Garbled, Http404."""
    first = months.first_day(month)
    if not day:
        return None
    try:
        found = date.fromisoformat(day)
    except ValueError as why:
        raise Http404 from why
    if found.replace(day=1) != first:
        raise Http404
    return found


def page_of(month: str, site: Site, day: date | None) -> SourcePage:
    home = f"/treasury/reports/{month}/sites/{site.code}/"
    trail = of_month(month, crumbs.Crumb(site.code, home))
    if day is not None:
        trail += (crumbs.Crumb(f"{day:%-d %B}", f"{home}{day}/"),)
    span = Month(months.first_day(month))
    found = rows.hours(site, day) if day else rows.days(site, span)
    known = sum(row.minutes > 0 for row in found)
    kind = "hours" if day else "days"
    return SourcePage(
        title=f"{site.code}: {known} of {len(found)} {kind} of {named_day(day) if day else span.name} observed",
        crumbs=trail,
        site=site,
        month_name=span.name,
        day=day,
        heads=HEADS if day is None else HEADS[:7],
        rows=tuple(row_of(row, site, home, is_hour=day is not None) for row in found),
        api=api_of(site, found[0].start_at, found[-1].end_at, 3600),
        as_of=clock.now(),
    )


def named_day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def row_of(row: SourceRow, site: Site, home: str, *, is_hour: bool) -> Row:
    cells = (
        f"{row.minutes:,}", told(eh(row.deployed_ths), 4), told(eh(row.hashrate_ths), 4), told(row.expected, 0),
        told(row.present, 0), told(row.up, 0), told(row.energy_mwh, 3), told(row.power_usd, 2), told(row.gpu_hours, 1),
        told(row.gain_usd, 2),
    )  # fmt: skip
    if not is_hour:
        day = f"{row.start_at:%Y-%m-%d}"
        return Row(named_day(row.start_at), f"{home}{day}/", cells)
    return Row(f"{row.start_at:%H:%M} UTC", minutes_of(site, row), cells[:7])


def minutes_of(site: Site, row: SourceRow) -> str:
    asked = {"from": f"{row.start_at:%Y-%m-%dT%H:%M:%SZ}", "to": f"{row.end_at:%Y-%m-%dT%H:%M:%SZ}"}
    return f"/sites/{site.code}/?{urlencode(asked, safe=':')}"


def api_of(site: Site, start_at: datetime, end_at: datetime, step_s: int) -> str:
    asked = {
        "scope": "site", "id": site.code, "metrics": "deployed_ths,hashrate_ths,meter_power_w",
        "from": f"{start_at:%Y-%m-%dT%H:%M:%SZ}", "to": f"{end_at:%Y-%m-%dT%H:%M:%SZ}", "resolution_s": str(step_s),
    }  # fmt: skip
    return f"/api/v1/series/?{urlencode(asked, safe=',:')}"


def eh(ths: float | None) -> float | None:
    return None if ths is None else ths / 1e6


def told(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:,.{places}f}"
