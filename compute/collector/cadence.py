"""When a machine is asked for all it can say, instead of the few numbers of a sweep. Pure.

At first contact, after it restarted, and otherwise every ten minutes (every sixtieth sweep, where that is longer) at
a time of its own, so that in each sweep about as many are inspected as in any other: an inspection costs four polls.
"""

from typing import Final

LEAST_EVERY_S: Final = 600.0
EVERY_SWEEPS: Final = 60
LEAST_AT_ONCE: Final = 1000
GOLDEN: Final = 0.6180339887498949


def inspect_every_s(sweep_s: float) -> float:
    return max(LEAST_EVERY_S, EVERY_SWEEPS * sweep_s)


def is_inspection_due(device_id: int, before: float, now: float, every_s: float) -> bool:
    """True where one of the machine's own times for it lies in (before, now]."""
    phase = device_id * GOLDEN % 1.0 * every_s
    return (now - phase) // every_s > (before - phase) // every_s


def has_restarted(uptime_s: int | None, heard_at: float | None, now: float) -> bool:
    """True where the machine's uptime began after it was last heard."""
    return uptime_s is not None and heard_at is not None and now - uptime_s > heard_at


def inspections_at_most(devices: int, sweep_s: float) -> int:
    """How many inspections one sweep may hold, so that first contact with a whole fleet does not stop its polls."""
    return max(LEAST_AT_ONCE, int(4 * devices * sweep_s / inspect_every_s(sweep_s)))
