"""The map of machines in the database."""

import pytest

from compute.models import Device, DeviceNow
from compute.site_map import Difference, PlannedContainer, PlannedDevice, write_containers
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


def line(slot: int, address: str, model: str = "Antminer S21", language: str = "antminer") -> PlannedDevice:
    return PlannedDevice(slot, address, 4028, language, model)


def box(*lines: PlannedDevice, code: str = "C9") -> PlannedContainer:
    return PlannedContainer(code, "asic", 2, 3, lines)


@pytest.fixture
def ghost():
    return make_world().ghost


def test_new_machines_are_added_with_the_nameplate_of_their_model(ghost):
    difference = write_containers(ghost, [box(line(1, "127.7.9.1"), line(2, "127.7.9.2"))])

    assert difference == Difference(added=2, changed=0, removed=2)
    device = Device.objects.get(address="127.7.9.1")
    assert (device.nameplate_ths, device.nameplate_w, device.is_gpu, device.gpus) == (200.0, 3500.0, False, 0)


def test_a_new_machine_is_known_as_never_polled(ghost):
    write_containers(ghost, [box(line(1, "127.7.9.1"))])
    now = DeviceNow.objects.get(device__address="127.7.9.1")
    assert (now.state, now.reason, now.since) == ("unknown", "never polled", None)


def test_a_gpu_node_counts_the_power_of_its_eight_gpus(ghost):
    write_containers(ghost, [box(line(1, "127.7.9.1", "NVIDIA H100 80GB HBM3", "gpu_node"))])
    device = Device.objects.get(address="127.7.9.1")
    assert (device.is_gpu, device.gpus, device.nameplate_w) == (True, 8, 5600.0)


def test_a_machine_without_a_known_model_has_no_nameplate(ghost):
    write_containers(ghost, [box(line(1, "127.7.9.1", model=""))])
    device = Device.objects.get(address="127.7.9.1")
    assert (device.nameplate_ths, device.nameplate_w) == (None, None)


def test_the_same_map_again_changes_nothing(ghost):
    plan = [box(line(1, "127.7.9.1"), line(2, "127.7.9.2"))]
    write_containers(ghost, plan)
    rows = list(Device.objects.values())

    assert write_containers(ghost, plan) == Difference(0, 0, 0)
    assert list(Device.objects.values()) == rows


def test_two_machines_that_swap_places_keep_the_rows_of_the_places(ghost):
    write_containers(ghost, [box(line(1, "127.7.9.1"), line(2, "127.7.9.2"))])
    first = Device.objects.get(address="127.7.9.1")

    assert write_containers(ghost, [box(line(1, "127.7.9.2"), line(2, "127.7.9.1"))]) == Difference(0, 2, 0)
    assert Device.objects.get(address="127.7.9.2").pk == first.pk


def test_a_machine_that_left_the_map_is_no_longer_asked(ghost):
    write_containers(ghost, [box(line(1, "127.7.9.1"), line(2, "127.7.9.2"))])
    assert write_containers(ghost, [box(line(1, "127.7.9.1"))]) == Difference(0, 0, 1)
    assert not Device.objects.filter(address="127.7.9.2").exists()


def test_another_sites_machines_stay_as_they_are(ghost):
    write_containers(ghost, [box(line(1, "127.7.9.1"))])
    assert Device.objects.exclude(site=ghost).count() == 8
