"""What telemetry says of a command: it worked, it did not, or it is too early. Pure.

The machine's own "OK" is no evidence; its readings after the command are. An older reading says nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from compute.commands.promise import is_asleep
from compute.models.command import Verb
from compute.telemetry.answers import Cell

YES: Final = "yes"
NO: Final = "no"
NOTHING: Final = "nothing"
# A machine that stops takes some seconds, and a reading may have been under way when the command came.
AFTER_S: Final = 5.0
AWAKE_SHARE: Final = 0.1
LIMIT_TOLERANCE: Final = 1.05
SETPOINT_SHARE, RATED_SHARE = 0.05, 0.01


@dataclass(frozen=True)
class Told:
    """What a machine was told, and when. before_w: what it drew when that was asked for."""

    verb: str
    limit_w: int | None
    sent_at: datetime
    nameplate_w: float | None = None
    nameplate_ths: float | None = None
    before_w: float | None = None


@dataclass(frozen=True)
class Said:
    """says: YES, NO or NOTHING.   words: what was seen."""

    says: str
    words: str = ""
    power_w: float | None = None


def said(told: Told, cell: Cell | None) -> Said:
    """What the newest sample says."""
    if cell is None or cell.observed_at is None or cell.observed_at <= told.sent_at + timedelta(seconds=AFTER_S):
        return Said(NOTHING, "no reading since")
    if told.verb == Verb.POWER_LIMIT:
        return of_limit(told, cell)
    asleep, awake = is_asleep(cell, told.nameplate_w), is_awake(told, cell)
    if told.verb == Verb.SLEEP:
        asleep, awake = awake, asleep
    return Said(YES if awake else NO if asleep else NOTHING, seen(cell), cell.power_w)


@dataclass(frozen=True)
class BatteryNow:
    """What a battery said last, above zero what it gives. rated_w: the most that it gives or takes."""

    observed_at: datetime | None
    power_w: float | None
    setpoint_w: float | None
    rated_w: float


def of_battery(setpoint_w: float, sent_at: datetime, now: BatteryNow) -> Said:
    """By the power that it measures at its terminals; that it was told so is no evidence."""
    if now.observed_at is None or now.observed_at <= sent_at + timedelta(seconds=AFTER_S):
        return Said(NOTHING, "no reading since")
    if now.power_w is None:
        return Said(NOTHING, "it does not say its power")
    near = max(SETPOINT_SHARE * abs(setpoint_w), RATED_SHARE * now.rated_w)
    told = "nothing" if now.setpoint_w is None else f"{now.setpoint_w:,.0f} W"
    words = f"{now.power_w:,.0f} W, told {told}"
    return Said(YES if abs(now.power_w - setpoint_w) <= near else NO, words, now.power_w)


def is_awake(told: Told, cell: Cell) -> bool:
    """It works again, or (a GPU node) no longer says that it sleeps."""
    if cell.reason == "asleep":
        return False
    if cell.kind == "gpu":
        return cell.requests_running is not None or bool(cell.utilisation_pct)
    return (cell.hashrate_ths or 0.0) > AWAKE_SHARE * (told.nameplate_ths or 0.0)


def of_limit(told: Told, cell: Cell) -> Said:
    """Machines that do not measure their power cannot show it."""
    if cell.power_w is None:
        return Said(NOTHING, "it does not say its power")
    if cell.power_w > LIMIT_TOLERANCE * (told.limit_w or 0):
        return Said(NO, seen(cell), cell.power_w)
    if has_to_rise(told, cell.power_w):
        return Said(NO, f"{seen(cell)}: it has not risen", cell.power_w)
    # A machine that restarts to take its limit draws little; only at work does it show that it keeps it.
    at_work = bool(cell.hashrate_ths)
    return Said(YES if at_work else NOTHING, seen(cell), cell.power_w)


def has_to_rise(told: Told, power_w: float) -> bool:
    """A raised limit shows in the power: halfway from what it drew to what it may draw is enough in the heat."""
    if told.before_w is None or told.limit_w is None or told.limit_w <= LIMIT_TOLERANCE * told.before_w:
        return False
    most_w = min(told.limit_w, told.nameplate_w or told.limit_w)
    return power_w < (told.before_w + most_w) / 2


def seen(cell: Cell) -> str:
    parts = []
    if cell.reason == "asleep":
        parts.append("says that it sleeps")
    if cell.hashrate_ths is not None:
        parts.append(f"{cell.hashrate_ths:.0f} TH/s")
    if cell.utilisation_pct is not None:
        parts.append(f"GPUs at {cell.utilisation_pct:.0f} %")
    if cell.power_w is not None:
        parts.append(f"{cell.power_w:,.0f} W")
    return ", ".join(parts) or "nothing that tells"
