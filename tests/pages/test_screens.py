import pytest

from tests.pages.screens import WALK, first_link

LINKS = [
    "http://127.0.0.1:8000/sites/PECOS/panel/",
    "http://127.0.0.1:8000/sites/PECOS/C1/7/?span=24h",
    "http://127.0.0.1:8000/sites/PECOS/C1/",
    "http://127.0.0.1:8000/sites/PECOS/?zone=site",
]


@pytest.mark.parametrize(("page", "place"), [("site", 3), ("container", 2), ("device", 1)])
def test_the_walk_finds_the_next_kind_of_page(page, place):
    assert first_link(LINKS, dict(WALK)[page]) == LINKS[place]
