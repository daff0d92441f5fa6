"""Energy out of the readings of a counter that may wrap round or be put back. Pure."""

from collections.abc import Iterable

# Counters are of 32 bits or of a row of nines, in steps of 1 Wh to 1 MWh.
WRAPS_WH = (*(2.0**32 * 10**power for power in range(7)), *(10.0**power for power in range(7, 16)))
# A wrap shows the last hundredth of the range before it and the first hundredth after.
EDGE = 0.01
# A counter that was put back stands below this share of what it was.
NEW_START = 0.5


def consumed_wh(readings: Iterable[float | None]) -> float:
    """What was counted between the first and the last reading; a gap is bridged, a fall is a wrap or a new start."""
    total, before = 0.0, None
    for reading in readings:
        if reading is None:
            continue
        if before is not None:
            total += step_wh(before, reading)
        before = reading
    return total


def step_wh(before: float, after: float) -> float:
    """What was counted between two readings. After a reset only what came since is known.

    A counter that stands a little lower than before was not put back: it was rounded, or another meter took its place.
    Then nothing is known.
    """
    if after >= before:
        return after - before
    for whole in WRAPS_WH:
        if whole * (1 - EDGE) <= before <= whole and after <= whole * EDGE:
            return whole - before + after
    return after if after <= before * NEW_START else 0.0
