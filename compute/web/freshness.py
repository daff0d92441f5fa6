"""For how long what was said is shown as live; after that only its age is, whatever the state is called."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from compute.telemetry import verdict
from compute.telemetry.answers import Cell, Totals
from compute.telemetry.metrics import ASIC, GPU, NAMES

MEASURED: Final = ("hashrate_ths", "operating_ratio", "power_w", "gpu_utilisation_pct", "temp_max_c",
                   "requests_running", "tokens_per_s")  # fmt: skip
NOT_MEASURED: Any = dict.fromkeys(MEASURED)
NO_NUMBERS: Any = dict.fromkeys((*NAMES[ASIC], *NAMES[GPU]))


def stale_after_s() -> int:
    return int(verdict.stale_after_s(settings.SWEEP_S))


def live_until(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment + timedelta(seconds=stale_after_s())


def is_fresh(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment >= now - timedelta(seconds=stale_after_s())


def live_totals(totals: Totals, now: datetime) -> Totals:
    """Without what was measured, where nobody swept it for too long: in maintenance that is not seen by the state."""
    return totals if is_fresh(totals.swept_at, now) else replace(totals, **NOT_MEASURED)


def live_cell(cell: Cell, now: datetime) -> Cell:
    """Without numbers that a machine said before it went silent."""
    return cell if is_fresh(cell.observed_at, now) else replace(cell, **NO_NUMBERS)
