"""The map that is kept in a process: as long as nothing changed it is not read again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compute.models import Container, Device, DeviceNow
from compute.telemetry import sitemap
from tests.worlds import make_devices, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(monkeypatch):
    """A site of four machines whose kept map is a minute old at each look."""
    sitemap.forget()
    monkeypatch.setattr(sitemap, "KEPT_S", -1.0)
    world = make_world()
    box = Container.objects.create(site=world.pecos, code="C77", kind="asic", rows=4, columns=5)
    make_devices(box, 4, first_address="10.77.0.1")
    yield world.pecos.pk
    sitemap.forget()


def test_what_did_not_change_is_looked_at_and_not_read(site):
    first = sitemap.site_map(site)

    with CaptureQueriesContext(connection) as asked:
        again = sitemap.site_map(site)

    assert again is first
    assert len(asked) == 1


def test_a_machine_that_went_to_another_place_is_there(site):
    moved = Device.objects.get(site=site, address="10.77.0.1")
    place = (moved.container_id, "asic")
    assert 9 not in sitemap.site_map(site).boxes[place].device_ids

    Device.objects.filter(pk=moved.pk).update(slot=9)

    assert sitemap.site_map(site).boxes[place].device_ids[9] == moved.pk


def test_a_machine_that_is_gone_is_gone(site):
    gone = Device.objects.get(site=site, address="10.77.0.4").pk
    assert gone in sitemap.site_map(site).kinds

    Device.objects.filter(pk=gone).delete()

    assert gone not in sitemap.site_map(site).kinds


@pytest.mark.parametrize("order", [{"ordered_limit_w": 1500}, {"ordered_asleep_at": timezone.now()}])
def test_an_order_is_in_the_map_and_a_change_of_state_does_not_make_it_be_read(site, order):
    device = Device.objects.get(site=site, address="10.77.0.2")
    DeviceNow.objects.get_or_create(device=device, defaults={"site_id": site})
    before = sitemap.site_map(site)

    DeviceNow.objects.filter(device=device).update(reason="warm")
    assert sitemap.site_map(site) is before

    DeviceNow.objects.filter(device=device).update(**order)
    assert sitemap.site_map(site) is not before
