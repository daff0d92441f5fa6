"""Antminer stock firmware at speed: `stats` of a machine with three chains, all alive, through types.

The reading is the same that `antminer` makes; whatever is unusual is left to it. Half of a sweep is this answer.
"""

from typing import Any

import msgspec

from compute.protocols import antminer_web, cgminer, fields
from compute.protocols.reading import Board, Reading

# These are read; their rates are in GH/s.
QUICK = ("Antminer S", "Antminer T")
GIGA = ("", "GH", "GH/s", "GHS")
WIRE_NAMES = {"ghs_5s": "GHS 5s", "rateideal": "total_rateideal"}

Number = float | str | None


class Head(msgspec.Struct):
    """The first row of STATS: who answers."""

    Type: str = ""
    Miner: str = ""


class Chains(msgspec.Struct, rename=WIRE_NAMES):
    """The second row, as machines of three chains and at most four fans fill it."""

    Elapsed: Number = None
    ghs_5s: Number = None
    rateideal: Number = None
    chain_power: Number = None
    watt: Number = None
    power: Number = None
    total_power: Number = None
    rate_unit: str = ""
    fan_num: int = 0
    miner_count: int = 0
    fan1: int = 0
    fan2: int = 0
    fan3: int = 0
    fan4: int = 0
    chain_acn1: int = 0
    chain_acn2: int = 0
    chain_acn3: int = 0
    chain_acn4: int = 0
    chain_rate1: Number = None
    chain_rate2: Number = None
    chain_rate3: Number = None
    temp_pcb1: str = ""
    temp_pcb2: str = ""
    temp_pcb3: str = ""
    temp_chip1: str = ""
    temp_chip2: str = ""
    temp_chip3: str = ""


class Stats(msgspec.Struct):
    STATS: tuple[Head, Chains]


_decode = msgspec.json.Decoder(Stats).decode


def read(raw: bytes) -> Reading | None:
    """The reading of a machine with chains 1 to 3, all alive; None for anything else."""
    try:
        head, row = _decode(raw.rstrip(b"\x00") if raw[-1:] == b"\x00" else raw).STATS
        if (
            row.miner_count != 3
            or row.chain_acn4
            or row.fan_num > 4
            or not head.Type.startswith(QUICK)
            or "(" in head.Type
        ):
            return None
        if row.rate_unit not in GIGA or row.ghs_5s is None:
            return None
        if row.watt is not None or row.power is not None or row.total_power is not None:
            return None
        if not (row.chain_acn1 and row.chain_acn2 and row.chain_acn3):
            return None
        boards = [
            _board(1, row.chain_acn1, row.chain_rate1, row.temp_pcb1, row.temp_chip1),
            _board(2, row.chain_acn2, row.chain_rate2, row.temp_pcb2, row.temp_chip2),
            _board(3, row.chain_acn3, row.chain_rate3, row.temp_pcb3, row.temp_chip3),
        ]
    except (ValueError, TypeError, RecursionError):
        return None
    hashrate, uptime = fields.ths(row.ghs_5s, "GH"), fields.seconds(row.Elapsed)
    fans = [row.fan1, row.fan2, row.fan3, row.fan4][: row.fan_num]
    if hashrate is None or uptime is None or (fans and not 0 <= min(fans) <= max(fans) <= 60_000):
        return None
    return Reading(
        vendor=antminer_web.VENDOR,
        model=fields.text(head.Type),
        firmware=fields.text(head.Miner),
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.rateideal, "GH") or None,
        power_w=fields.watts(fields.quantity(row.chain_power)),
        fans_rpm=fans,
        boards=boards,
    )


def _board(slot: int, chips: int, rate: Any, pcb: str, chip: str) -> Board:
    """Raises ValueError or TypeError where the long way has to look closer."""
    ghs = float(rate)
    warmest, warmest_chip = max(map(float, pcb.split("-"))), max(map(float, chip.split("-")))
    if not (0 <= ghs < 1e6 and 0 < warmest < 200 and 0 < warmest_chip < 200 and 0 < chips < 10_000):
        raise ValueError
    return Board(
        slot=slot, hashrate_ths=ghs / 1000, temperature_c=warmest, chip_temperature_c=warmest_chip, chips=chips
    )
