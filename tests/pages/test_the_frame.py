"""The frame in a real browser: overview, system, search, sign-in, errors, in two themes and three sizes."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import expect

from cango_ops.base import clock
from cango_ops.base.models import User
from compute.models import SiteSweep
from compute.telemetry import sitemap
from sites.models import Membership, Operator, Region, Role
from tests.pages.places import add_site, room, violations
from tests.worlds import PASSWORD, make_user, make_world

pytestmark = pytest.mark.pages

LAPTOP, WALL = (1366, 768), (1920, 1080)


@pytest.fixture
def world(console_server):
    sitemap.forget()
    return make_world()


@pytest.fixture
def network(console_server):
    """42 sites in four regions under Bo, one of them critical, one without an answer ever. None grows stale while a
    busy computer writes the others and opens the page: that takes 45 s without a sweep."""
    sitemap.forget()
    company = Operator.objects.create(code="cango", name="Cango", is_company=True)
    bo = make_user("Bo")
    Membership.objects.create(user=bo, role=Role.MANAGER)
    names = ("North America", "Middle East", "South America", "East Africa")
    regions = [Region.objects.create(code=name.lower().replace(" ", "-"), name=name) for name in names]
    for number in range(42):
        add_site(company, regions[number % 4 if number < 20 else 0], number)
    SiteSweep.objects.update(swept_at=clock.now() + timedelta(hours=1))
    return bo


def test_42_sites_stand_on_one_screen_without_scrolling(visit, network):
    for size in (LAPTOP, WALL):
        page = visit("/", user=network, size=size)
        expect(page.locator("[data-row]")).to_have_count(42)
        expect(page.locator("#chart-hashrate .legend output").first).not_to_be_empty()
        assert room(page) == size
        assert page.locator("*").count() < 3000


def test_the_overview_is_sound_in_every_size_and_theme(visit, network, size, theme):
    page = visit("/", user=network, size=size, theme=theme)

    expect(page.locator("#live-text")).to_have_text("live")
    expect(page.locator("h1")).to_have_text("40 of 42 sites ok, 1 needs you, 1 never polled")
    assert violations(page) == []
    assert room(page)[0] == size[0]


@pytest.mark.parametrize("path", ["/system/", "/search/?q=pec", "/?sort=worst", "/compute/protocols/"])
def test_the_other_pages_are_sound_in_every_size_and_theme(visit, world, size, theme, path):
    page = visit(path, user=world.bo, size=size, theme=theme)

    assert violations(page) == []
    assert room(page)[0] == size[0]


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/"])
def test_the_pages_before_sign_in_are_sound(visit, size, theme, path):
    page = visit(path, size=size, theme=theme)

    assert violations(page) == []
    assert room(page)[0] == size[0]


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/sessions/", "/accounts/logout/"])
def test_the_pages_of_the_account_are_sound(visit, world, theme, path):
    page = visit(path, user=world.ada, theme=theme)

    assert violations(page) == []


def test_a_person_signs_in_and_stands_on_the_overview(visit, world):
    # The server hashes as in production; the quick hashes of tests mean nothing to it.
    User.objects.filter(pk=world.ada.pk).update(password=PBKDF2PasswordHasher().encode(PASSWORD, "of-this-test-only"))
    page = visit("/?range=6h")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.locator("h1")).to_have_text("0 of 1 sites ok, 1 never polled")
    expect(page).to_have_url(re.compile(r"/\?range=6h$"))


def test_what_is_wrong_is_said_with_the_way_back(visit, world, complaints):
    complaints.expect("400")
    page = visit("/?range=2h", user=world.ada)
    expect(page.locator("h1")).to_have_text("The address asks for something unknown")
    assert violations(page) == []
    page.get_by_role("link", name="Without the parameters").click()
    expect(page.locator("h1")).to_have_text("0 of 1 sites ok, 1 never polled")


def test_the_board_is_walked_and_opened_with_the_keyboard_alone(visit, network):
    page = visit("/?sort=worst", user=network)
    expect(page.locator("#live-text")).to_have_text("live")

    for key in "jjk":
        page.keyboard.press(key)

    first = page.locator("[data-row] a").first
    expect(first).to_be_focused()
    page.wait_for_timeout(2500)
    expect(first).to_be_focused()


def test_the_keys_are_listed_and_can_be_switched_off(visit, world):
    page = visit("/", user=world.bo)
    expect(page.locator("#live-text")).to_have_text("live")

    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("Next row")
    expect(dialog).to_contain_text("Pause or resume")
    dialog.get_by_label("Single keys off in this browser").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")

    expect(page.get_by_role("dialog", name="Search")).to_be_hidden()


def test_escape_closes_a_search_that_has_begun_and_the_focus_is_where_it_was(visit, world):
    page = visit("/", user=world.bo)
    expect(page.locator("#live-text")).to_have_text("live")
    page.keyboard.press("Tab")
    before = page.evaluate("document.activeElement.outerHTML")

    page.keyboard.press("Control+k")
    page.keyboard.type("pec")
    page.keyboard.press("Escape")

    expect(page.locator("#search")).to_be_hidden()
    assert page.evaluate("document.activeElement.outerHTML") == before


def test_search_opens_anywhere_and_leads_to_the_machine(visit, world):
    page = visit("/system/", user=world.bo)
    expect(page.locator("#live-text")).to_have_text("live")

    page.keyboard.press("Control+k")
    page.keyboard.type("pecos c1 3")
    found = page.locator("#found a")
    expect(found).to_have_count(1)
    assert violations(page) == []
    page.keyboard.press("Enter")

    page.wait_for_url("**/sites/PECOS/C1/3/")


def test_the_theme_changes_at_once_and_stays(visit, world):
    page = visit("/", user=world.ada, theme="light")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(background) == "rgb(248, 247, 244)"

    page.locator("#me summary").click()
    with page.expect_response("**/me/theme/"):
        page.get_by_role("button", name="Graphite").click()
    expect(page.locator("html")).to_have_css("background-color", "rgb(18, 21, 23)")

    page.reload()
    assert page.evaluate(background) == "rgb(18, 21, 23)"


def test_paper_shows_no_controls_and_says_when_and_in_which_zone(visit, world):
    page = visit("/?zone=utc", user=world.ada)

    page.emulate_media(media="print")

    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator(".time-control")).to_be_hidden()
    expect(page.locator(".only-print")).to_contain_text("times in UTC")


def test_the_page_shows_everything_without_motion_for_those_who_ask(visit, world):
    page = visit("/", user=world.ada, reduced_motion="reduce")
    page.evaluate("document.querySelector('.fig').classList.add('changed')")

    assert page.evaluate("getComputedStyle(document.querySelector('.fig')).animationName") == "none"
