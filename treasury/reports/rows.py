"""The rows behind a month's figures of one site: its days, and the hours of a day, as they are kept now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import F, Sum
from django.db.models.functions import TruncDay

from compute.models import Hindsight, Rollup
from compute.telemetry.upsert import SITE_SCOPE
from sites.metering import queries as metering
from sites.models import Site
from treasury.earnings.span import Month
from treasury.models import SiteDay

HOUR_S: Final = 3600
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class SourceRow:
    """A day or an hour of a site. Machine counts are per minute, on average; None: not known."""

    start_at: datetime
    end_at: datetime
    minutes: int
    deployed_ths: float | None
    hashrate_ths: float | None
    expected: float | None
    present: float | None
    up: float | None
    energy_mwh: float | None
    power_usd: float | None
    gpu_hours: float | None
    gain_usd: float | None


def days(site: Site, span: Month) -> list[SourceRow]:
    """Every day of the month, those too of which nothing is known."""
    observed = {row["at"].date(): row for row in by_day(site, span)}
    told = {row.day: row for row in SiteDay.objects.filter(site=site, day__gte=span.first, day__lt=span.end_at.date())}
    gains = {row.day: row for row in Hindsight.objects.filter(site=site, day__in=list(dates(span)))}
    return [day_row(day, observed.get(day), told.get(day), gains.get(day)) for day in dates(span)]


def dates(span: Month) -> Iterator[date]:
    for place in range(span.days):
        yield span.first + place * DAY


def by_day(site: Site, span: Month) -> Sequence[dict[str, Any]]:
    rows = hours_between(site, span.start_at, span.end_at).annotate(at=TruncDay("start_at", tzinfo=UTC)).values("at")
    return list(rows.annotate(**SUMS).order_by("at"))


SUMS: Final = {
    "seen": Sum("minutes"), "deployed": Sum(F("deployed_ths") * F("minutes")),
    "ran": Sum(F("hashrate_ths") * F("minutes")), "machines": Sum("expected"), "answered": Sum("present"),
    "working": Sum("up"),
}  # fmt: skip


def hours_between(site: Site, start_at: datetime, end_at: datetime) -> Any:
    return Rollup.objects.filter(
        resolution_s=HOUR_S, scope=SITE_SCOPE, scope_id=site.pk, start_at__gte=start_at, start_at__lt=end_at
    )


def day_row(day: date, seen: dict[str, Any] | None, told: SiteDay | None, gain: Hindsight | None) -> SourceRow:
    begin = datetime.combine(day, time(), UTC)
    usd = None if gain is None or gain.earned_usd is None or gain.always_on_usd is None else (
        float(gain.earned_usd - gain.always_on_usd))  # fmt: skip
    return SourceRow(
        start_at=begin, end_at=begin + DAY, **observed_of(seen),
        energy_mwh=float(told.energy_kwh) / 1000 if told and told.energy_hours else None,
        power_usd=float(told.power_usd) if told and told.power_hours else None,
        gpu_hours=told.gpu_minutes_available / 60 if told and told.gpu_minutes_observed else None,
        gain_usd=usd,
    )  # fmt: skip


def observed_of(seen: dict[str, Any] | None) -> dict[str, Any]:
    minutes = (seen or {}).get("seen") or 0
    names = {"deployed_ths": "deployed", "hashrate_ths": "ran", "expected": "machines", "present": "answered",
             "up": "working"}  # fmt: skip
    means = {
        name: seen[column] / minutes if seen and minutes and seen[column] is not None else None
        for name, column in names.items()
    }
    return {"minutes": minutes, **means}


def hours(site: Site, day: date) -> list[SourceRow]:
    """The hours of a day; energy by the mean power of each at the meters."""
    begin = datetime.combine(day, time(), UTC)
    seen = {row["start_at"]: row for row in hours_between(site, begin, begin + DAY).values("start_at").annotate(**SUMS)}
    power = metering.series([site.pk], begin, begin + DAY, HOUR_S)
    watts = dict(zip(power.start_at, power.power_w, strict=True))
    starts = [begin + HOUR * place for place in range(24)]
    return [hour_row(at, seen.get(at), watts.get(at)) for at in starts]


def hour_row(at: datetime, seen: dict[str, Any] | None, watts: float | None) -> SourceRow:
    mwh = None if watts is None else watts / 1e6
    return SourceRow(at, at + HOUR, **observed_of(seen), energy_mwh=mwh, power_usd=None, gpu_hours=None, gain_usd=None)
