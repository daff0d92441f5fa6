"""A place knows its machine, and says when another one stands there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cango_ops.base.models import AuditEvent
from compute.models import Device, DeviceNow
from compute.scanning import swaps
from compute.telemetry import queries, store
from tests.compute.telemetry.sweeps import heard, mining
from tests.worlds import make_world

pytestmark = pytest.mark.django_db(transaction=True)
MAC1, MAC2 = "02:00:00:00:00:01", "02:00:00:00:00:02"


@pytest.fixture
def world():
    return make_world()


def says(world, slot: int, serial: str = "", mac: str = "") -> int:
    DeviceNow.objects.filter(device=place(world, slot)).update(serial=serial, mac=mac)
    return swaps.note()


def place(world, slot: int) -> Device:
    return world.c1.devices.get(slot=slot)


def test_what_is_first_heard_is_taken_and_is_no_swap(world):
    assert says(world, 1, "A", MAC1) == 0
    assert (place(world, 1).serial, place(world, 1).mac, place(world, 1).standing_since) == ("A", MAC1, None)
    assert says(world, 1, "", "") == 0
    assert says(world, 1, "a", MAC1.lower()) == 0
    assert not AuditEvent.objects.exists()


def test_another_serial_number_is_another_machine_and_goes_on_record_once(world):
    says(world, 1, "A", MAC1)
    says(world, 2, "B", MAC2)

    assert says(world, 1, "B", MAC2) == 1
    assert swaps.note() == 0

    assert place(world, 1).serial == "B"
    assert place(world, 1).standing_since is not None
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb, event.target) == ("collector", "swap", "device/PECOS/C1/1")
    assert event.detail == {
        "was": {"serial": "A", "mac": MAC1}, "is": {"serial": "B", "mac": MAC2}, "stood_at": "PECOS/C1/2",
    }  # fmt: skip


def test_another_mac_is_another_machine_where_no_serial_number_is_said(world):
    says(world, 1, mac=MAC1)
    assert says(world, 1, mac=MAC2) == 1


def test_a_mac_that_two_machines_show_swaps_nothing(world):
    says(world, 1, mac=MAC1)
    says(world, 2, mac=MAC2)
    assert says(world, 1, mac=MAC2) == 0
    assert place(world, 1).mac == MAC1


def test_the_same_serial_number_with_another_mac_is_the_same_machine(world):
    says(world, 1, "A", MAC1)
    assert says(world, 1, "A", MAC2) == 0


def test_the_history_of_a_swapped_machine_begins_with_it(world):
    device, now = place(world, 1), timezone.now()
    for ago_s in (600, 30):
        store.write(world.pecos.pk, [heard(device, now.timestamp() - ago_s, mining(200.0))])
    window = (now - timedelta(minutes=20), now + timedelta(minutes=1))

    def minutes() -> int:
        series = queries.series("device", [device.pk], ["hashrate_ths"], *window, 60)
        return sum(value is not None for value in series.columns["hashrate_ths"])

    assert minutes() == 2
    Device.objects.filter(pk=device.pk).update(standing_since=now - timedelta(minutes=5))
    assert minutes() == 1


def test_machines_that_changed_places_are_each_told_with_the_place_of_the_other(world):
    says(world, 1, "A", MAC1)
    says(world, 2, "B", MAC2)
    DeviceNow.objects.filter(device=place(world, 1)).update(serial="B", mac=MAC2)
    DeviceNow.objects.filter(device=place(world, 2)).update(serial="A", mac=MAC1)

    assert swaps.note() == 2

    told = AuditEvent.objects.order_by("sequence").values_list("target", "detail__stood_at")
    assert list(told) == [("device/PECOS/C1/1", "PECOS/C1/2"), ("device/PECOS/C1/2", "PECOS/C1/1")]


def test_a_machine_that_says_less_than_is_known_is_left_alone(world):
    says(world, 1, "A", MAC1)

    assert says(world, 1, "A", "") == 0
    assert swaps.differing() == []
