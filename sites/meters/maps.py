"""Register maps of meters as data: where each number stands, of what kind, and what one unit of it is worth. Pure.

Registers are counted from 0, as on the wire; makers' tables often count from 1.
Sources: ABB B23/B24 user manual 2CMC485003M0201 (0x5000, 0x5B00); ABB M4M20 and REU615 as read by MiningOS's
powermeter worker; Schneider PM5000 register list (3060 and 3204, counted from 1); SATEC PM174, PM175 and PM180 Modbus
guides: the point of group G and number N stands at 11776 + 128 G + 2 N (0x4100 at 20096), power in 0x1400, imported
energy in 0x1700, the low register first. A SATEC behind voltage transformers counts power in kW, without them in W.
"""

from collections.abc import Generator
from typing import Final

import msgspec

from cango_ops.wire import Ask
from sites.meters import modbus, numbers
from sites.meters.reading import MeterReading, MeterTalk


class Field(msgspec.Struct, frozen=True):
    """One number. unit: what a step of one is worth in W or Wh; negative for a meter that was wired the other way."""

    register: int
    kind: str
    unit: float


class RegisterMap(msgspec.Struct, frozen=True):
    power_w: Field
    energy_wh: Field | None = None


# A meter behind transformers wired from the site outwards counts what the site draws as export.
MAPS: Final[dict[str, RegisterMap]] = {
    "abb_b23": RegisterMap(Field(0x5B14, "int32", 0.01), Field(0x5000, "uint64", 10)),
    "abb_b24": RegisterMap(Field(0x5B14, "int32", 0.01), Field(0x5000, "uint64", 10)),
    "abb_m4m20": RegisterMap(Field(0xCB1A, "int32", 1), Field(0x5000, "uint64", 10)),
    "abb_m4m20_reversed": RegisterMap(Field(0xCB1A, "int32", -1), Field(0x5004, "uint64", 10)),
    "abb_reu615": RegisterMap(Field(1939, "int32", 1)),
    "satec_pm180": RegisterMap(Field(14336, "int32_low", 1000), Field(14720, "uint32_low", 1000)),
    "satec_pm180_direct": RegisterMap(Field(14336, "int32_low", 1), Field(14720, "uint32_low", 1000)),
    "schneider_pm5340": RegisterMap(Field(3059, "float32", 1000), Field(3203, "int64", 1)),
}


def read(register_map: RegisterMap, unit_id: int) -> MeterTalk:
    power_w = yield from _value(register_map.power_w, unit_id)
    energy_wh = None
    if register_map.energy_wh is not None:
        energy_wh = yield from _value(register_map.energy_wh, unit_id)
    return MeterReading(power_w=power_w, energy_wh=energy_wh)


def _value(field: Field, unit_id: int) -> Generator[Ask, bytes, float | None]:
    words = yield from modbus.registers(unit_id, field.register, numbers.size(field.kind))
    value = numbers.number(words, 0, field.kind)
    return None if value is None else value * field.unit
