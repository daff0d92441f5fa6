"""The treasury in a real browser: with nothing, with much, in two themes and three sizes."""

import os

import pytest

from cango_ops.base import clock
from sites.models import Role
from tests.pages.places import room, violations
from tests.treasury.web.worlds import make_treasury, member

pytestmark = pytest.mark.pages


@pytest.mark.parametrize("is_full", [False, True], ids=["empty", "full"])
def test_the_treasury_is_sound_in_every_size_and_theme(visit, console_server, size, theme, is_full):
    if is_full:
        make_treasury(clock.now(), wallets=25)

    page = visit("/treasury/", user=member("Ada", Role.TREASURER), size=size, theme=theme)

    title = "ANT-3 called: 23.87 BTC wanted" if is_full else "No bitcoin is booked yet"
    assert page.locator("h1").inner_text() == title
    assert violations(page) == []
    assert room(page)[0] == size[0]
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{is_full}-{size[0]}-{theme}.png", full_page=True)
