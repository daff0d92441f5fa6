"""An open page in a real browser: what it does when data comes, fails, or is cut off."""

import re

import pytest
from playwright.sync_api import expect

from compute.telemetry import sitemap
from tests.pages.places import sweep, violations
from tests.worlds import make_world

pytestmark = pytest.mark.pages


@pytest.fixture
def world(console_server):
    sitemap.forget()
    return make_world()


# A browser that is taken off the net says so for every request that was under way.
CUT = ("ERR_INTERNET_DISCONNECTED", "htmx:sendError")


def test_a_sweep_reaches_an_open_page_by_itself(visit, world):
    page = visit("/", user=world.ada)
    expect(page.locator("#live-text")).to_have_text("live")

    sweep(world.c1, [200, 200, 200, 200])

    expect(page.locator("h1")).to_have_text("Your site is ok")
    expect(page).to_have_title("Your site is ok · Cango Ops")
    expect(page.locator("#f-operating .fig").first).to_have_text("800.0 TH/s")


def test_a_paused_page_keeps_its_numbers_and_says_since_when(visit, world):
    page = visit("/", user=world.ada)
    expect(page.locator("#live-text")).to_have_text("live")
    page.keyboard.press("p")
    expect(page.locator("#live-text")).to_have_text(re.compile(r"^paused at \d\d:\d\d:\d\d UTC$"))

    sweep(world.c1, [200, 200, 200, 200])
    page.wait_for_timeout(3000)
    expect(page.locator("h1")).to_have_text("0 of 1 sites ok, 1 never polled")

    page.keyboard.press("p")
    expect(page.locator("h1")).to_have_text("Your site is ok")


def test_a_page_that_was_cut_off_says_so_and_fills_the_gap_without_a_reload(visit, world, complaints):
    complaints.expect(*CUT)
    page = visit("/", user=world.ada)
    expect(page.locator("#live-text")).to_have_text("live")
    page.evaluate("window.stayed = true")
    page.context.set_offline(True)
    expect(page.locator("#live-text")).to_have_text(re.compile("^(offline|reconnecting), stale since"))
    sweep(world.c1, [200, 200, 200, 200])

    page.context.set_offline(False)

    expect(page.locator("#live-text")).to_have_text("live")
    expect(page.locator("h1")).to_have_text("Your site is ok")
    assert page.evaluate("window.stayed")


def test_a_row_that_grows_old_before_ones_eyes_says_stale(visit, world, complaints):
    complaints.expect(*CUT)
    sweep(world.c1, [200, 200, 200, 200])
    page = visit("/", user=world.ada)
    expect(page.locator("#site-PECOS [data-state]")).to_have_text("ok")
    expect(page.locator("#live-text")).to_have_text("live")
    page.wait_for_load_state("networkidle")  # no answer under way puts the row back
    page.context.set_offline(True)

    page.evaluate("document.querySelector('#site-PECOS time').dateTime = '2026-01-01T00:00:00Z'")

    expect(page.locator("#site-PECOS [data-state]")).to_have_text("stale")


def test_a_chart_draws_its_points_keeps_its_gaps_and_has_a_table(visit, world):
    for ago_s in (600, 540, 180, 120):
        sweep(world.c1, [200, 200, 200, 200], ago_s=ago_s)
    page = visit("/?range=1h", user=world.ada)
    chart = page.locator("#chart-hashrate")

    expect(chart.locator("[data-line=hashrate_ths]")).to_have_text("800 TH/s")
    drawn = page.evaluate("document.querySelector('#chart-hashrate .plot').data[0].y.filter((v) => v !== null)")
    assert drawn == [800, 800, 800, 800]
    assert page.evaluate("document.querySelector('#chart-hashrate .plot').data[0].connectgaps") is False
    chart.get_by_text("Table").click()
    expect(chart.get_by_role("cell", name="800")).to_have_count(8)
    assert violations(page) == []


def test_a_history_that_has_just_begun_is_shown_from_its_beginning(visit, world):
    for ago_s in (1800, 1740, 1680):
        sweep(world.c1, [200, 200, 200, 200], ago_s=ago_s)
    page = visit("/?range=24h", user=world.ada)
    chart = page.locator("#chart-hashrate")

    expect(chart.locator("[data-at]")).to_have_text(re.compile(r"^shown from \d+ \w+ \d\d:\d\d$"))
    start, end = page.evaluate("document.querySelector('#chart-hashrate .plot').layout.xaxis.range.map(Number)")
    assert 1700 < (end - start) / 1000 < 2000


def test_new_points_are_added_to_a_chart_that_is_open(visit, world):
    sweep(world.c1, [200, 200, 200, 200], ago_s=180)
    page = visit("/?range=1h", user=world.ada)
    known = "document.querySelector('#chart-hashrate .plot').data[0].y.filter((v) => v !== null)"
    expect(page.locator("#chart-hashrate [data-line=hashrate_ths]")).to_have_text("800 TH/s")
    assert page.evaluate(known) == [800]

    sweep(world.c1, [100, 100, 100, 100], ago_s=65)

    expect(page.locator("#chart-hashrate [data-line=hashrate_ths]")).to_have_text("400 TH/s")
    assert page.evaluate(known) == [800, 400]


def test_a_series_that_fails_says_so_in_its_chart_and_leaves_the_rest_alive(visit, world, complaints):
    complaints.expect("500")
    page = visit("/search/", user=world.ada)
    page.route("**/api/v1/series/**", lambda route: route.fulfill(status=500, body="{}"))

    page.goto("/")

    expect(page.locator("#chart-hashrate .chart-note")).to_contain_text("the series could not be read (500)")
    expect(page.locator("#live-text")).to_have_text("live")
    expect(page.locator("[data-row]")).to_have_count(1)


def test_a_database_that_is_away_is_said_on_an_open_page(visit, world):
    page = visit("/search/", user=world.ada)
    sockets: list = []
    page.route_web_socket("**/live", lambda socket: sockets.append(socket))
    page.goto("/")
    expect(page.locator("#live-text")).to_have_text("live")

    sockets[0].send('{"beat": "2026-03-08T12:00:00Z", "redis": true, "database": false}')
    expect(page.locator("#live-text")).to_have_text(re.compile("^database away, stale since "))
    sockets[0].send('{"beat": "2026-03-08T12:00:15Z", "redis": true, "database": true}')

    expect(page.locator("#live-text")).to_have_text("live")


def test_a_panel_that_failed_says_so_and_is_asked_for_again(visit, world, complaints):
    complaints.expect("503", "htmx:")
    page = visit("/search/", user=world.ada)
    page.route("**/overview/panel/", lambda route: route.fulfill(status=503), times=2)
    page.goto("/")

    sweep(world.c1, [200, 200, 200, 200])

    expect(page.locator("#live-text")).to_have_text(re.compile("^not answering, stale since "))
    expect(page.locator("h1")).to_have_text("Your site is ok")
    expect(page.locator("#live-text")).to_have_text("live")
