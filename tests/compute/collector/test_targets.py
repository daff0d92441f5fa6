"""When a process reads the map of a slot again, and what it learns of the others without that."""

import pytest

from compute.collector import targets
from compute.models import Device, DeviceNow
from tests.worlds import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings) -> World:
    settings.COLLECTOR_SLOTS = 4
    targets.forget()
    return make_world(devices=4)


def is_good_after_changes(device: Device, **changes: object) -> bool:
    """Whether the slot's map, read before the machine was changed so, serves the next sweep too."""
    kept = targets.of_slot(0, 4)
    Device.objects.filter(pk=device.pk).update(**changes)
    counted = kept.version._replace(devices=kept.version.devices + 1)  # as PostgreSQL counts it, some seconds later
    return targets.is_good(kept, counted, 0, 4)


def test_map_is_not_read_again_for_serial_numbers(world: World) -> None:
    assert is_good_after_changes(world.c1.devices.first(), serial="A1", mac="02:00:00:00:00:01")


@pytest.mark.parametrize("change", [{"address": "127.0.0.9"}, {"port": 4029}, {"language": "luxos"}, {"slot": 99}])
def test_map_is_read_again_for_what_a_sweep_needs(world: World, change: dict[str, object]) -> None:
    assert not is_good_after_changes(world.c1.devices.first(), **change)


def test_map_is_read_again_where_a_login_or_a_site_was_changed(world: World) -> None:
    kept = targets.of_slot(0, 4)

    assert not targets.is_good(kept, kept.version._replace(rest=kept.version.rest + 1), 0, 4)


def test_machine_that_another_process_inspected_is_no_first_contact(world: World) -> None:
    mine = targets.of_slot(0, 4)
    known = world.c1.devices.first()
    DeviceNow.objects.update_or_create(
        device=known, defaults={"site": known.site, "state": "ok", "model_reported": "Antminer S21"}
    )

    assert mine.identified == set()
    assert targets.named_since(mine) == {known.pk}


def test_after_a_while_whoever_was_inspected_in_vain_or_for_a_restart_may_be_again(world: World) -> None:
    kept = targets.of_slot(0, 4)
    ids = sorted(target.device_id for each in kept.containers.values() for target in each)
    kept.identified, kept.restarted, kept.checked_at = set(ids), {ids[0]}, kept.checked_at - 700

    assert targets.is_good(kept, kept.version, 0, 4)
    assert (kept.identified, kept.restarted) == (set(), set())
