"""Search finds places and machines, and only one's own."""

import pytest

from cango_ops.web.search.finding import find
from compute.models import Container, DeviceNow
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def urls(user, typed: str) -> list[str]:
    return [found.url for found in find(user, typed)]


def test_a_site_is_found_by_the_start_of_its_code_or_its_region(world):
    assert urls(world.bo, "pec") == ["/sites/PECOS/"]
    assert urls(world.bo, "middle") == ["/sites/MUSCAT/"]


def test_a_container_and_a_machine_are_found_by_their_way(world):
    assert urls(world.bo, "PECOS c1") == ["/sites/PECOS/C1/"]
    assert urls(world.bo, "pecos/c1/3") == ["/sites/PECOS/C1/3/"]


def test_a_machine_is_found_by_address_mac_and_serial(world):
    now = DeviceNow.objects.filter(device__container=world.c1, device__slot=2)
    now.update(mac="02:AB:00:00:00:09", serial="SN900077")

    assert urls(world.bo, "127.7.0.2") == ["/sites/PECOS/C1/2/"]
    assert urls(world.bo, "02:ab:00") == ["/sites/PECOS/C1/2/"]
    assert urls(world.bo, "02-ab-00") == ["/sites/PECOS/C1/2/"]
    assert urls(world.bo, "sn9000") == ["/sites/PECOS/C1/2/"]


@pytest.mark.parametrize("typed", ["pecos", "pecos c1", "pecos c1 1", "127.7.0.1", "middle", "c1"])
def test_cy_finds_nothing_of_the_company(world, typed):
    assert find(world.cy, typed) == []


def test_nothing_typed_finds_nothing(world):
    assert find(world.bo, "  ") == []


@pytest.mark.parametrize("typed", ["%", "' OR 1=1", "0" * 500, "PECOS C1 99999999999", "127.", "a/b/c/d", "\x00"])
def test_odd_input_is_only_not_found(client, world, typed):
    client.force_login(world.bo)

    assert client.get("/search/", {"q": typed}).status_code == 200


def test_the_dialog_gets_the_list_and_a_person_without_script_the_page(client, world):
    client.force_login(world.bo)

    assert "<html" not in client.get("/search/?q=pec", headers={"HX-Request": "true"}).text
    assert "<h1>1 found for pec</h1>" in client.get("/search/?q=pec").text


def test_a_page_is_found_by_the_start_of_a_word_of_its_name(client, world):
    client.force_login(world.bo)

    assert 'href="/switching/backtest/"' in client.get("/search/?q=backt").text
    assert 'href="/hold/"' in client.get("/search/?q=ho").text
    # Bo manages machines; the books are not his.
    assert 'href="/treasury/wallets/"' not in client.get("/search/?q=wallets").text


def test_more_than_are_shown_are_said_to_be_the_first(client, world):
    for number in range(9):
        Container.objects.create(site=world.pecos, code=f"Z{number}", kind="asic", rows=1, columns=1)
    client.force_login(world.bo)

    assert "<h1>The first 8 found for z</h1>" in client.get("/search/?q=z").text
