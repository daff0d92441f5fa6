"""The eight numbers of a sample, for each kind of machine, and how a reading becomes them. Pure.

A number is stored as a whole number of steps: with two digits 187.42 TH/s is 18742. The digits stand in every stored
frame too, so that a frame written with others is refused and never misread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from compute.protocols.reading import Board, Reading

ASIC: Final = "asic"
GPU: Final = "gpu"
KINDS: Final = (ASIC, GPU)


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a sample. digits: decimals that are kept.   counter: grows until the machine restarts."""

    name: str
    digits: int = 0
    counter: bool = False


METRICS: Final[dict[str, tuple[Metric, ...]]] = {
    ASIC: (
        Metric("hashrate_ths", 2),
        Metric("power_w"),
        Metric("board_temp_c", 1),
        Metric("chip_temp_c", 1),
        Metric("fan_rpm"),
        Metric("accepted", counter=True),
        Metric("rejected", counter=True),
        Metric("uptime_s"),
    ),
    GPU: (
        Metric("utilisation_pct", 1),
        Metric("memory_used_mib"),
        Metric("power_w"),
        Metric("gpu_temp_c", 1),
        Metric("requests_running"),
        Metric("tokens_total", counter=True),
        Metric("gpus_reporting"),
        Metric("uptime_s"),
    ),
}
NAMES: Final = {kind: tuple(metric.name for metric in METRICS[kind]) for kind in KINDS}
INDEX: Final = {kind: {name: place for place, name in enumerate(NAMES[kind])} for kind in KINDS}
SAMPLE_SIZE: Final = 8

# Counters as rates: of which counter, times what.
RATES: Final[dict[str, tuple[str, float]]] = {
    "accepted_per_min": ("accepted", 60.0),
    "rejected_per_min": ("rejected", 60.0),
    "tokens_per_s": ("tokens_total", 1.0),
}

Sample = tuple[float | None, ...]


def sample(kind: str, reading: Reading) -> Sample:
    """The eight numbers of a reading, in the order of METRICS[kind]."""
    return asic_sample(reading) if kind == ASIC else gpu_sample(reading)


def asic_sample(reading: Reading) -> Sample:
    """Temperatures: the hottest board. Fan: mean of those that turn. Shares: summed over the pools."""
    boards: Sequence[Board] = reading.boards or ()
    pools = reading.pools or ()
    return (
        reading.hashrate_ths,
        reading.power_w,
        most(board.temperature_c for board in boards),
        most(board.chip_temperature_c for board in boards),
        mean(rpm for rpm in reading.fans_rpm or () if rpm > 0),
        total(pool.accepted for pool in pools),
        total(pool.rejected for pool in pools),
        reading.uptime_s,
    )


def gpu_sample(reading: Reading) -> Sample:
    """Utilisation is the mean over the node's GPUs, temperature the hottest."""
    gpus = reading.gpus or ()
    return (
        mean(gpu.utilisation_pct for gpu in gpus),
        total(gpu.memory_used_mib for gpu in gpus),
        reading.power_w,
        most(gpu.temperature_c for gpu in gpus),
        reading.requests_running,
        reading.tokens_total,
        None if reading.gpus is None else len(gpus),
        reading.uptime_s,
    )


def most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
