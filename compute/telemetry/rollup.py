"""Sums of one minute of a container, made of its frames: whole again for every sample that comes late. Pure NumPy."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from compute.telemetry import codec
from compute.telemetry.codec import MISSING, Frame
from compute.telemetry.metrics import ASIC, GPU, INDEX
from compute.telemetry.sitemap import Box

COUNTS: Final = ("minutes", "expected", "present", "up")
SUMS: Final = (
    "deployed_ths", "hashrate_ths", "power_w", "gpus", "gpus_reporting", "gpu_busy", "memory_used_mib",
    "requests_running", "tokens_per_s",
)  # fmt: skip
HIGHEST: Final = ("board_temp_c", "chip_temp_c", "gpu_temp_c")
COLUMNS: Final = (*COUNTS, *SUMS, *HIGHEST)

Row = dict[str, float | None]
Floats = npt.NDArray[np.float64]


def minute(boxes: Mapping[str, Box], frames: Mapping[str, Frame], before: Frame | None) -> Row:
    """boxes, frames: by kind. before: the GPU frame of the minute before, against which tokens are counted."""
    row: Row = dict.fromkeys(COLUMNS)
    row["minutes"] = 1
    row["expected"] = sum(box.devices for box in boxes.values())
    row["deployed_ths"] = sum(box.deployed_ths for box in boxes.values()) if boxes else None
    row["gpus"] = sum(box.gpus for box in boxes.values())
    row["present"] = sum(int(frame.present.sum()) for frame in frames.values())
    up, power = 0, [np.zeros(0)]
    for kind, frame in frames.items():
        values = codec.from_steps(kind, frame.values[:, frame.present])
        power.append(values[INDEX[kind]["power_w"]])
        up += add_asic(row, values) if kind == ASIC else add_gpu(row, values)
    row["up"] = up
    row["power_w"] = total(np.concatenate(power))
    if GPU in frames and before is not None:
        row["tokens_per_s"] = total(rates(before, frames[GPU], INDEX[GPU]["tokens_total"]))
    return row


def add_asic(row: Row, values: Floats) -> int:
    hashrate = values[INDEX[ASIC]["hashrate_ths"]]
    row["hashrate_ths"] = total(hashrate)
    row["board_temp_c"] = highest(values[INDEX[ASIC]["board_temp_c"]])
    row["chip_temp_c"] = highest(values[INDEX[ASIC]["chip_temp_c"]])
    return int((hashrate > 0).sum())


def add_gpu(row: Row, values: Floats) -> int:
    count = values[INDEX[GPU]["gpus_reporting"]]
    row["gpus_reporting"] = total(count)
    row["gpu_busy"] = total(count * values[INDEX[GPU]["utilisation_pct"]] / 100)
    row["memory_used_mib"] = total(values[INDEX[GPU]["memory_used_mib"]])
    row["requests_running"] = total(values[INDEX[GPU]["requests_running"]])
    row["gpu_temp_c"] = highest(values[INDEX[GPU]["gpu_temp_c"]])
    return int((count > 0).sum())


def total(values: Floats) -> float | None:
    """The sum of what is known, None where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if known.size else None


def highest(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.max()) if known.size else None


def rates(before: Frame, after: Frame, column: int) -> Floats:
    """Growth per second of a counter, place by place; NaN where one of the two samples is missing."""
    places = min(before.places, after.places)
    earlier, later = before.values[column, :places], after.values[column, :places]
    seconds = after.at[:places] - before.at[:places]
    usable = before.present[:places] & after.present[:places] & (seconds > 0)
    usable &= (earlier != MISSING) & (later != MISSING)
    return np.where(usable, growth(earlier, later) / np.maximum(seconds, 1), np.nan)


def growth(earlier: codec.Ints, later: codec.Ints) -> codec.Ints:
    """A counter that fell began again at zero: what it shows now is what was added since."""
    return np.where(later >= earlier, later - earlier, later)
