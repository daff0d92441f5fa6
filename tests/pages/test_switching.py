"""The pages of switching in a real browser: sound in both themes and every size, live, and solved again by sliders."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from cango_ops.base import clock
from compute.decisions import decide
from compute.decisions.propose import plan_one
from compute.models import Decision, Hindsight
from sites.models import Site
from tests.compute.decisions.worlds import let_console_ask, market_world
from tests.pages.places import room, violations
from tests.worlds import World

pytestmark = pytest.mark.pages
ADDRESSES = ("/switching/", "/sites/PECOS/switching/")


@pytest.fixture
def world(console_server) -> World:
    made = market_world(5000.0)
    let_console_ask(made)
    plan_one(made.pecos, clock.now())
    plan_one(made.muscat, clock.now())
    return made


def told_months(*sites: Site) -> None:
    for site in sites:
        for day in range(1, 13):
            Hindsight.objects.create(
                site=site, day=date(2026, 11, day), hours=24, earned_usd=100, promised_usd=110,
                merit_usd=95 + day % 2 * 5,
                always_on_usd=-40, perfect_usd=130, made_at=clock.now(),
            )  # fmt: skip


def is_sound(page: Page, size: tuple[int, int]) -> None:
    expect(page.locator("h1")).to_be_visible()
    page.locator("#plan-chart").scroll_into_view_if_needed()
    expect(page.locator("#plan-chart .chart-note")).not_to_have_text("loading")
    assert violations(page) == []
    assert room(page)[0] <= size[0]


def test_every_page_is_sound(visit, world, size, theme):
    page = visit("/switching/", user=world.bo, size=size, theme=theme)
    for address in (*ADDRESSES, f"/switching/{Decision.objects.get().pk}/"):
        page.goto(address)
        is_sound(page, size)


def test_months_in_hindsight_are_sound(visit, world, size, theme):
    told_months(world.pecos, world.muscat)
    page = visit("/switching/hindsight/", user=world.bo, size=size, theme=theme)
    expect(page.locator("h1")).to_contain_text("November 2026: $2,400 earned, $60 above the merit order")
    assert violations(page) == []
    assert room(page)[0] <= size[0]


def test_pages_without_a_plan_are_sound(visit, world, theme):
    page = visit("/switching/", user=world.cy, theme=theme)
    is_sound(page, (1366, 768))
    page.goto("/sites/GHOST/switching/")
    expect(page.locator("h1")).to_have_text("Ghost: never planned")
    is_sound(page, (1366, 768))


def test_a_decision_is_approved_and_the_page_says_so(visit, world, complaints):
    complaints.expect("500")
    page = visit("/switching/", user=world.bo)
    page.route("**/approve/", lambda route: route.fulfill(status=500, body="This page failed"))
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("This did not go through (error 500). Load the page again")
    assert Decision.objects.get().state == "proposed"

    page.unroute("**/approve/")
    page.get_by_role("button", name="Approve").dblclick()
    expect(page.get_by_role("heading", name="Being carried out")).to_be_visible()
    expect(page.locator(".messages .success")).to_have_text("Approved: an order was made of it.")
    assert Decision.objects.get().state == "ordered"


def test_what_somebody_else_decides_is_seen_at_once(visit, world):
    page = visit("/switching/", user=world.ada)
    expect(page.locator("h1")).to_contain_text("1 decision waits")
    decide.refuse(Decision.objects.select_related("site").get(), world.bo, "not tonight")
    expect(page.locator("h1")).to_contain_text("No decision waits for you")


def test_a_slider_solves_again(visit, world):
    page = visit("/sites/PECOS/switching/", user=world.ada)
    page.get_by_label("Power").fill("-90")
    expect(page.locator("#what-if")).to_contain_text("$500.00/MWh, now $5,000.00/MWh")
