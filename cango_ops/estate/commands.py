"""What a command does to a machine: each sets the course from now on. Absolute targets, and all of them take time."""

from typing import Final

from cango_ops.estate.course import started
from cango_ops.estate.machine import BOOT_S, STANDBY_W, Machine

LEAST_LOAD: Final = 0.3
MOST_LOAD: Final = 1.05
STOP_S: Final = 12.0
WAKE_SILENT_S: Final = 25.0


def sleep(machine: Machine, t: float) -> None:
    """Stops hashing within seconds; the control board goes on answering."""
    control = machine.commanded(t)
    if not control.is_asleep:
        control.course = control.course.then(t, (STOP_S, 0.0))
        control.is_asleep = True


def wake(machine: Machine, t: float) -> None:
    """Starts again: half a minute of nothing, then the ramp to the load it is set to."""
    control = machine.commanded(t)
    if control.is_asleep:
        ramp = WAKE_SILENT_S + machine.boot_s
        control.course = control.course.then(t, (WAKE_SILENT_S, 0.0), (ramp, control.target))
        control.is_asleep = False


def reboot(machine: Machine, t: float) -> None:
    """Gone for the boot time, counters back to nothing, then what it was set to."""
    control = machine.commanded(t)
    control.boot_at = t
    control.course = started(t, BOOT_S, machine.boot_s, 0.0 if control.is_asleep else control.target)


def limit(machine: Machine, t: float, limit_w: float, settle_s: float, is_restarting: bool = False) -> None:
    """Draws at most `limit_w` after `settle_s`. is_restarting: hashing stops in between, as on Whatsminer."""
    control = machine.commanded(t)
    control.limit_w = round(limit_w)
    control.target = load_for(machine, limit_w)
    if control.is_asleep:
        return
    pause = ((STOP_S, 0.0), (STOP_S + settle_s / 3, 0.0)) if is_restarting else ()
    control.course = control.course.then(t, *pause, (STOP_S + settle_s, control.target))


def load_for(machine: Machine, limit_w: float) -> float:
    """The load at which the machine draws `limit_w`, within what it can do."""
    full = (machine.plate.watts - STANDBY_W) * machine.site.care
    return min(MOST_LOAD, max(LEAST_LOAD, (limit_w - STANDBY_W) / full))


def set_pools(machine: Machine, t: float, pools: list[dict[str, str]]) -> None:
    """The whole list, as every vendor wants it: a list without pools leaves the machine nothing to work for."""
    control = machine.commanded(t)
    control.pools = pools
    if not control.is_asleep:
        control.course = control.course.then(t, (STOP_S, control.target if pools else 0.0))
