"""In which waves the machines of an order go, and when the next may follow. Pure.

Waking is gentler than putting to sleep: a transformer sees every power supply start at once. A wave in which too many
fail is the last one; whatever is wrong there would be wrong with the others too.
"""

from dataclasses import dataclass
from typing import Final

from compute.models.command import Verb

SIZES: Final[dict[str, int]] = {Verb.SLEEP: 500, Verb.WAKE: 100, Verb.POWER_LIMIT: 250, Verb.SETPOINT: 1}
GAPS_S: Final[dict[str, float]] = {Verb.SLEEP: 0.0, Verb.WAKE: 10.0, Verb.POWER_LIMIT: 2.0, Verb.SETPOINT: 0.0}
# Each wave of an order goes on alone unless at least so many, and that share of them, came to nothing.
BRAKE_FROM: Final = 10
BRAKE_SHARE: Final = 0.3


@dataclass(frozen=True)
class Tally:
    """What came of the waves so far. bad: failed or unknown.   left: not answered yet."""

    left: int
    ended: int
    bad: int


def wave_of(place: int, size: int) -> int:
    """The wave, from 1, of the machine that is `place`-th, from 0."""
    return place // size + 1


def count(machines: int, size: int) -> int:
    return -(-machines // size)


def is_over(tally: Tally) -> bool:
    return tally.left == 0


def brake(tally: Tally) -> str:
    """Why no further wave must follow, or nothing."""
    if tally.bad >= BRAKE_FROM and tally.bad > BRAKE_SHARE * tally.ended:
        return f"{tally.bad} of {tally.ended} machines did not take it"
    return ""
