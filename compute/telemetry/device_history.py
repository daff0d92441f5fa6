"""Series of single machines, from sealed hours and from the minutes that are not sealed yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from compute.models import Device
from compute.telemetry import chunk, codec, rollup
from compute.telemetry.codec import CODES, MISSING, Ints
from compute.telemetry.database import Statements
from compute.telemetry.gather import moment
from compute.telemetry.metrics import ASIC, GPU, INDEX, NAMES, RATES
from compute.telemetry.minutes import HOT_FOR_S

Floats = npt.NDArray[np.float64]
LONGEST_STEP_S: Final = 180  # a counter's growth over a longer gap says nothing of any one minute
HIGHEST: Final = frozenset({"board_temp_c", "chip_temp_c", "gpu_temp_c", "temp_max_c"})
MEANS: Final = frozenset({"fan_rpm", "uptime_s", "utilisation_pct"})
DEVICE_METRICS: Final = (*dict.fromkeys((*NAMES[ASIC], *NAMES[GPU])), *RATES, "temp_max_c", "efficiency_jth")

SEALED: Final = """
SELECT extract(epoch FROM hour_at)::bigint, chunk FROM telemetry_chunk AS sealed
WHERE container_id = %s AND kind = %s AND hour_at >= %s AND hour_at < %s AND (hour_at < %s OR NOT EXISTS (
    SELECT FROM telemetry_dirty AS dirty JOIN compute_container AS box ON box.site_id = dirty.site_id
    WHERE box.id = sealed.container_id AND dirty.hour_at = sealed.hour_at
)) ORDER BY hour_at
"""
HOT: Final = """
SELECT frame FROM telemetry_hot
WHERE container_id = %s AND kind = %s AND minute_at >= %s AND minute_at < %s
    AND date_bin('1 hour', minute_at, 'epoch') <> ALL(%s::timestamptz[])
ORDER BY minute_at
"""


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """Samples of one machine in the order of time. values: a row per metric of its kind, NaN where not said."""

    kind: str
    at: Ints
    values: Floats
    steps: Ints


def history(sql: Statements, device: Device, starts: Ints, step_s: int, now: datetime) -> History:
    """The samples inside the grid."""
    start, end = moment(int(starts[0])), moment(int(starts[-1]) + step_s)
    if device.standing_since is not None:  # what stood there before was another machine
        start = max(start, device.standing_since)
    kind = GPU if device.is_gpu else ASIC
    place = [device.container_id, CODES[kind]]
    first_hour = moment(int(starts[0]) // 3600 * 3600)
    settled = moment(now.timestamp() - HOT_FOR_S)
    hours = sql.rows(SEALED, [*place, first_hour, end, settled])
    found = [part for _, data in hours if (part := chunk.machine(data, device.slot))]
    for (frame,) in sql.rows(HOT, [*place, start, end, [moment(hour) for hour, _ in hours]]):
        if sample := codec.peek(frame, device.slot):
            at, numbers = sample
            column = [MISSING if number is None else number for number in numbers]
            found.append((np.array([at], np.int64), np.array([column], np.int64).T))
    return joined(kind, found, start, end)


def joined(kind: str, parts: list[tuple[Ints, Ints]], start: datetime, end: datetime) -> History:
    at = np.concatenate([np.zeros(0, np.int64), *(seconds for seconds, _ in parts)])
    steps = np.concatenate([np.zeros((len(NAMES[kind]), 0), np.int64), *(values for _, values in parts)], axis=1)
    inside = np.flatnonzero((at >= start.timestamp()) & (at < end.timestamp()))
    order = inside[np.argsort(at[inside], kind="stable")]
    return History(kind, at[order], codec.from_steps(kind, steps[:, order]), steps[:, order])


def metric(past: History, name: str) -> Floats:
    """The metric at every sample; all NaN where this kind of machine has no such number."""
    index = INDEX[past.kind]
    if name in RATES and RATES[name][0] in index:
        counter, factor = RATES[name]
        return factor * rates(past.at, past.steps[index[counter]])
    if name == "temp_max_c":
        return np.fmax.reduce([past.values[index[one]] for one in HIGHEST if one in index])
    if name == "efficiency_jth" and past.kind == ASIC:
        hashrate = past.values[index["hashrate_ths"]]
        return past.values[index["power_w"]] / np.where(hashrate > 0, hashrate, np.nan)
    return past.values[index[name]] if name in index else np.full(len(past.at), np.nan)


def on_grid(past: History, name: str, starts: Ints, step_s: int) -> Floats:
    return binned(past.at, metric(past, name), starts, step_s, highest=name in HIGHEST)


def rates(at: Ints, counter: Ints) -> Floats:
    """Growth per second up to each sample."""
    found = np.full(len(at), np.nan)
    seconds = np.diff(at)
    usable = (seconds > 0) & (seconds <= LONGEST_STEP_S) & (counter[1:] != MISSING) & (counter[:-1] != MISSING)
    grown = rollup.growth(counter[:-1], counter[1:])
    found[1:] = np.where(usable, grown / np.maximum(seconds, 1), np.nan)
    return found


def binned(at: Ints, values: Floats, starts: Ints, resolution_s: int, *, highest: bool) -> Floats:
    """The mean (or the highest) of the samples of each bucket."""
    found = np.full(len(starts), np.nan)
    said = ~np.isnan(values)
    if not said.any():
        return found
    bucket = (at[said] - starts[0]) // resolution_s
    if highest:
        np.fmax.at(found, bucket, values[said])
        return found
    counts = np.bincount(bucket, minlength=len(starts))
    sums = np.bincount(bucket, values[said], minlength=len(starts))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def combined(columns: list[Floats], name: str) -> Floats:
    """Several machines as one: sums, but the highest temperature, and the mean of what does not add up."""
    table = np.array(columns)
    empty = np.isnan(table).all(axis=0)
    if name in HIGHEST:
        return np.fmax.reduce(table)
    sums = np.nansum(table, axis=0)
    if name in MEANS or name == "efficiency_jth":
        sums = sums / np.maximum((~np.isnan(table)).sum(axis=0), 1)
    return np.where(empty, np.nan, sums)
