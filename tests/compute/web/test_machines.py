"""The list of machines: filtered, sorted, a page at a time."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compute.models import Device
from tests.web.callers import by_session
from tests.worlds import make_devices, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def places(client, query=""):
    return re.findall(r'<th scope="row"><a href="/sites/([^"]+)/">', client.get(f"/machines/{query}").content.decode())


def test_whoever_asks_has_the_machines_of_the_own_sites(world):
    assert len(places(by_session(world.bo))) == 10
    assert len(places(by_session(world.ada))) == 4
    assert places(by_session(world.cy)) == ["GHOST/G1/1", "GHOST/G1/2"]
    assert by_session(world.cy).get("/machines/?site=PECOS").status_code == 404


def test_filters_must_all_hold(world):
    Device.objects.filter(site=world.pecos, slot=2).update(model="Whatsminer M60", language="whatsminer_v3")
    client = by_session(world.bo)

    assert places(client, "?site=PECOS&model=Whatsminer M60") == ["PECOS/C1/2"]
    assert places(client, "?container=M1&language=whatsminer_v3") == []
    assert len(places(client, "?state=unknown")) == 10
    assert "No machine is like that" in client.get("/machines/?state=critical").content.decode()


@pytest.mark.parametrize("sort", ["place", "model", "language"])
def test_every_machine_is_on_one_page_in_every_order(world, sort):
    make_devices(world.c1, 200, first_address="127.7.5.1", first_slot=5)
    Device.objects.filter(slot=2).update(model="Whatsminer M60", language="whatsminer_v3")
    client, found, query = by_session(world.bo), [], f"?sort={sort}"
    while query:
        said = client.get(f"/machines/{query}").content.decode()
        found += re.findall(r'<th scope="row"><a href="/sites/([^"]+)/">', said)
        after = re.search(r'class="button" href="[^"]*after=(\d+)"', said)
        query = f"?sort={sort}&after={after[1]}" if after else ""

    assert len(found) == len(set(found)) == 210


@pytest.mark.parametrize("query", ["?after=x", "?sort=moon", "?state=moon", "?sort=model&after=999999", "?model=%00"])
def test_what_cannot_be_is_a_bad_request(world, query):
    assert by_session(world.bo).get(f"/machines/{query}").status_code == 400


def queries(client):
    with CaptureQueriesContext(connection) as captured:
        client.get("/machines/")
    return len(captured)


def test_a_longer_page_takes_no_more_queries(world):
    client = by_session(world.ada)
    queries(client)
    before = queries(client)

    make_devices(world.c1, 10, first_address="127.7.0.50", first_slot=5)

    assert len(places(client)) == 14
    assert queries(client) == before
