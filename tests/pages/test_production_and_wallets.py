"""Production and wallets in a real browser: with nothing, with much, in two themes and three sizes."""

import os

import pytest

from sites.models import Role
from tests.pages.places import room, violations
from tests.treasury.web.test_production_and_wallets import fill
from tests.treasury.web.worlds import member
from tests.worlds import make_world

pytestmark = pytest.mark.pages
TITLES = {
    ("production", False): "No production is known yet",
    ("production", True): "1 break open, the oldest 3 days",
    ("wallets", False): "No wallet is watched yet",
    ("wallets", True): "12 of 12 wallets differ from the books",
}


@pytest.mark.parametrize("is_full", [False, True], ids=["empty", "full"])
def test_both_pages_are_sound_in_every_size_and_theme(visit, console_server, size, theme, is_full):
    if is_full:
        fill(make_world(), days=30, wallets=12)

    page = visit("/treasury/production/", user=member("Ted", Role.TREASURER), size=size, theme=theme)

    for name in ("production", "wallets"):
        page.goto(f"/treasury/{name}/")
        assert page.locator("h1").inner_text() == TITLES[name, is_full]
        assert violations(page) == []
        assert room(page)[0] == size[0]
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{is_full}-{size[0]}-{theme}.png", full_page=True)
