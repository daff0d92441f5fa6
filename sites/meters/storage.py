"""SunSpec batteries: what one says of itself, and telling it what to do. Pure.

Three models of IEEE 1547-2018 in the device's chain: 701 measures (active power, above zero what it gives), 713 says
how full it is, 704 takes an absolute setpoint in watts with a time after which it goes back to 0 W by itself, all in
one write. Source: SunSpec DER Information Model Specification V1.0; models 701, 704, 713 of github.com/sunspec/models.
"""

from collections.abc import Generator, Sequence
from typing import Final, TypeAlias

import msgspec

from cango_ops.wire import Ask, Conversation, Garbled
from sites.meters import modbus, numbers, sunspec

MEASURED, CONTROLS, CAPACITY = 701, 704, 713
# Offsets into a model after its number and length.
W, W_SF = 8, 114
SET_ENABLED, SET_MODE, SET_W, SET_PCT, SET_SF = 20, 21, 22, 26, 53
CONTENT, PCT_SF = 2, 6
WATTS: Final = 1
WHOLE: Final = 100.0
LONGEST_S: Final = 0xFFFFFFFF

Chain: TypeAlias = dict[int, tuple[int, int]]


class StorageReading(msgspec.Struct, frozen=True, kw_only=True):
    """power_w: above zero it gives, below zero it takes.   soc_share: 0 to 1.   setpoint_w: what it is told to do now,
    in the same sense; None while it is told nothing. None of the others: it does not say."""

    power_w: float | None = None
    soc_share: float | None = None
    setpoint_w: float | None = None


class Controls(msgspec.Struct, frozen=True):
    """Where the setpoint is written, what one step of it is worth in W, and the percents that stand beside it."""

    at: int
    step_w: float
    percents: tuple[int, int]


StorageTalk: TypeAlias = Conversation[StorageReading]


def read(unit_id: int) -> StorageTalk:
    """What the battery says. Raises Garbled where its chain has no model 713."""
    chain = yield from chain_of(unit_id)
    if CAPACITY not in chain:
        raise Garbled("no storage among the SunSpec models")
    content = yield from modbus.registers(unit_id, chain[CAPACITY][0], PCT_SF + 1)
    share = numbers.scaled(content, CONTENT, "uint16", PCT_SF)
    power_w = setpoint_w = None
    if MEASURED in chain:
        measured = yield from modbus.registers(unit_id, chain[MEASURED][0], W_SF + 1)
        power_w = numbers.scaled(measured, W, "int16", W_SF)
    if CONTROLS in chain:
        setpoint_w = setpoint_of((yield from modbus.registers(unit_id, chain[CONTROLS][0], SET_SF + 1)))
    if share is not None and not 0 <= share <= WHOLE:
        raise Garbled(f"a content of {share:g} %")
    return StorageReading(power_w=power_w, soc_share=None if share is None else share / WHOLE, setpoint_w=setpoint_w)


def setpoint_of(words: Sequence[int]) -> float | None:
    """None where no setpoint in watts is in force."""
    if words[SET_ENABLED] != 1 or words[SET_MODE] != WATTS:
        return None
    return numbers.scaled(words, SET_W, "int32", SET_SF)


def controls_of(unit_id: int) -> Generator[Ask, bytes, Controls]:
    """Where and how the battery is told. Raises Garbled where it takes no setpoint in watts."""
    chain = yield from chain_of(unit_id)
    if CONTROLS not in chain:
        raise Garbled("it takes no setpoint: no model 704")
    start = chain[CONTROLS][0]
    words = yield from modbus.registers(unit_id, start, SET_SF + 1)
    step_w = numbers.scale(words, SET_SF)
    if step_w is None or numbers.number(words, SET_W, "int32") is None:
        raise Garbled("it takes no setpoint in watts")
    return Controls(start + SET_ENABLED, step_w, (words[SET_PCT], words[SET_PCT + 1]))


def setpoint_words(controls: Controls, power_w: float, good_for_s: int) -> list[int]:
    """The registers from the switch to the timer: so many watts for so many seconds, then 0 W. Raises ValueError."""
    steps = round(power_w / controls.step_w)
    if not (-0x80000000 < steps < 0x7FFFFFFF and 0 < good_for_s < LONGEST_S):
        raise ValueError(f"{power_w:g} W for {good_for_s} s cannot be said in its registers")
    raw = steps & 0xFFFFFFFF
    watts, rest = [raw >> 16, raw & 0xFFFF], [0, 0]
    return [1, WATTS, *watts, *rest, *controls.percents, 1, good_for_s >> 16, good_for_s & 0xFFFF]


def chain_of(unit_id: int) -> Generator[Ask, bytes, Chain]:
    """Model number to (first register after its head, length), the first of each number."""
    at = (yield from sunspec.base_of(unit_id)) + len(sunspec.MARK)
    found: Chain = {}
    for _ in range(sunspec.MOST_MODELS):
        model, length = yield from modbus.registers(unit_id, at, 2)
        if model == sunspec.END:
            break
        found.setdefault(model, (at + 2, length))
        at += 2 + length
        if not length or at > 0xFFFF - 2:
            break
    return found
