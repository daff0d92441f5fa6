"""When a machine is asked for all it can say, instead of the few numbers of a sweep. Pure.

At first contact, after it restarted, and otherwise every ten minutes (every sixtieth sweep, where that is longer): a
hand goes round all machines, a little further with each sweep, and those that it passes are inspected. An inspection
costs four polls, so a sweep holds as many as the last one left time for: first contact with a whole company lasts as
long as it must, and does not stop the polls.
"""

from typing import Final

LEAST_EVERY_S: Final = 600.0
EVERY_SWEEPS: Final = 60
LEAST_AT_ONCE: Final = 1000
GOLDEN: Final = 0.6180339887498949
# A sweep that took so much of the time between two leaves room for more inspections, or for fewer. What a few hanging
# machines cost a quick sweep says nothing of that: it is measured against 20 s at least.
CALM: Final = 0.6
FULL: Final = 0.8
LEAST_SWEEP_S: Final = 20.0
GROWTH: Final = 1.5


def inspect_every_s(sweep_s: float) -> float:
    return max(LEAST_EVERY_S, EVERY_SWEEPS * sweep_s)


def hand_after(hand: float, passed_s: float, room: int, devices: int, sweep_s: float) -> float:
    """Where the hand (0 to 1) stands after a sweep, `passed_s` after the last one, if it may pass `room` machines."""
    share = min(passed_s / inspect_every_s(sweep_s), room / max(devices, 1), 0.999)
    return (hand + max(share, 0.0)) % 1.0


def is_passed(device_id: int, hand: float, hand_after: float) -> bool:
    """True where the machine's own place on the round lies between the two; each is passed once a round."""
    place = device_id * GOLDEN % 1.0
    return hand <= place < hand_after if hand <= hand_after else place >= hand or place < hand_after


def has_restarted(uptime_s: int | None, heard_at: float | None, now: float) -> bool:
    """True where the machine's uptime began after it was last heard."""
    return uptime_s is not None and heard_at is not None and now - uptime_s > heard_at


def inspections_at_most(devices: int, sweep_s: float) -> int:
    """How many inspections one sweep may hold however much time there is: four times what the hand passes."""
    return max(LEAST_AT_ONCE, int(4 * devices * sweep_s / inspect_every_s(sweep_s)))


def inspections_at_least(devices: int, sweep_s: float) -> int:
    """How many it holds however little time there is: half of what the hand would pass."""
    return max(1, int(devices * sweep_s / inspect_every_s(sweep_s) / 2))


def inspections_allowed(before: int | None, devices: int, sweep_s: float) -> int:
    """before: what the last sweep decided for this one, None if there was none."""
    wanted = LEAST_AT_ONCE if before is None else before
    return min(max(wanted, inspections_at_least(devices, sweep_s)), inspections_at_most(devices, sweep_s))


def inspections_next(allowed: int, took_s: float, sweep_s: float) -> int:
    """How many the next sweep may hold, after one with so many allowed took so long."""
    part = took_s / max(sweep_s, LEAST_SWEEP_S)
    if part > FULL:
        return allowed // 2
    return int(allowed * GROWTH) if part < CALM else allowed
