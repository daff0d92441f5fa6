"""SunSpec meters: finds the meter among the chain of models of a device and reads it. Pure.

A device holds, from one of three registers on, the mark "SunS" and then models one after the other, each headed by its
number and its length, the last by 0xFFFF. Models 201 to 204 hold a meter in integers with scale factors, 211 to 214
one in floats. Source: SunSpec Device Information Model Specification V1.1; models 1, 203, 213.
"""

from collections.abc import Generator
from typing import Final

from cango_ops.wire import Ask, Garbled
from sites.meters import modbus, numbers
from sites.meters.modbus import Refused
from sites.meters.reading import MeterReading, MeterTalk

BASES: Final = (40000, 50000, 0)
MARK: Final = [0x5375, 0x6E53]
INTEGER_METERS: Final = range(201, 205)
FLOAT_METERS: Final = range(211, 215)
END: Final = 0xFFFF
MOST_MODELS: Final = 40
# Offsets into a model after its number and length.
W, W_SF, TOT_WH_IMP, TOT_WH_SF = 16, 20, 44, 52
FLOAT_W, FLOAT_TOT_WH_IMP = 26, 66


def read(unit_id: int) -> MeterTalk:
    """The reading of the first meter in the chain. Raises Garbled where there is none."""
    base = yield from base_of(unit_id)
    start, model = yield from _meter(unit_id, base + len(MARK))
    if model in FLOAT_METERS:
        words = yield from modbus.registers(unit_id, start, FLOAT_TOT_WH_IMP + 2)
        return of_float_model(words)
    words = yield from modbus.registers(unit_id, start, TOT_WH_SF + 1)
    return of_integer_model(words)


def of_integer_model(words: list[int]) -> MeterReading:
    """Models 201 to 204. An accumulator of 0 says that it is not kept."""
    return MeterReading(
        power_w=numbers.scaled(words, W, "int16", W_SF),
        energy_wh=numbers.scaled(words, TOT_WH_IMP, "uint32", TOT_WH_SF) or None,
    )


def of_float_model(words: list[int]) -> MeterReading:
    """Models 211 to 214; what is not implemented is not a number."""
    return MeterReading(
        power_w=numbers.number(words, FLOAT_W, "float32"),
        energy_wh=numbers.number(words, FLOAT_TOT_WH_IMP, "float32"),
    )


def base_of(unit_id: int) -> Generator[Ask, bytes, int]:
    """Where the mark stands. Raises Garbled; a refusal that says more than that nothing is there is told as it is."""
    told: Refused | None = None
    for base in BASES:
        try:
            words = yield from modbus.registers(unit_id, base, len(MARK))
        except Refused as why:
            told = told or (None if why.code in modbus.NOT_THERE else why)
            continue
        if words == MARK:
            return base
    raise told or Garbled("no SunSpec mark at registers 40000, 50000 or 0")


def _meter(unit_id: int, at: int) -> Generator[Ask, bytes, tuple[int, int]]:
    """Where the first meter's values begin, and its model number."""
    for _ in range(MOST_MODELS):
        model, length = yield from modbus.registers(unit_id, at, 2)
        if model == END:
            break
        if model in INTEGER_METERS or model in FLOAT_METERS:
            if length < (FLOAT_TOT_WH_IMP + 2 if model in FLOAT_METERS else TOT_WH_SF + 1):
                raise Garbled(f"model {model} of {length} registers is too short to be a meter")
            return at + 2, model
        at += 2 + length
        if not length or at > 0xFFFF - 2:
            break
    raise Garbled("no meter among the SunSpec models")
