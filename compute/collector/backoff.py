"""How often a machine that does not answer is asked again. Pure.

After its first miss at the next sweep, then about each minute, after five minutes about each five, after an hour about
each thirty. The times are pulled forward by up to a fifth, each machine its own way, so that they never come together.
A container of which no machine answers is looked at by two scouts each sweep; when one comes back, so do all.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

# A machine that answers nonsense or asks for a sign-in is there, and is asked each time.
SILENT: Final = frozenset(("refused", "unreachable", "deadline", "closed", "too_large"))
# (silent for at least, then asked again after)
LADDER: Final = ((3600.0, 1800.0), (300.0, 300.0), (0.0, 60.0))
JITTER: Final = 0.2
SCOUTS: Final = 2
GOLDEN: Final = 0.6180339887498949  # multiples of it spread over 0..1 evenly, whatever the ids are


class Silence(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Since when a machine has not answered, how often it was asked since, and when last."""

    misses: int
    since: float
    tried_at: float


Silences = dict[int, Silence]


class Memory(msgspec.Struct):
    """What a slot's sweeps remember. swept_at: when the last one began, unix seconds.   turn: how many there were.

    inspections, hand: how many the next one may hold, and where the hand of cadence.py stands.
    """

    silences: Silences
    swept_at: float | None = None
    turn: int = 0
    inspections: int | None = None
    hand: float = 0.0


def missed(silence: Silence | None, at: float) -> Silence:
    """The silence after one more miss."""
    if silence is None:
        return Silence(1, at, at)
    return Silence(silence.misses + 1, silence.since, at)


def interval_s(silence: Silence) -> float:
    """How long a machine is left alone after its last miss, before it is pulled forward."""
    if silence.misses <= 1:
        return 0.0
    silent_s = silence.tried_at - silence.since
    return next(wait for least, wait in LADDER if silent_s >= least)


def next_try_at(device_id: int, silence: Silence) -> float:
    share = (device_id + silence.misses) * GOLDEN % 1.0
    return silence.tried_at + interval_s(silence) * (1.0 - JITTER * share)


def is_due(device_id: int, silence: Silence | None, now: float) -> bool:
    return silence is None or next_try_at(device_id, silence) <= now


def is_given_up(silence: Silence | None) -> bool:
    """Missed more than once: no passing fault."""
    return silence is not None and silence.misses > 1


def scouts(device_ids: Sequence[int], turn: int) -> list[int]:
    """The two of a dark container that are asked in this sweep; each comes up in its turn."""
    count = len(device_ids)
    return [device_ids[(turn * SCOUTS + place) % count] for place in range(min(SCOUTS, count))]
