"""The page of languages in a real browser, live."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from cango_ops.live.publish import publish
from compute.collector import answering
from compute.models import LanguageHour
from compute.protocols import ADAPTERS
from compute.protocols.answer_times import Tally
from tests.pages.places import room, violations
from tests.worlds import World, make_world


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def keep(site_id: int, languages: list[str], failed: int = 0) -> None:
    told = Tally()
    for at in range(100):
        told.add(0.004 * (1 + at % 9), None, "", 0.0)
    for _ in range(failed):
        told.add(5.0, "garbled", "JSON beyond repair", datetime.now(UTC).timestamp())
    answering.keep({(site_id, name): told for name in languages}, datetime.now(UTC).timestamp())
    publish("fleet")


def test_every_language_fits_in_every_size_and_theme(visit, world, size, theme):
    keep(world.pecos.pk, list(ADAPTERS), failed=3)

    page = visit("/compute/protocols/", user=world.bo, size=size, theme=theme)

    expect(page.locator("#languages tbody tr")).to_have_count(len(ADAPTERS))
    expect(page.locator("#language-luxos")).to_contain_text("JSON beyond repair")
    assert violations(page) == []
    assert room(page)[0] == size[0]


def test_the_page_follows_the_sweeps(visit, world):
    page = visit("/compute/protocols/", user=world.bo)
    expect(page.locator("h1")).to_have_text("No machine has been asked within a day")

    keep(world.pecos.pk, ["antminer"], failed=25)

    expect(page.locator("h1")).to_have_text("antminer answers 80.0 % of what it is asked")
    assert LanguageHour.objects.count() == 1
