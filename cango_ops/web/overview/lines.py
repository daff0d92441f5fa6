"""The lines of the last day, for all sites that a person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from compute.telemetry import queries

STEP_S: Final = 900
# A console that has only begun: fewer quarter hours than these say nothing, so its minutes are drawn.
FEWEST: Final = 12
YOUNG: Final = timedelta(hours=3)
YOUNG_STEP_S: Final = 60
METRICS: Final = ("hashrate_ths", "operating_ratio", "power_w", "gpu_utilisation_pct", "coverage_pct")

Line = list[float | None]


@dataclass(frozen=True)
class DayLines:
    """Quarter hours of the last 24 hours, or minutes of a history that is not yet three hours old, oldest first; a gap
    is None."""

    hashrate: Line
    uptime: Line
    power: Line
    gpu: Line
    reporting: Line


def day_lines(site_ids: Sequence[int], now: datetime) -> DayLines:
    columns = queries.series("site", site_ids, METRICS, now - timedelta(days=1), now, STEP_S).columns
    if sum(value is not None for value in columns["coverage_pct"]) < FEWEST:
        columns = queries.series("site", site_ids, METRICS, now - YOUNG, now, YOUNG_STEP_S).columns
    return DayLines(*(columns[name] for name in METRICS))
