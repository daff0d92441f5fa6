"""What one machine promises to draw less when it is told something, or why it is left out. Pure.

Skips have fixed words, so that a preview can count them. A figure of the machine's own meter counts before an estimate
from its nameplate.
"""

from dataclasses import dataclass
from typing import Final

from compute.models.command import Verb
from compute.telemetry.answers import Cell
from compute.telemetry.verdict import ASLEEP_SHARE

# A sleeping control board and its power supply, of a machine of 3 to 5 kW. Source: block/proto-fleet's simulator.
ASLEEP_W: Final = 30.0
# GPUs that hold no model still draw about an eighth of their nameplate.
IDLE_GPU_SHARE: Final = 0.125
LEAST_LIMIT_SHARE: Final = 0.2
MOST_LIMIT_SHARE: Final = 1.2

CANNOT: Final = "its language cannot be told this"
STALE: Final = "no fresh reading"
OPEN: Final = "another command is open"
ASLEEP: Final = "asleep already"
AWAKE: Final = "awake already"
SLEEPS: Final = "asleep: a limit would wake it"
TOO_LOW: Final = "limit below a fifth of its nameplate"
TOO_HIGH: Final = "limit above its nameplate"
NO_POWER: Final = "neither power nor nameplate known"


@dataclass(frozen=True)
class Machine:
    """What is known of one machine. can: the verbs of its language."""

    cell: Cell
    can: frozenset[str]
    nameplate_w: float | None = None
    nameplate_ths: float | None = None
    is_fresh: bool = True
    has_open: bool = False


@dataclass(frozen=True)
class Promise:
    """less_w: what it draws less afterwards (negative: more).   is_measured: by its own meter, not its nameplate."""

    now_w: float
    less_w: float
    less_ths: float = 0.0
    is_measured: bool = True


def is_asleep(cell: Cell, nameplate_w: float | None) -> bool:
    """By what it says, or by what it draws and hashes."""
    if cell.reason == "asleep":
        return True
    if cell.kind == "gpu" or cell.hashrate_ths is None:
        return False
    return cell.hashrate_ths == 0 and (
        cell.power_w is None or nameplate_w is None or cell.power_w < ASLEEP_SHARE * nameplate_w
    )


def promise(verb: str, limit_w: int | None, machine: Machine) -> Promise | str:
    """The promise, or the reason to leave the machine out."""
    if verb not in machine.can:
        return CANNOT
    if machine.has_open:
        return OPEN
    if not machine.is_fresh:
        return STALE
    asleep = is_asleep(machine.cell, machine.nameplate_w)
    if verb == Verb.WAKE:
        return waking(machine) if asleep else AWAKE
    if asleep:
        return ASLEEP if verb == Verb.SLEEP else SLEEPS
    now_w, is_measured = drawn(machine)
    if now_w is None:
        return NO_POWER
    if verb == Verb.SLEEP:
        ths = machine.cell.hashrate_ths or 0.0
        return Promise(now_w, max(0.0, now_w - asleep_w(machine)), ths, is_measured)
    return limiting(machine, float(limit_w or 0), now_w, is_measured)


def drawn(machine: Machine) -> tuple[float | None, bool]:
    """(W now, whether measured): its own figure, or the nameplate by the share of hashrate it reaches."""
    cell = machine.cell
    if cell.power_w is not None:
        return cell.power_w, True
    if machine.nameplate_w is None:
        return None, False
    if cell.hashrate_ths is None or not machine.nameplate_ths:
        return machine.nameplate_w, False
    return machine.nameplate_w * min(1.0, cell.hashrate_ths / machine.nameplate_ths), False


def asleep_w(machine: Machine) -> float:
    return IDLE_GPU_SHARE * (machine.nameplate_w or 0.0) if machine.cell.kind == "gpu" else ASLEEP_W


def waking(machine: Machine) -> Promise | str:
    if machine.nameplate_w is None:
        return NO_POWER
    now_w = machine.cell.power_w if machine.cell.power_w is not None else asleep_w(machine)
    return Promise(now_w, now_w - machine.nameplate_w, -(machine.nameplate_ths or 0.0), is_measured=False)


def limiting(machine: Machine, limit_w: float, now_w: float, is_measured: bool) -> Promise | str:
    plate_w = machine.nameplate_w
    if plate_w is not None and limit_w > MOST_LIMIT_SHARE * plate_w:
        return TOO_HIGH
    if plate_w is not None and limit_w < LEAST_LIMIT_SHARE * plate_w:
        return TOO_LOW
    after_w = limit_w if plate_w is None else min(limit_w, plate_w)
    ths = machine.cell.hashrate_ths or 0.0
    return Promise(now_w, now_w - after_w, ths * (1 - after_w / now_w) if now_w else 0.0, is_measured)
