"""What is wrong with a machine from the start: a small share, dealt by its key. Pure."""

from enum import StrEnum
from itertools import accumulate
from typing import Final

from cango_ops.estate.chance import unit


class Fault(StrEnum):
    """The names are also those that the control channel accepts."""

    NONE = "none"
    DEAD_BOARD = "dead_board"
    DEAD_FAN = "dead_fan"
    WEAK = "weak"  # hashes a fifth less than it should and draws the same
    HOT = "hot"
    OFF = "off"  # no power: nothing answers
    HUNG = "hung"  # takes the connection and never says a word
    DRIP = "drip"  # answers a few bytes at a time, for ever too slowly
    GARBAGE = "garbage"  # answers, but not in its language
    DEAD_GPU = "dead_gpu"  # a node: one GPU fallen off the bus
    XID = "xid"  # a node: one GPU reports an error, and its server is down


# Python 3.11 takes half a microsecond to look a member up; every answer asks for these.
SOUND: Final = Fault.NONE
DEAD_BOARD: Final = Fault.DEAD_BOARD
DEAD_FAN: Final = Fault.DEAD_FAN
HOT: Final = Fault.HOT
OFF: Final = Fault.OFF
HUNG: Final = Fault.HUNG

SHARES: Final = (
    (Fault.DEAD_BOARD, 0.0090),
    (Fault.DEAD_FAN, 0.0050),
    (Fault.WEAK, 0.0060),
    (Fault.HOT, 0.0040),
    (Fault.OFF, 0.0050),
    (Fault.HUNG, 0.0030),
    (Fault.DRIP, 0.0020),
    (Fault.GARBAGE, 0.0020),
)
NODE_SHARES: Final = (
    (Fault.DEAD_GPU, 0.0100),
    (Fault.XID, 0.0100),
    (Fault.HOT, 0.0050),
    (Fault.OFF, 0.0050),
    (Fault.HUNG, 0.0030),
)


def _bounds(shares: tuple[tuple[Fault, float], ...]) -> tuple[tuple[float, Fault], ...]:
    return tuple(zip(accumulate(share for _, share in shares), (fault for fault, _ in shares), strict=True))


ASIC_BOUNDS: Final = _bounds(SHARES)
NODE_BOUNDS: Final = _bounds(NODE_SHARES)


def fault_of(key: int, is_node: bool = False) -> Fault:
    """The fault this machine was dealt; for 96 in 100 none."""
    drawn = unit(key, 501)
    for bound, fault in NODE_BOUNDS if is_node else ASIC_BOUNDS:
        if drawn < bound:
            return fault
    return Fault.NONE
