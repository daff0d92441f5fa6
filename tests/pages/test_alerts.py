"""Alerts in a real browser: they come, are taken and go while one looks; sound in every size and theme."""

import os
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from cango_ops.alerts.models import Alert
from compute.telemetry import sitemap
from tests.pages.places import add_site, room, violations
from tests.web.alerts.worlds import at_site, judge, later, make_alert, make_decision, sweep, value_hashes
from tests.worlds import make_world

pytestmark = pytest.mark.pages


@pytest.fixture
def world(console_server):
    sitemap.forget()
    return make_world()


def much(world) -> None:
    """Forty sites, alerts of every kind, a decision, something silent."""
    for number in range(1, 40):
        add_site(world.company, world.pecos.region, number)
    value_hashes()
    at_site(world.pecos, severity="critical", usd_per_h=Decimal("412.50"), usd_why="", action="Call the site",
            rule="site.link_lost", sentence="Link lost: none of 9,000 machines answers; 1.8 EH/s unseen",
            shown={"scope": "site", "of": "PECOS", "metric": "coverage_pct", "kind": "pct"})  # fmt: skip
    for number in range(25):
        at_site(world.muscat, subject=f"site/{number}", usd_per_h=Decimal(number), rule="site.hashrate_low",
                sentence=f"{10 + number} % of hashrate missing: 1.2 PH/s of 9.9 PH/s; worst C{number}, C{number + 1}",
                action="See what is missing")  # fmt: skip
    make_alert(
        "Treasury", "treasury", severity="critical", rule="loan.called", sentence="ANT-3: margin call", url="/treasury/"
    )
    make_decision(world.muscat, usd_per_h=80)
    judge()


def test_an_alert_comes_is_taken_and_goes_before_ones_eyes(visit, world):
    page = visit("/", user=world.ada)
    expect(page.locator("#live-text")).to_have_text("live")
    expect(page.locator("#alerts-open .fig")).to_have_text("0")
    sweep(world.c1, [None, None, None, None])
    judge()
    later(60)

    judge()

    expect(page.locator("#alerts-open .fig")).to_have_text("1")
    expect(page.locator("#troubles")).to_contain_text("Link lost: none of 4 machines answers")
    page.reload()
    expect(page.locator("#live-text")).to_have_text("live")
    page.keyboard.press("Tab")
    expect(page.locator("#troubles .need").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("PECOS: Link to a site lost")
    expect(page.locator("#live-text")).to_have_text("live")  # its keys listen from then on
    page.keyboard.press("a")
    expect(page.locator(".messages")).to_contain_text("You have it: PECOS.")
    expect(page.locator("#facts")).to_contain_text("Acknowledged")

    sweep(world.c1, [200, 200, 200, 200], ago_s=0)
    judge()
    later(61)
    judge()

    expect(page.locator("#facts")).to_contain_text("Resolved")
    expect(page.locator("#alerts-open .fig")).to_have_text("0")


def test_what_one_takes_the_other_sees(visit, world):
    at_site(world.pecos)
    bo = visit("/alerts/", user=world.bo)
    expect(bo.locator("#live-text")).to_have_text("live")
    ada = visit("/alerts/", user=world.ada)

    ada.get_by_role("button", name="Take it").click()

    expect(bo.locator("#alerts-room")).to_contain_text("ada@example.com has it")


def test_the_overview_does_not_scroll_with_all_that_needs_somebody(visit, world):
    much(world)

    page = visit("/", user=world.bo, size=(1366, 768))

    expect(page.locator("#troubles .need").first).to_be_visible()
    assert room(page)[1] <= 768
    assert violations(page) == []


def test_with_much_to_show_the_pages_are_sound_in_every_size_and_theme(visit, world, size, theme):
    much(world)
    first = f"/alerts/{Alert.objects.order_by('pk')[0].pk}/"
    page = visit(first, user=world.bo, size=size, theme=theme)

    is_sound(page, size, f"alert-{theme}")
    for name, address in {"list": "/alerts/", "overview": "/"}.items():
        page.goto(address)
        is_sound(page, size, f"{name}-{theme}")


@pytest.mark.parametrize(("wide", "theme"), [((1366, 768), "light"), ((390, 844), "dark")], ids=["desk", "phone"])
def test_with_nothing_to_show_and_in_the_forms_they_are_sound_too(visit, world, wide, theme):
    page = visit("/alerts/", user=world.bo, size=wide, theme=theme)

    is_sound(page, wide, f"list-empty-{theme}")
    for name, address in {"rules": "/alerts/rules/PECOS/", "messages": "/alerts/messages/"}.items():
        page.goto(address)
        is_sound(page, wide, f"{name}-{theme}")


def is_sound(page, size, name: str) -> None:
    assert violations(page) == [], name
    assert room(page)[0] == size[0], name
    if folder := os.environ.get("SHOTS"):
        page.wait_for_timeout(800)
        page.screenshot(path=f"{folder}/{name}-{size[0]}.png")
