"""Events on charts in a real browser: marks with names, reached by the keyboard, that lead to their page."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from compute.telemetry import sitemap
from sites import notes
from tests.pages.places import sweep, violations
from tests.worlds import make_world, plan_off

pytestmark = pytest.mark.pages


@pytest.fixture
def world(console_server):
    sitemap.forget()
    return make_world()


def test_a_mark_has_a_name_is_reached_by_keys_and_opens_its_page(visit, world):
    now = datetime.now(UTC)
    for ago_s in (3000, 600):
        sweep(world.c1, [200, 200, 200, 200], ago_s=ago_s)
    plan_off(world.pecos, world.c1, begin_at=now - timedelta(minutes=40), end_at=now - timedelta(minutes=20))
    notes.write(uuid.uuid4(), world.ada, world.pecos, "belt replaced", at=now - timedelta(minutes=12))
    page = visit("/sites/PECOS/?range=1h&zone=utc", user=world.ada)
    marks = page.locator("#chart-hashrate .event-mark")

    expect(page.locator("#live-text")).to_have_text("live")
    expect(marks).to_have_count(2)
    expect(page.locator("#live-text")).to_have_text("live")
    marks.first.focus()
    page.keyboard.press("ArrowRight")
    expect(marks.last).to_be_focused()
    expect(marks.last).to_have_attribute("data-name", re.compile("^.* note: PECOS, .*: belt replaced$"))
    assert violations(page) == []
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("A note at PECOS")
    page.goto("/sites/PECOS/?range=1h&events=off")
    expect(page.locator("#chart-hashrate .chart-note")).to_be_hidden()
    expect(page.locator(".event-mark")).to_have_count(0)
