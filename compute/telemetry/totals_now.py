"""Totals of sites, containers and the fleet as they stand now, from the small rows of totals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from compute.telemetry import verdict
from compute.telemetry.answers import FleetTotals, Totals
from compute.telemetry.database import Statements
from sites.models.window import OF_CONTAINER, OF_SITE

STATES: Final = ("critical", "warning", "stale", "maintenance", "ok", "unknown")
SUMMED: Final = ("hashrate_ths", "power_w", "requests_running", "tokens_per_s")
COLUMNS: Final = (
    "id", "planned_until", "planned_why", "swept_at", "state", "reason", "since",
    "devices", "reporting", "ok", "warning", "critical", "maintenance", "unknown", "deployed_ths", "hashrate_ths",
    "power_w", "temp_max_c", "gpus", "gpus_reporting", "gpu_busy", "requests_running", "tokens_per_s", "observed_at",
    "meter_power_w",
)  # fmt: skip
SITES: Final = f"""
SELECT site.id, max(planned.end_at), max(planned.reason), sweep.swept_at, sweep.state, sweep.reason, sweep.since,
    sum(box.devices)::int, sum(box.reporting)::int, sum(box.ok)::int, sum(box.warning)::int, sum(box.critical)::int,
    sum(box.maintenance)::int, sum(box.unknown)::int, sum(box.deployed_ths), sum(box.hashrate_ths), sum(box.power_w),
    max(box.temp_max_c), sum(box.gpus)::int, sum(box.gpus_reporting), sum(box.gpu_busy), sum(box.requests_running),
    sum(box.tokens_per_s), max(box.observed_at),
    (SELECT CASE WHEN bool_and(observed_at > %s AND power_w IS NOT NULL) THEN sum(power_w) END
     FROM sites_meter WHERE site_id = site.id)
FROM sites_site AS site
{OF_SITE}
LEFT JOIN telemetry_site AS sweep ON sweep.site_id = site.id
LEFT JOIN telemetry_totals AS box ON box.site_id = site.id
WHERE site.id = ANY(%s::bigint[])
GROUP BY site.id, sweep.site_id
"""  # noqa: S608
CONTAINERS: Final = f"""
SELECT container.id, planned.end_at, planned.reason,
    CASE WHEN box.swept_at IS NOT NULL THEN sweep.swept_at END, box.state, box.reason, box.since, box.devices,
    box.reporting, box.ok, box.warning, box.critical, box.maintenance, box.unknown, box.deployed_ths, box.hashrate_ths,
    box.power_w, box.temp_max_c, box.gpus, box.gpus_reporting, box.gpu_busy, box.requests_running, box.tokens_per_s,
    box.observed_at, NULL
FROM compute_container AS container
JOIN sites_site AS site ON site.id = container.site_id
{OF_CONTAINER}
LEFT JOIN telemetry_site AS sweep ON sweep.site_id = site.id
LEFT JOIN telemetry_totals AS box ON box.container_id = container.id
WHERE container.id = ANY(%s::bigint[])
"""  # noqa: S608
UNSEEN: Final = """
SELECT {column}, count(*)::int, coalesce(sum(nameplate_ths), 0.0), coalesce(sum(gpus), 0)::int
FROM compute_device WHERE {column} = ANY(%s::bigint[]) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """State of a site or of what stands on it, as read now. for_all: it holds for every machine there."""

    state: str
    reason: str
    since: datetime | None
    for_all: bool = False


def stale_before(now: datetime) -> datetime:
    return now - timedelta(seconds=verdict.stale_after_s(settings.SWEEP_S))


def standing(row: Mapping[str, Any], now: datetime) -> Standing:
    until, swept_at = row["planned_until"], row["swept_at"]
    if until is not None and until > now:
        return Standing(verdict.MAINTENANCE, row["planned_why"], None, True)
    if swept_at is None:
        return Standing(verdict.UNKNOWN, verdict.NEVER_POLLED, None)
    if swept_at < stale_before(now):
        return Standing(verdict.STALE, f"not polled since {verdict.clock(int(swept_at.timestamp()))}", swept_at, True)
    return Standing(row["state"], row["reason"], row["since"])


def of_sites(sql: Statements, site_ids: list[int], now: datetime) -> dict[int, Totals]:
    rows = sql.rows(SITES, [stale_before(now), site_ids])
    return answered(sql, "site_id", [dict(zip(COLUMNS, row, strict=True)) for row in rows], now)


