"""All that is known of one machine as fields: what it last said, what its samples say, what its nameplate says. Pure.

Where a sample and a reading hold the same field, the younger one stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from compute.models import Device
from compute.telemetry.answers import Last

MACHINE: Final = "machine"
NAMEPLATE: Final = "nameplate"
FIELD_OF: Final = {"model_reported": "model"}  # where a name of the current row differs from the reading's


@dataclass(frozen=True, slots=True)
class Field:
    """One value. observed_at: when it was true; None for what does not change."""

    value: Any
    source: str
    observed_at: datetime | None
    age_s: float | None


def fields_of(device: Device, last: Last, now: datetime) -> dict[str, Field]:
    """Every field by name, the machine's own first."""
    fields: dict[str, Field] = {}
    for source, at, values in layers(device, last):
        age_s = None if at is None else round(max((now - at).total_seconds(), 0.0), 1)
        fields |= {name: Field(value, source, at, age_s) for name, value in values.items()}
    return fields


def layers(device: Device, last: Last) -> Iterator[tuple[str, datetime | None, Mapping[str, Any]]]:
    """(source, of when, values), each layer over the ones before; what a layer does not know hides nothing."""
    yield MACHINE, last.reading_at, {FIELD_OF.get(name, name): text for name, text in last.identity.items() if text}
    reading = MACHINE, last.reading_at, last.reading or {}
    sample = MACHINE, last.observed_at, known(last.sample)
    is_sample_older = bool(last.observed_at and last.reading_at and last.observed_at < last.reading_at)
    yield from (sample, reading) if is_sample_older else (reading, sample)
    yield NAMEPLATE, None, known({"nameplate_ths": device.nameplate_ths, "nameplate_w": device.nameplate_w})


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def reading_of(device: Device, last: Last, now: datetime) -> dict[str, Any]:
    """The content of the API's reading."""
    return {
        "device": device.pk,
        "kind": last.kind,
        "state": last.state,
        "reason": last.reason,
        "since": last.since,
        "observed_at": last.observed_at,
        "reading_at": last.reading_at,
        "fields": fields_of(device, last, now),
    }
