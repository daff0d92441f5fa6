"""The pages of a site, a container and a machine, as each of the cast sees them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compute.models import Container
from tests.worlds import make_devices, make_world

pytestmark = pytest.mark.django_db

PAGES = ["/sites/PECOS/", "/sites/PECOS/C1/", "/sites/PECOS/C1/1/"]
PANELS = [page + "panel/" for page in PAGES]


@pytest.fixture
def world():
    return make_world()


@pytest.mark.parametrize("page", PAGES + PANELS)
def test_a_member_of_the_site_opens_it(client, world, page):
    client.force_login(world.ada)
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES + PANELS)
def test_another_partner_finds_nothing_there(client, world, page):
    client.force_login(world.cy)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES + PANELS)
def test_nobody_looks_without_signing_in(client, world, page):
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", PAGES)
def test_a_site_that_was_never_polled_says_so_and_shows_no_zero(client, world, page):
    client.force_login(world.ada)
    text = client.get(page).content.decode()
    assert "never polled" in text
    assert ">0 <" not in text


@pytest.mark.parametrize("address", ["/sites/PECOS/C9/", "/sites/PECOS/C1/99/", "/sites/NOWHERE/"])
def test_what_does_not_exist_is_not_found(client, world, address):
    client.force_login(world.ada)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("asked", ["show=nonsense", "sort=nonsense", "range=2y", "from=yesterday"])
def test_a_wrong_parameter_is_a_bad_request(client, world, asked):
    client.force_login(world.ada)
    assert client.get(f"/sites/PECOS/C1/?{asked}").status_code == 400


@pytest.mark.parametrize("asked", ["show=nonsense", "view=nonsense", "range=2y"])
def test_a_wrong_parameter_of_a_site_is_a_bad_request(client, world, asked):
    client.force_login(world.ada)
    assert client.get(f"/sites/PECOS/?{asked}").status_code == 400


def test_a_choice_keeps_all_that_the_address_says_besides(client, world):
    client.force_login(world.ada)
    text = client.get("/sites/PECOS/C1/?range=7d&zone=utc&show=state&sort=worst").content.decode()
    assert 'href="?range=7d&amp;zone=utc&amp;show=state&amp;sort=slot#machines"' in text


def queries_of(client, page: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


@pytest.mark.parametrize("page", [*PAGES, "/sites/PECOS/?show=power_w", "/sites/PECOS/?view=table"])
def test_the_number_of_queries_does_not_grow_with_the_machines(client, world, page):
    client.force_login(world.ada)
    before = queries_of(client, page)

    make_devices(world.c1, 10, first_address="127.7.0.50", first_slot=5)

    assert queries_of(client, page) == before


@pytest.mark.parametrize("page", ["/sites/PECOS/", "/sites/PECOS/?show=chip_temp_c"])
def test_the_number_of_queries_does_not_grow_with_the_containers(client, world, page):
    client.force_login(world.ada)
    before = queries_of(client, page)

    for number in range(2, 6):
        Container.objects.create(site=world.pecos, code=f"C{number}", kind="asic", rows=1, columns=4)

    assert queries_of(client, page) == before
