"""The page of a site's address ranges."""

import re

import pytest

from compute.collector import targets
from compute.models import Device
from sites import ranges
from sites.models import AddressRange, Membership, Role
from sites.ranges import parse
from tests.compute.web.test_credentials_page import signed_in_lately
from tests.web.callers import by_session
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
PAGE = "/sites/PECOS/network/"


@pytest.fixture
def world(settings):
    settings.MACHINE_NETWORKS = ["127.0.0.0/8"]
    made = make_world()
    AddressRange.objects.all().delete()
    return made


def looked_at(client) -> str:
    return re.search(r'name="looked_at" value="(\w+)"', client.get(PAGE).content.decode())[1]


def test_ranges_are_set_and_shown_on_the_sites_page(world):
    client = signed_in_lately(world.bo)

    answer = client.post(PAGE, {"ranges": "127.7.0.0/24 4028 80", "looked_at": looked_at(client)}, follow=True)

    assert "The ranges are set" in answer.content.decode()
    assert "127.7.0.0/24 80 4028" in by_session(world.ada).get("/sites/PECOS/").content.decode()


def test_machines_outside_are_named_and_not_asked(world):
    ranges.replace("seed", world.pecos, parse("127.7.0.1 4028\n127.0.0.1 5020"))

    text = by_session(world.bo).get(PAGE).content.decode()

    assert "C1/2 at 127.7.0.2:4028" in text
    assert "C1/1 at" not in text
    assert "meter main" not in text
    everybody = targets.read(Device.objects.filter(site=world.pecos))
    assert [one.address for one in everybody.containers[world.c1.pk]] == ["127.7.0.1"]
    assert everybody.left_out == {"address not allowed": 3}


def test_a_wrong_line_is_said_and_what_was_typed_stays(world):
    client = signed_in_lately(world.bo)

    answer = client.post(PAGE, {"ranges": "127.7.0.0/24 4028\nnonsense 1", "looked_at": looked_at(client)})

    assert answer.status_code == 400
    assert "Line 2: nonsense is no range" in answer.content.decode()
    assert "127.7.0.0/24 4028" in answer.content.decode()
    assert not AddressRange.objects.exists()


def test_ranges_that_were_changed_meanwhile_are_not_overwritten(world):
    client = signed_in_lately(world.bo)
    seen = looked_at(client)
    ranges.replace("seed", world.pecos, parse("127.7.0.0/24 4028"))

    answer = client.post(PAGE, {"ranges": "", "looked_at": seen})

    assert "changed the ranges meanwhile" in answer.content.decode()
    assert AddressRange.objects.count() == 1


def test_it_takes_a_manager_and_the_password_once_more(world):
    viewer = make_user("Di")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=world.pecos)
    for user, status in ((viewer, 403), (world.ada, 403), (world.cy, 404)):
        assert signed_in_lately(user).get(PAGE).status_code == status
        assert signed_in_lately(user).post(PAGE, {"ranges": ""}).status_code == status
    assert by_session(world.bo).post(PAGE, {"ranges": ""})["Location"].startswith("/accounts/reauthenticate/")
