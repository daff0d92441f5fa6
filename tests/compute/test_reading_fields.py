"""What is known of a machine, field by field."""

from datetime import UTC, datetime

from compute.models import Device
from compute.telemetry.answers import Last
from compute.web.reading_fields import Field, fields_of

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DEVICE = Device(nameplate_ths=200.0, nameplate_w=None)


def at(minute: int, second: int = 0) -> datetime:
    return NOON.replace(minute=minute, second=second)


def last(**changes) -> Last:
    known = {
        "device_id": 1, "kind": "asic", "sample": {}, "observed_at": None, "reading": None, "reading_at": None,
        "state": "unknown", "reason": "never polled", "since": None, "identity": {},
    }  # fmt: skip
    return Last(**(known | changes))


def test_of_a_machine_never_polled_only_the_nameplate_is_known():
    assert fields_of(DEVICE, last(), NOON) == {"nameplate_ths": Field(200.0, "nameplate", None, None)}


def test_a_field_says_how_old_it_is():
    fields = fields_of(DEVICE, last(reading={"power_w": 3400.0}, reading_at=at(0)), at(2, 30))

    assert fields["power_w"] == Field(3400.0, "machine", at(0), 150.0)


def test_a_younger_sample_stands_over_the_reading():
    known = last(
        reading={"power_w": 3400.0, "firmware": "x"}, reading_at=at(0), sample={"power_w": 3300.0}, observed_at=at(5)
    )

    fields = fields_of(DEVICE, known, at(5))

    assert fields["power_w"] == Field(3300.0, "machine", at(5), 0.0)
    assert fields["firmware"].observed_at == at(0)


def test_a_younger_reading_stands_over_the_sample():
    known = last(reading={"power_w": 3400.0}, reading_at=at(5), sample={"power_w": 3300.0}, observed_at=at(0))

    assert fields_of(DEVICE, known, at(5))["power_w"].value == 3400.0


def test_what_a_sample_does_not_know_hides_nothing():
    known = last(reading={"power_w": 3400.0}, reading_at=at(0), sample={"power_w": None}, observed_at=at(5))

    assert fields_of(DEVICE, known, at(5))["power_w"].value == 3400.0


def test_what_the_machine_said_it_does_not_know_is_there_and_null():
    known = last(reading={"power_w": None, "boards": [{"slot": 0}]}, reading_at=at(0))

    fields = fields_of(DEVICE, known, NOON)

    assert fields["power_w"].value is None
    assert fields["boards"].value == [{"slot": 0}]


def test_identity_is_known_when_no_reading_is_kept():
    known = last(identity={"vendor": "Bitmain", "model_reported": "S21", "firmware": "", "mac": "", "serial": ""})

    fields = fields_of(DEVICE, known, NOON)

    assert fields["vendor"].value == "Bitmain"
    assert fields["model"].value == "S21"
    assert "mac" not in fields


def test_a_clock_that_runs_ahead_gives_no_negative_age():
    known = last(reading={"power_w": 1.0}, reading_at=at(1))

    assert fields_of(DEVICE, known, at(0))["power_w"].age_s == 0.0
