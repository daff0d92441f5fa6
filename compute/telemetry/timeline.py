"""Series of sites and containers, from stored rollups; of the hours not rolled up yet, from their minutes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from cango_ops.base import clock
from compute.telemetry import rollup, whole_minutes, wholes
from compute.telemetry.database import Statements
from compute.telemetry.gather import moment
from compute.telemetry.upsert import CONTAINER, SITE_SCOPE
from compute.telemetry.whole_minutes import ENOUGH, NEAR_MINUTES
from compute.telemetry.wholes import AT_A_TIME

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
RESOLUTIONS: Final = (60, 900, 3_600, 86_400)
MOST_POINTS: Final = 1_500
SETTLING_MINUTES: Final = 3
OF_THE_MAP: Final = ("expected", "devices", "deployed_ths", "gpus")
HEARD: Final = ("present", "reporting")
SCOPES: Final = {"container": CONTAINER, "site": SITE_SCOPE}

# What may be asked for: a column of the rollups, or worked out of several.
RATIOS: Final[dict[str, tuple[str, str, float]]] = {
    "uptime_pct": ("up", "expected", 100.0),
    "coverage_pct": ("present", "expected", 100.0),
    "operating_ratio": ("hashrate_ths", "deployed_ths", 1.0),
    "gpu_utilisation_pct": ("gpu_busy", "gpus_reporting", 100.0),
    "efficiency_jth": ("power_w", "hashrate_ths", 1.0),
}
SUMMED_METRICS: Final = (*rollup.SUMS, *rollup.HIGHEST, *RATIOS, *AT_A_TIME, "temp_max_c")

_counts = {name: f"sum({name})::float8" for name in rollup.COUNTS[1:]}
# Counts of machine-minutes as machines at a time: of each place its own mean, then summed.
_at_a_time = {name: f"{count}::float8 / nullif(minutes, 0)" for name, count in AT_A_TIME.items()}
_of_minutes = {name: f"sum({mean})" for name, mean in _at_a_time.items()}
_of_rows = {name: f"sum(coalesce({name}, {mean}))" for name, mean in _at_a_time.items()}
_more = {name: f"sum({name})" for name in rollup.SUMS} | {name: f"max({name})" for name in rollup.HIGHEST}
# How each column is summed over places, of stored rows and of minutes.
IN_ROWS: Final[dict[str, str]] = _counts | _of_rows | _more
IN_MINUTES: Final[dict[str, str]] = _counts | _of_minutes | _more
COLUMNS: Final = tuple(IN_ROWS)
STORED: Final = """
SELECT extract(epoch FROM start_at)::float8, {columns}
FROM telemetry_rollup
WHERE resolution_s = %s AND scope = %s AND scope_id = ANY(%s::bigint[]) AND start_at >= %s AND start_at < %s
GROUP BY start_at ORDER BY start_at
"""
# First each site or container by itself: of two with different gaps the means add up, not the minutes.
_each = [f"sum({name}) AS {name}" for name in rollup.COUNTS]
_each += [f"{mean} AS {name}" for name, mean in zip(rollup.SUMS, whole_minutes.MEANS, strict=True)]
_each += [f"max({name}) AS {name}" for name in rollup.HIGHEST]
BINNED: Final = f"""
SELECT extract(epoch FROM bucket)::float8, {{columns}}
FROM (
    SELECT scope_id, date_bin(make_interval(secs => %s), start_at, 'epoch') AS bucket, {", ".join(_each)}
    FROM {whole_minutes.minutes("scope = %s AND scope_id = ANY(%s::bigint[])")} AS minute
    GROUP BY scope_id, bucket
) AS each GROUP BY bucket ORDER BY bucket
"""  # noqa: S608
NOT_ROLLED_UP: Final = """
SELECT min(extract(epoch FROM hour_at))::float8 FROM telemetry_dirty
WHERE NOT rolled_up AND hour_at < %s AND site_id IN (
    SELECT site_id FROM compute_container WHERE %s::int = 1 AND id = ANY(%s::bigint[])
    UNION SELECT id FROM sites_site WHERE %s::int = 2 AND id = ANY(%s::bigint[])
)
"""


def resolution_for(start: datetime, end: datetime, wanted_s: int | None) -> int:
    """The finest that gives at most MOST_POINTS, unless one is asked for. ValueError for one that is not kept."""
    if wanted_s is not None and wanted_s not in RESOLUTIONS:
        raise ValueError(f"resolution_s is one of {', '.join(map(str, RESOLUTIONS))}")
    span_s = (end - start).total_seconds()
    fitting = [one for one in RESOLUTIONS if span_s / one <= MOST_POINTS]
    return wanted_s or (fitting[0] if fitting else RESOLUTIONS[-1])


def grid(start: datetime, end: datetime, resolution_s: int) -> Ints:
    first = int(start.timestamp()) // resolution_s * resolution_s
    return np.arange(first, max(first, int(np.ceil(end.timestamp()))), resolution_s, dtype=np.int64)


def gaps(starts: Ints) -> Floats:
    return np.full(len(starts), np.nan)


def needed(metrics: Iterable[str]) -> tuple[str, ...]:
    """The columns that the metrics are made of; what tells of whole minutes always."""
    names = {"present", "expected"}
    for name in metrics:
        names |= set(RATIOS[name][:2]) if name in RATIOS else set(rollup.HIGHEST) if name == "temp_max_c" else {name}
    return tuple(name for name in COLUMNS if name in names)


def summed(
    sql: Statements, scope: str, ids: Sequence[int], starts: Ints, resolution_s: int, names: Sequence[str] = COLUMNS
) -> dict[str, Floats]:
    """Those columns of the rollups over the grid, summed over the ids, NaN in gaps."""
    table = np.full((len(starts), len(names)), np.nan)
    if len(starts) and ids:
        for second, *values in stored(sql, SCOPES[scope], list(ids), starts, resolution_s, names):
            table[(int(second) - int(starts[0])) // resolution_s] = values
    return dict(zip(names, table.T, strict=True))


def stored(
    sql: Statements, scope: int, ids: list[int], starts: Ints, resolution_s: int, names: Sequence[str]
) -> list[tuple]:
    from_rows = STORED.format(columns=", ".join(IN_ROWS[name] for name in names))
    first, end = moment(int(starts[0])), moment(int(starts[-1]) + resolution_s)
    if resolution_s == RESOLUTIONS[0]:
        return sql.rows(from_rows, [resolution_s, scope, ids, first, end])
    dirty = sql.rows(NOT_ROLLED_UP, [end, scope, ids, scope, ids])[0][0]
    border = moment(max(int(starts[0]), int(dirty) // resolution_s * resolution_s)) if dirty is not None else end
    whole = wholes.whole_of(sql, ids) if scope == SITE_SCOPE else None
    kept_scope, kept_ids = (whole[0], [whole[1]]) if whole else (scope, ids)
    rows = sql.rows(from_rows, [resolution_s, kept_scope, kept_ids, first, border])
    if border < end:
        from_minutes = BINNED.format(columns=", ".join(IN_MINUTES[name] for name in names))
        rows += sql.rows(from_minutes, [resolution_s, settled(), scope, ids, *(border, end) * 2])
    return rows


def settled() -> datetime:
    """The minutes after it may still be filled by sweeps on their way."""
    return clock.now() - timedelta(minutes=SETTLING_MINUTES + 1)


def metric(columns: Mapping[str, Floats], name: str) -> Floats:
    """One metric of the sums. Raises KeyError for one that sums do not have."""
    if name in RATIOS:
        above, below, factor = RATIOS[name]
        divisor = np.where(columns[below] > 0, columns[below], np.nan)
        return factor * columns[above] / divisor
    if name == "temp_max_c":
        return np.fmax.reduce([columns[one] for one in rollup.HIGHEST])
    if name not in SUMMED_METRICS:
        raise KeyError(name)
    return columns[name]


def of_whole_minutes(columns: dict[str, Floats], starts: Ints, now: datetime) -> dict[str, Floats]:
    """Minutes in which only a part was read are gaps: a collector that restarts is no fall of the hashrate.

    How many answered is told all the same, but of the running minute; what stands on the map where all was asked.
    """
    part, unasked = (partly_read(columns[name], starts, now) for name in ("present", "expected"))
    hidden = dict.fromkeys(OF_THE_MAP, unasked) | {name: part & (starts + 60 > now.timestamp()) for name in HEARD}
    return {name: np.where(hidden.get(name, part), np.nan, column) for name, column in columns.items()}


def partly_read(machines: Floats, starts: Ints, now: datetime) -> Bools:
    """The minutes with fewer machines than shortly before and shortly after; a gap between them counts no minutes.

    A fall that lasts is a fall: it is shown as soon as three minutes have come after it.
    """
    seen = np.flatnonzero(machines > 0)
    known = machines[seen]
    around = sliding_window_view(np.pad(known, NEAR_MINUTES), NEAR_MINUTES).max(axis=1)
    before, after = around[: len(known)], around[NEAR_MINUTES + 1 :]
    both = np.where(before > 0, np.minimum(before, after), after)
    found = np.zeros(len(machines), dtype=np.bool_)
    found[seen] = known < ENOUGH * np.where(unsettled(starts[seen], now), before, both)
    return found


def unsettled(starts: Ints, now: datetime) -> Bools:
    """The last minutes up to now, which the sweeps on their way still fill."""
    return starts > int(now.timestamp()) // 60 * 60 - 60 * SETTLING_MINUTES


def points(values: Floats) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def times(starts: Ints) -> list[datetime]:
    return [datetime.fromtimestamp(second, UTC) for second in starts.tolist()]
