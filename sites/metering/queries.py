"""What the power meters say, for pages and API. Every site id that comes in was filtered by visible_to(user) before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from sites.meters.counters import consumed_wh
from sites.models import Meter, MeterMinute

RESOLUTIONS_S: Final = (60, 900, 3600, 86_400)
MOST_POINTS: Final = 1_500


@dataclass(frozen=True, slots=True)
class MeterPower:
    """A site's power at its meters. power_w: the sum of the fresh ones, None where one of them is not fresh or absent.

    observed_at: of the oldest reading in the sum, or else the newest known.   reason: why there is no sum, or "".
    """

    meters: int = 0
    fresh: int = 0
    power_w: float | None = None
    observed_at: datetime | None = None
    reason: str = "no meter"

    def age_s(self, now: datetime) -> float | None:
        return None if self.observed_at is None else (now - self.observed_at).total_seconds()


@dataclass(frozen=True, slots=True)
class MeterSeries:
    """Mean power over time; point i covers [start_at[i], start_at[i] + resolution_s). A gap is None."""

    resolution_s: int
    start_at: list[datetime]
    power_w: list[float | None]


def power_now(site_ids: Iterable[int], now: datetime | None = None) -> dict[int, MeterPower]:
    """Each site's metered power; a site without a meter is there too."""
    wanted = list(site_ids)
    meters = defaultdict(list)
    for meter in Meter.objects.filter(site__in=wanted):
        meters[meter.site_id].append(meter)
    at = now or datetime.now(UTC)
    return {site_id: of_meters(meters[site_id], at) for site_id in wanted}


def of_meters(meters: Sequence[Meter], now: datetime) -> MeterPower:
    if not meters:
        return MeterPower()
    oldest = now - timedelta(seconds=2 * settings.SWEEP_S + 5)
    fresh = [
        meter for meter in meters if meter.observed_at and meter.observed_at >= oldest and meter.power_w is not None
    ]
    seen = [meter.observed_at for meter in meters if meter.observed_at]
    if len(fresh) < len(meters):
        return MeterPower(len(meters), len(fresh), None, max(seen, default=None), reason_of(meters, fresh))
    return MeterPower(len(meters), len(fresh), sum(meter.power_w or 0.0 for meter in fresh), min(seen), "")


def is_fresh(meter: Meter, oldest: datetime) -> bool:
    return meter.observed_at is not None and meter.observed_at >= oldest and meter.power_w is not None


def reason_of(meters: Sequence[Meter], fresh: Sequence[Meter]) -> str:
    """Of the first meter that is not fresh."""
    meter = next(meter for meter in meters if meter not in fresh)
    if meter.failing_since:
        return f"{meter.name}: {meter.failing_reason} since {meter.failing_since:%H:%M} UTC"
    return f"{meter.name}: stale" if meter.observed_at else f"{meter.name}: never read"


SERIES = """
WITH bucket AS (
    SELECT minute.meter_id, floor(extract(epoch FROM minute.minute_at) / %(step)s)::bigint AS place,
           avg(minute.power_w) AS power_w
    FROM meter_minute AS minute JOIN sites_meter AS meter ON meter.id = minute.meter_id
    WHERE meter.site_id = ANY(%(sites)s) AND minute.minute_at >= %(start)s AND minute.minute_at < %(end)s
      AND minute.power_w IS NOT NULL
    GROUP BY 1, 2
)
SELECT place, sum(power_w), count(*) FROM bucket GROUP BY place
"""
FIRSTS = """
SELECT (SELECT minute_at FROM meter_minute WHERE meter_id = meter.id ORDER BY minute_at LIMIT 1)
FROM sites_meter AS meter WHERE meter.site_id = ANY(%(sites)s)
"""


def series(site_ids: Sequence[int], start: datetime, end: datetime, resolution_s: int | None = None) -> MeterSeries:
    """Power at the meters of these sites together over [start, end).

    A step in which a meter is silent that had been read before is a gap.
    """
    step = resolution_s or finest(start, end)
    with connection.cursor() as cursor:
        cursor.execute(FIRSTS, {"sites": list(site_ids)})
        firsts = [first.timestamp() for (first,) in cursor.fetchall() if first is not None]
        cursor.execute(SERIES, {"step": step, "sites": list(site_ids), "start": start, "end": end})
        sums = {place: (power_w, count) for place, power_w, count in cursor.fetchall()}
    places = range(int(start.timestamp()) // step, -(-int(end.timestamp()) // step))
    power_w = []
    for place in places:
        expected = sum(first < (place + 1) * step for first in firsts)
        total, count = sums.get(place, (None, 0))
        power_w.append(total if count == expected else None)
    return MeterSeries(step, [datetime.fromtimestamp(place * step, UTC) for place in places], power_w)


def finest(start: datetime, end: datetime) -> int:
    seconds = (end - start).total_seconds()
    return next((step for step in RESOLUTIONS_S if seconds / step <= MOST_POINTS), RESOLUTIONS_S[-1])


def energy_wh(meter_id: int, start: datetime, end: datetime) -> float | None:
    """What a meter counted in [start, end), from its first to its last reading there; None without two of them."""
    rows = MeterMinute.objects.filter(meter=meter_id, minute_at__gte=start, minute_at__lt=end, energy_wh__isnull=False)
    readings = list(rows.order_by("minute_at").values_list("energy_wh", flat=True))
    return consumed_wh(readings) if len(readings) > 1 else None
