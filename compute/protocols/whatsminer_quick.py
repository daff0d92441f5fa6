"""The short way through a healthy Whatsminer's summary and boards: typed decoding, no errors, every number a number.

Each function gives None where the answer is not of the usual shape; then the long way of `whatsminer_v2` looks closer.
Both ways read the same.
"""

import msgspec

from compute.protocols import cgminer, fields
from compute.protocols.reading import Board, Reading

VENDOR = "MicroBT"
RATES = {"mhs_1m": "MHS 1m", "mhs_5m": "MHS 5m", "mhs_15m": "MHS 15m", "mhs_av": "MHS av"}


class Row(
    msgspec.Struct,
    rename=RATES
    | {
        "hs_rt": "HS RT",
        "elapsed": "Elapsed",
        "factory_ghs": "Factory GHS",
        "power": "Power",
        "power_limit": "Power Limit",
        "fan_in": "Fan Speed In",
        "fan_out": "Fan Speed Out",
        "mac": "MAC",
        "firmware": "Firmware Version",
        "error_count": "Error Code Count",
        "liquid": "Liquid Cooling",
    },
):
    """The summary's only row. What must be there has no default."""

    hs_rt: float
    elapsed: float
    factory_ghs: float
    power: float
    power_limit: float
    fan_in: float
    fan_out: float
    mac: str
    firmware: str
    error_count: int
    mhs_1m: float | None = None
    mhs_5m: float | None = None
    mhs_15m: float | None = None
    mhs_av: float | None = None
    liquid: bool = False


class Summary(msgspec.Struct):
    SUMMARY: tuple[Row]


class Dev(
    msgspec.Struct,
    rename=RATES
    | {"slot": "Slot", "temperature": "Temperature", "chip_max": "Chip Temp Max", "chips": "Effective Chips"},
):
    """One board of edevs or devs."""

    slot: int
    temperature: float
    chip_max: float
    chips: int | None = None
    mhs_1m: float | None = None
    mhs_5m: float | None = None
    mhs_15m: float | None = None
    mhs_av: float | None = None


class Devs(msgspec.Struct):
    DEVS: list[Dev]


_decode_summary = msgspec.json.Decoder(Summary).decode
_decode_devs = msgspec.json.Decoder(Devs).decode


def _steady(row: Row | Dev) -> float | None:
    """The first of the steady rates, in MH/s."""
    for rate in (row.mhs_1m, row.mhs_5m, row.mhs_15m, row.mhs_av):
        if rate is not None:
            return rate
    return None


def board_ths(mega: float | None) -> float | None:
    """A board's rate of the field that is called MHS: firmware of 2024 on writes TH/s there.

    No board at work does less than a GH/s, and none does a thousand TH/s, so the two are never taken for each other.
    """
    return fields.ths(mega, "TH" if mega is not None and 0 < mega < 1000 else "MH")


def summary(raw: bytes) -> Reading | None:
    try:
        row = _decode_summary(raw.rstrip(b"\x00")).SUMMARY[0]
    except (ValueError, RecursionError):
        return None
    steady = _steady(row)
    if row.error_count or row.liquid or steady is None or row.hs_rt * 1000 < steady:
        return None
    hashrate, uptime = fields.ths(row.hs_rt, "MH"), fields.seconds(row.elapsed)
    fans = [fields.rpm(row.fan_in), fields.rpm(row.fan_out)]
    if hashrate is None or uptime is None:
        return None
    return Reading(
        vendor=VENDOR,
        firmware=fields.text(row.firmware),
        mac=fields.mac(row.mac),
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.factory_ghs, "GH") or None,
        power_w=fields.watts(row.power),
        power_limit_w=fields.watts(row.power_limit) or None,
        fans_rpm=[speed for speed in fans if speed is not None] or None,
        errors=[],
    )


def boards(raw: bytes) -> list[Board] | None:
    try:
        rows = _decode_devs(raw.rstrip(b"\x00")).DEVS
    except (ValueError, RecursionError):
        return None
    if not 0 < len(rows) <= 64 or any(not 0 <= row.slot < 1024 for row in rows):
        return None
    return [
        Board(
            slot=row.slot,
            hashrate_ths=board_ths(_steady(row)),
            temperature_c=fields.celsius(row.temperature),
            chip_temperature_c=fields.celsius(row.chip_max),
            chips=fields.count(row.chips),
        )
        for row in rows
    ]
