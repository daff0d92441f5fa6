"""The pages of a site as tabs: each only to those who may open it, and each of them opens."""

import re

import pytest

from tests.web.callers import by_session
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def tabs(page: str) -> list[str]:
    bar = re.search(r'<nav class="tabs no-print" aria-label="Pages of PECOS">(.*?)</nav>', page, re.DOTALL)
    return re.findall(r'href="([^"]+)"', bar[1])


def test_a_manager_reaches_every_page_of_the_site_from_every_other(world):
    client = by_session(world.bo)
    found = tabs(client.get("/sites/PECOS/").text)

    assert "/sites/PECOS/switching/" in found
    assert "/sites/PECOS/credentials/" in found
    for address in found:
        answer = client.get(address)
        assert answer.status_code == 200
        assert tabs(answer.text) == found
        assert f'<a href="{address}" aria-current="page">' in answer.text


def test_who_may_only_look_sees_no_tab_that_would_refuse(world):
    client = by_session(world.ada)
    found = tabs(client.get("/sites/PECOS/").text)

    assert "/sites/PECOS/credentials/" not in found
    assert {client.get(address).status_code for address in found} == {200}


def test_the_panel_marks_the_page_that_asked_for_it(world):
    page = by_session(world.ada).get("/sites/PECOS/panel/").text
    assert '<a href="/sites/PECOS/" aria-current="page">' in page
