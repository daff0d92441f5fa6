"""The short way through the joined answer of a healthy LuxOS: typed decoding, every number a number.

It gives None where the answer is not of the usual shape; then the long way of `luxos` looks closer. Both read the same.
"""

import msgspec

from compute.protocols import cgminer, fields
from compute.protocols.reading import Board, Reading

ESTIMATED = "power is the firmware's estimate, not measured by the power supply"
MAX_BOARDS = 16


class Status(msgspec.Struct):
    STATUS: str


class Rates(msgspec.Struct, rename={"ghs_5s": "GHS 5s"}):
    Elapsed: int
    ghs_5s: float


class Dev(msgspec.Struct, rename={"mhs_5s": "MHS 5s", "nominal": "Nominal MHS"}):
    ASC: int
    mhs_5s: float
    nominal: float
    Status: str
    Slot: int | None = None
    Temperature: float | None = None
    chip_max: float | None = msgspec.field(default=None, name="Chip Temp Max")


class Watts(msgspec.Struct):
    PSU: bool
    Watts: float


class Fan(msgspec.Struct):
    RPM: float


class Corners(msgspec.Struct):
    ID: int
    TopLeft: float
    TopRight: float
    BottomLeft: float
    BottomRight: float


class Summary(msgspec.Struct):
    STATUS: tuple[Status]
    SUMMARY: tuple[Rates]


class Devs(msgspec.Struct):
    STATUS: tuple[Status]
    DEVS: list[Dev]


class Power(msgspec.Struct):
    STATUS: tuple[Status]
    POWER: tuple[Watts]


class Fans(msgspec.Struct):
    STATUS: tuple[Status]
    FANS: list[Fan]


class Temps(msgspec.Struct):
    STATUS: tuple[Status]
    TEMPS: list[Corners]


class Joined(msgspec.Struct):
    summary: tuple[Summary]
    devs: tuple[Devs]
    power: tuple[Power]
    fans: tuple[Fans]
    temps: tuple[Temps]


_decode = msgspec.json.Decoder(Joined).decode


def read(raw: bytes) -> Reading | None:
    """The reading of all five reports, or None."""
    try:
        parts = _decode(raw.rstrip(b"\x00") if raw[-1:] == b"\x00" else raw)
    except (ValueError, RecursionError):
        return None
    reports = (parts.summary[0], parts.devs[0], parts.power[0], parts.fans[0], parts.temps[0])
    if any(report.STATUS[0].STATUS not in ("S", "I") for report in reports):
        return None
    row, devs, power = parts.summary[0].SUMMARY[0], parts.devs[0].DEVS, parts.power[0].POWER[0]
    if not 0 < len(devs) <= MAX_BOARDS or any(not 0 <= dev.ASC < 1024 or dev.Slot is not None for dev in devs):
        return None
    hashrate, uptime, watts = fields.ths(row.ghs_5s, "GH"), fields.seconds(row.Elapsed), fields.watts(power.Watts)
    fans = [fields.rpm(fan.RPM) for fan in parts.fans[0].FANS[:MAX_BOARDS]]
    if hashrate is None or uptime is None or watts is None or not fans or None in fans:
        return None
    corners = {found.ID: _warmest(found) for found in parts.temps[0].TEMPS}
    return Reading(
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.total([fields.ths(dev.nominal, "MH") for dev in devs]) or None,
        power_w=watts,
        fans_rpm=[speed for speed in fans if speed is not None],
        boards=sorted((_board(dev, corners) for dev in devs), key=lambda board: board.slot),
        notes=[] if power.PSU else [ESTIMATED],
    )


def _warmest(found: Corners) -> float | None:
    """The warmest of those that a sensor can have: 0 is a missing one."""
    warmest = max(found.TopLeft, found.TopRight, found.BottomLeft, found.BottomRight)
    return fields.celsius(warmest) if warmest <= 200 else fields.highest(
        [fields.celsius(each) for each in (found.TopLeft, found.TopRight, found.BottomLeft, found.BottomRight)]
    )  # fmt: skip


def _board(dev: Dev, corners: dict[int, float | None]) -> Board:
    warmest = corners.get(dev.ASC)
    return Board(
        slot=dev.ASC,
        hashrate_ths=fields.ths(dev.mhs_5s, "MH"),
        temperature_c=fields.celsius(dev.Temperature) if warmest is None else warmest,
        chip_temperature_c=fields.celsius(dev.chip_max),
    )