def of_containers(sql: Statements, container_ids: list[int], now: datetime) -> dict[int, Totals]:
    rows = sql.rows(CONTAINERS, [container_ids])
    return answered(sql, "container_id", [dict(zip(COLUMNS, row, strict=True)) for row in rows], now)


def answered(sql: Statements, column: str, rows: list[dict[str, Any]], now: datetime) -> dict[int, Totals]:
    """A site or container without totals was never polled: its machines are counted on the site map."""
    unseen = [row["id"] for row in rows if row["devices"] is None]
    counted = {one: rest for one, *rest in sql.rows(UNSEEN.format(column=column), [unseen])} if unseen else {}
    for row in rows:
        if row["devices"] is None:
            devices, deployed_ths, gpus = counted.get(row["id"], (0, 0.0, 0))
            row |= dict.fromkeys(verdict.STATES, 0) | {"unknown": devices, "devices": devices, "reporting": 0}
            row |= {"deployed_ths": deployed_ths, "gpus": gpus}
    return {row["id"]: totals(row, standing(row, now), now) for row in rows}


def totals(row: Mapping[str, Any], stands: Standing, now: datetime) -> Totals:
    is_live = row["swept_at"] is not None and row["swept_at"] >= stale_before(now)
    return Totals(
        devices=row["devices"],
        reporting=row["reporting"] if is_live else 0,
        by_state=by_state(row, stands),
        **{name: row[name] for name in SUMMED},
        deployed_ths=row["deployed_ths"],
        operating_ratio=ratio(row["hashrate_ths"], row["deployed_ths"]),
        meter_power_w=row["meter_power_w"],
        gpus=row["gpus"],
        gpus_reporting=round(row["gpus_reporting"] or 0) if is_live else 0,
        gpu_utilisation_pct=ratio(row["gpu_busy"], row["gpus_reporting"], 100.0),
        temp_max_c=row["temp_max_c"],
        observed_at=row["observed_at"],
        swept_at=row["swept_at"],
        state=stands.state,
        reason=stands.reason,
        since=stands.since,
    )


def by_state(row: Mapping[str, Any], stands: Standing) -> dict[str, int]:
    """Machines of a stale site are stale, of one in maintenance in maintenance, but never those never heard of."""
    if stands.for_all:
        counts = {stands.state: row["devices"] - row["unknown"], "unknown": row["unknown"]}
    else:
        counts = {state: row[state] for state in verdict.STATES}
    return {state: counts.get(state, 0) for state in STATES}


def ratio(above: float | None, below: float | None, factor: float = 1.0) -> float | None:
    return factor * above / below if above is not None and below else None


def of_fleet(sites: Iterable[Totals]) -> FleetTotals:
    everything = list(sites)
    live = [site for site in everything if is_live(site)]
    busy = [site for site in live if site.gpu_utilisation_pct is not None]
    weight = sum(site.gpus_reporting for site in busy)
    return FleetTotals(
        sites=len(everything),
        sites_reporting=len(live),
        by_site_state=counted(everything),
        by_state={state: sum(site.by_state.get(state, 0) for site in everything) for state in STATES},
        devices=sum(site.devices for site in everything),
        reporting=sum(site.reporting for site in live),
        hashrate_ths=added(site.hashrate_ths for site in live),
        deployed_ths=sum(site.deployed_ths for site in everything),
        operating_ratio=ratio(added(site.hashrate_ths for site in live), sum(site.deployed_ths for site in live)),
        power_w=added(site.power_w for site in live),
        meter_power_w=added(site.meter_power_w for site in everything),
        gpus=sum(site.gpus for site in everything),
        gpus_reporting=sum(site.gpus_reporting for site in live),
        gpu_utilisation_pct=ratio(
            sum((site.gpu_utilisation_pct or 0.0) * site.gpus_reporting for site in busy), float(weight)
        ),
        temp_max_c=max((site.temp_max_c for site in live if site.temp_max_c is not None), default=None),
        requests_running=added(site.requests_running for site in live),
        tokens_per_s=added(site.tokens_per_s for site in live),
        observed_at=max((site.observed_at for site in live if site.observed_at), default=None),
    )


def is_live(site: Totals) -> bool:
    """Polled lately, and somebody answered."""
    return site.reporting > 0


def counted(sites: Iterable[Totals]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for site in sites:
        counts[site.state] += 1
    return counts


def added(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
