"""Where machine-minutes went in which a deployed machine did not hash, each counted once. Pure.

What was off in a window planned for it comes first: machines are put to sleep before somebody works on them. Then comes
curtailment, since a machine that was told to sleep would be off whatever else ailed it, and then what is on its way to
another place. What remains answered and did not work (outage), or did not answer (silent).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Off:
    """Machine-minutes inside planned windows. silent: did not answer; idle: answered and did not work."""

    silent: float = 0.0
    idle: float = 0.0


NOTHING: Final = Off()


@dataclass(frozen=True)
class Minutes:
    """Machine-minutes of a site. expected: on its map; present: answered; up: worked; the others as told by records.

    curtailed, relocated: outside planned windows; maintenance, moving: inside them.
    """

    expected: float
    present: float
    up: float
    curtailed: float = 0.0
    relocated: float = 0.0
    maintenance: Off = NOTHING
    moving: Off = NOTHING


@dataclass(frozen=True)
class Losses:
    """Machine-minutes; with `up` they add up to what was expected."""

    expected: float
    up: float
    curtailed: float
    relocated: float
    outage: float
    silent: float
    maintenance: float = 0.0


def split(told: Minutes) -> Losses:
    """Sleeping machines usually answer, those on their way do not: each takes from its own side first."""
    up = min(told.up, told.expected)
    present = min(max(told.present, up), told.expected)
    idle, silent = present - up, told.expected - present
    maintenance, silent, idle = planned(told.maintenance, silent, idle)
    moving, silent, idle = planned(told.moving, silent, idle)
    curtailed, idle, silent = taken(told.curtailed, idle, silent)
    relocated, silent, idle = taken(told.relocated, silent, idle)
    return Losses(told.expected, up, curtailed, relocated + moving, idle, silent, maintenance)


def planned(off: Off, silent: float, idle: float) -> tuple[float, float, float]:
    """What was off as planned, and what is left of both."""
    was_silent, was_idle = min(off.silent, silent), min(off.idle, idle)
    return was_silent + was_idle, silent - was_silent, idle - was_idle


def taken(wanted: float, first: float, then: float) -> tuple[float, float, float]:
    """How much of it there is, and what is left of both."""
    of_first = min(wanted, first)
    of_then = min(wanted - of_first, then)
    return of_first + of_then, first - of_first, then - of_then


def together(parts: list[Losses]) -> Losses:
    return Losses(
        expected=sum(one.expected for one in parts),
        up=sum(one.up for one in parts),
        curtailed=sum(one.curtailed for one in parts),
        relocated=sum(one.relocated for one in parts),
        outage=sum(one.outage for one in parts),
        silent=sum(one.silent for one in parts),
        maintenance=sum(one.maintenance for one in parts),
    )
