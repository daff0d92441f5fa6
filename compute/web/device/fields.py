"""A machine's last word, field by field, each with its unit, its source and its age. Pure.

What every sweep asks is as old as the last sweep, the rest as old as the last inspection; a field of the nameplate has
no age. A field nobody said is not in the list.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from compute.telemetry.answers import Last

POLLED: Final = "machine, every sweep"
INSPECTED: Final = "machine, inspection"
NAMEPLATE: Final = "nameplate"

# Name of the sample's number: what it is called and its kind, as in figures.LADDERS and FIXED.
SAMPLE: Final = {
    "hashrate_ths": ("Hashrate", "ths"),
    "power_w": ("Power", "w"),
    "board_temp_c": ("Hottest board", "c"),
    "chip_temp_c": ("Hottest chip", "c"),
    "fan_rpm": ("Fans, mean of those that turn", "rpm"),
    "accepted": ("Shares accepted", "count"),
    "rejected": ("Shares rejected", "count"),
    "utilisation_pct": ("GPU utilisation, mean", "pct"),
    "memory_used_mib": ("GPU memory in use", "mib"),
    "gpu_temp_c": ("Hottest GPU", "c"),
    "requests_running": ("Requests running", "count"),
    "tokens_total": ("Tokens served since start", "count"),
    "gpus_reporting": ("GPUs reporting", "count"),
    "uptime_s": ("Up", "duration"),
}
READING: Final = {
    "expected_hashrate_ths": ("Hashrate it expects of itself", "ths"),
    "power_limit_w": ("Power limit set", "w"),
    "state": ("What it says it is doing", "text"),
    "quality": ("Quality of the answer", "text"),
}
IDENTITY: Final = {
    "vendor": "Vendor",
    "model_reported": "Model, as it says",
    "firmware": "Firmware",
    "mac": "MAC address",
    "serial": "Serial number",
}


@dataclass(frozen=True)
class Field:
    """kind: of a number as in figures, "duration" or "text". at: when it was said, None for a nameplate."""

    name: str
    value: float | str
    kind: str
    source: str
    at: datetime | None


def fields(last: Last, nameplate_ths: float | None, nameplate_w: float | None) -> list[Field]:
    return [
        *sample_fields(last),
        *reading_fields(last.reading or {}, last.reading_at),
        *nameplate_fields(nameplate_ths, nameplate_w),
        *identity_fields(last.identity, last.reading_at),
    ]


def sample_fields(last: Last) -> Iterator[Field]:
    for key, (name, kind) in SAMPLE.items():
        value = last.sample.get(key)
        if value is not None:
            yield Field(name, value, kind, POLLED, last.observed_at)


def reading_fields(reading: Mapping[str, Any], at: datetime | None) -> Iterator[Field]:
    for key, (name, kind) in READING.items():
        if reading.get(key) is not None:
            yield Field(name, reading[key], kind, INSPECTED, at)


def nameplate_fields(ths: float | None, power_w: float | None) -> Iterator[Field]:
    for name, value, kind in (("Hashrate deployed", ths, "ths"), ("Power at the nameplate", power_w, "w")):
        if value is not None:
            yield Field(name, value, kind, NAMEPLATE, None)


def identity_fields(identity: Mapping[str, str], at: datetime | None) -> Iterator[Field]:
    for key, name in IDENTITY.items():
        if identity.get(key):
            yield Field(name, identity[key], "text", INSPECTED, at)
