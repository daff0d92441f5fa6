"""Uptime of sites: average operating hashrate over deployed hashrate of the minutes that were observed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Min, Q, Sum

from compute.models.telemetry import DirtyHour, Rollup
from compute.telemetry.upsert import SITE_SCOPE

MINUTE_S: Final = 60
# The longest span read minute by minute; of a longer one the hours that are rolled up already are read as such.
FINE_S: Final = 26 * 3_600
QUARTER_S: Final = 900
HOUR_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class Uptimes:
    """Between 0 and 1, and a little above where machines beat their nameplate. A site that was not observed, or has
    nothing deployed, is not in by_site."""

    all_sites: float | None = None
    by_site: Mapping[int, float] = field(default_factory=dict)


def uptimes(site_ids: Sequence[int], start: datetime, end: datetime) -> Uptimes:
    """Of each site and of all together over [start, end). The ids were filtered by visible_to(user) before."""
    rows = sums(site_ids, start, end)
    could = sum(row["could"] for row in rows)
    return Uptimes(
        all_sites=sum(row["ran"] or 0.0 for row in rows) / could if could else None,
        by_site={row["scope_id"]: (row["ran"] or 0.0) / row["could"] for row in rows},
    )


def sums(site_ids: Sequence[int], start: datetime, end: datetime) -> list[dict[str, Any]]:
    coarse_s = coarse(start, end)
    border = start if coarse_s == MINUTE_S else min(end, not_rolled_up(site_ids, end) or end)
    spans = Q(resolution_s=coarse_s, start_at__gte=start, start_at__lt=border)
    spans |= Q(resolution_s=MINUTE_S, start_at__gte=max(start, border), start_at__lt=end)
    observed = Rollup.objects.filter(spans, scope=SITE_SCOPE, scope_id__in=list(site_ids), deployed_ths__gt=0)
    weighed = observed.values("scope_id").annotate(
        ran=Sum(F("hashrate_ths") * F("minutes")), could=Sum(F("deployed_ths") * F("minutes"))
    )
    return [dict(row) for row in weighed]


def coarse(start: datetime, end: datetime) -> int:
    length_s = (end - start).total_seconds()
    if length_s <= FINE_S:
        return MINUTE_S
    return QUARTER_S if length_s <= 31 * 24 * HOUR_S else HOUR_S


def not_rolled_up(site_ids: Sequence[int], end: datetime) -> datetime | None:
    """The first hour of these sites whose quarters and hour are not made yet."""
    waiting = DirtyHour.objects.filter(site_id__in=list(site_ids), rolled_up=False, hour_at__lt=end)
    return waiting.aggregate(first=Min("hour_at"))["first"]
