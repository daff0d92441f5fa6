"""An installation from before the ranges goes on reading what it read."""

from importlib import import_module

import pytest
from django.apps import apps

from sites import ranges
from sites.models import AddressRange
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


def test_each_site_is_allowed_the_networks_of_its_own_map(settings):
    settings.MOVED_PORTS = {80: 8081}
    world = make_world()
    AddressRange.objects.all().delete()

    import_module("compute.migrations.0008_ranges_of_the_map").allow_what_stands_there(apps, None)

    assert [str(one) for one in ranges.of_site(world.pecos)] == [
        "127.0.0.0/24 4028 5020 8000 8081", "127.7.0.0/24 4028 5020 8000 8081",
    ]  # fmt: skip
    assert [str(one) for one in ranges.of_site(world.ghost)] == ["127.7.2.0/24 4028 8000 8081"]
