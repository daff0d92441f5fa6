"""What is known of a machine: an inspection, and the polls since."""

from compute.protocols.reading import Reading
from compute.telemetry import details
from compute.telemetry.polled import Polled


def said(full: bool, at: float, **what: object) -> Polled:
    return Polled(device_id=7, slot=3, container_id=1, observed_at=at, reading=Reading(**what), full=full)


def test_a_newer_poll_says_what_changes_and_the_inspection_who_it_is():
    polls = [
        said(True, 100.0, model="Avalon Q", firmware="1.0.5", serial="S", hashrate_ths=90.0, power_w=3000.0),
        said(False, 160.0, model="Q", firmware="DG-Home1_V1.0.5", mac="AA:BB:CC:DD:EE:FF", hashrate_ths=91.0),
    ]

    reading, at = details.reading(details.of_polls(polls)[3])

    assert (reading["hashrate_ths"], reading["power_w"], at) == (91.0, 3000.0, 160.0)
    assert (reading["model"], reading["firmware"], reading["serial"]) == ("Avalon Q", "1.0.5", "S")
    assert reading["mac"] == "AA:BB:CC:DD:EE:FF"
