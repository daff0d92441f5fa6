"""The pages of back-tests in a real browser: sound in both themes and every size, and found again after leaving."""

import pytest
from playwright.sync_api import Page, expect

from compute.models import Backtest
from compute.replays import run
from tests.compute.replays.worlds import asked, last_days, past_world
from tests.pages.places import room, violations
from tests.worlds import World

pytestmark = pytest.mark.pages


@pytest.fixture
def world(console_server) -> World:
    return past_world()


def is_sound(page: Page, size: tuple[int, int]) -> None:
    expect(page.locator("h1")).to_be_visible()
    assert violations(page) == []
    assert room(page)[0] <= size[0]


def test_every_page_is_sound(visit, world, size, theme):
    done = asked(world, "always", "threshold", "merit")
    run.run_open()
    waiting = asked(world)
    page = visit("/switching/backtest/", user=world.bo, size=size, theme=theme)
    is_sound(page, size)
    for backtest in (done, waiting):
        page.goto(f"/switching/backtest/{backtest.pk}/")
        is_sound(page, size)


def test_a_back_test_is_asked_for_left_and_found_again(visit, world):
    page = visit("/switching/backtest/?site=PECOS", user=world.bo)
    page.get_by_label("From").fill(f"{last_days()[0]}")
    page.get_by_label("To, with that day").fill(f"{last_days()[1]}")
    page.get_by_label("The plan").uncheck()
    page.get_by_label("Strike price").uncheck()
    page.get_by_role("button", name="Run").dblclick()
    expect(page.locator("h1")).to_contain_text("waits for a worker")
    assert Backtest.objects.count() == 1

    page.goto("/switching/backtest/")
    page.get_by_role("link", name="PECOS").click()
    run.run_open()
    expect(page.locator("h1")).to_contain_text("would have earned most")
    expect(page.locator(".months rect")).not_to_have_count(0)


def test_pages_without_a_back_test_are_sound(visit, world, theme):
    page = visit("/switching/backtest/", user=world.cy, theme=theme)
    is_sound(page, (1366, 768))
    expect(page.locator(".note").first).to_contain_text("asked for by those who manage a site")
