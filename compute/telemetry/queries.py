"""What telemetry says, for pages and API. Every id that comes in was filtered by visible_to(user) before.

Whether something is stale is worked out here, by the clock, and stored nowhere.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from cango_ops.base import clock
from compute.models import Device
from compute.telemetry import device_history, places, timeline, totals_now
from compute.telemetry.answers import Cell, FleetTotals, Last, Series, Sums, Totals
from compute.telemetry.database import statements
from compute.telemetry.device_history import DEVICE_METRICS
from compute.telemetry.timeline import MOST_POINTS, RESOLUTIONS, SUMMED_METRICS
from sites.metering import queries as metering

METERED: Final = "meter_power_w"
PLACE_METRICS: Final = (*SUMMED_METRICS, METERED)

__all__ = [
    "DEVICE_METRICS", "MOST_POINTS", "PLACE_METRICS", "RESOLUTIONS", "SUMMED_METRICS",
    "Cell", "FleetTotals", "Last", "Series", "Sums", "Totals",
    "cells", "container_totals", "fleet_totals", "last", "numbers", "series", "site_totals",
]  # fmt: skip


def site_totals(site_ids: Iterable[int]) -> dict[int, Totals]:
    """Each site's totals now; a site that was never polled is there too."""
    with statements() as sql:
        return totals_now.of_sites(sql, list(site_ids), clock.now())


def container_totals(container_ids: Iterable[int]) -> dict[int, Totals]:
    """Each container's totals now; one that was never polled is there too."""
    with statements() as sql:
        return totals_now.of_containers(sql, list(container_ids), clock.now())


def fleet_totals(site_ids: Iterable[int]) -> FleetTotals:
    """Sums over these sites; what is measured only of those that are live."""
    return totals_now.of_fleet(site_totals(site_ids).values())


def cells(container_id: int) -> list[Cell]:
    """The slot map of a container, in the order of its places."""
    with statements() as sql:
        return places.cells(sql, container_id, clock.now())


def numbers(container_ids: Iterable[int], metric: str) -> dict[int, dict[int, float]]:
    """One metric of every machine that is live and said it, by container and slot."""
    now = clock.now()
    with statements() as sql:
        return places.numbers(sql, list(container_ids), metric, totals_now.stale_before(now))


def last(device_id: int) -> Last:
    """All that is known of one machine. Raises Device.DoesNotExist."""
    with statements() as sql:
        return places.last(sql, device_id, clock.now())


def series(
    scope: str,
    ids: Sequence[int],
    metrics: Sequence[str],
    start: datetime,
    end: datetime,
    resolution_s: int | None = None,
) -> Series:
    """The metrics of the sites, containers or devices ("site", "container", "device") over [start, end), up to now.

    Summed over the ids where a sum means something, else the highest (temperatures) or the mean. Sites and containers
    have PLACE_METRICS, devices DEVICE_METRICS; another name raises KeyError, a resolution not kept ValueError.
    Without a resolution the finest is taken that gives at most MOST_POINTS points.
    """
    now = clock.now()
    step_s = timeline.resolution_for(start, end, resolution_s)
    starts = timeline.grid(start, min(end, now), step_s)
    with statements() as sql:
        if scope == "device":
            columns = device_columns(sql, ids, metrics, starts, step_s, now)
        else:
            columns = summed_columns(sql, scope, ids, metrics, starts, step_s, now)
    return Series(step_s, timeline.times(starts), {name: timeline.points(columns[name]) for name in metrics})


def summed_columns(
    sql: timeline.Statements,
    scope: str,
    ids: Sequence[int],
    metrics: Sequence[str],
    starts: timeline.Ints,
    step_s: int,
    now: datetime,
) -> dict[str, timeline.Floats]:
    columns = timeline.summed(sql, scope, ids, starts, step_s, timeline.needed(metrics))
    if step_s == RESOLUTIONS[0]:
        columns = timeline.of_whole_minutes(columns, starts, now)
    if METERED in metrics:
        columns[METERED] = metered(scope, ids, starts, step_s)
    return {name: columns[name] if name == METERED else timeline.metric(columns, name) for name in metrics}


def metered(scope: str, ids: Sequence[int], starts: timeline.Ints, step_s: int) -> timeline.Floats:
    """What the sites' meters say over the grid, NaN in gaps; a container has none of its own."""
    column = timeline.gaps(starts)
    if scope == "site" and len(starts):
        begin, end = timeline.moment(int(starts[0])), timeline.moment(int(starts[-1]) + step_s)
        power_w = metering.series(ids, begin, end, step_s).power_w
        column[:] = [float("nan") if watts is None else watts for watts in power_w]
    return column


def device_columns(
    sql: timeline.Statements,
    ids: Sequence[int],
    metrics: Sequence[str],
    starts: timeline.Ints,
    step_s: int,
    now: datetime,
) -> dict[str, timeline.Floats]:
    for name in metrics:
        if name not in DEVICE_METRICS:
            raise KeyError(name)
    found: dict[str, list[timeline.Floats]] = {name: [timeline.gaps(starts)] for name in metrics}
    for device in Device.objects.filter(pk__in=ids) if len(starts) else ():
        past = device_history.history(sql, device, starts, step_s, now)
        for name in metrics:
            found[name].append(device_history.on_grid(past, name, starts, step_s))
    return {name: device_history.combined(columns, name) for name, columns in found.items()}
