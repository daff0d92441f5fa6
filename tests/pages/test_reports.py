"""The months and a report in a real browser: with nothing, with a draft, in two themes and three sizes."""

import os

import pytest

from tests.pages.places import room, violations
from tests.treasury.closing.worlds import people
from treasury.reports import published
from treasury.reports.files import freeze
from treasury.reports.publish import approve, comment

pytestmark = pytest.mark.pages

PAGES = {
    "months": "/treasury/reports/",
    "month": "/treasury/reports/2025-10/",
    "figure": "/treasury/reports/2025-10/1/figures/btc_produced/",
    "empty": "/treasury/reports/2025-08/",
}
# Simpler pages, looked at in one size.
ONCE = ("figure", "empty")


def test_the_reports_are_sound_in_every_size_and_theme(visit, console_server, size, theme):
    cast = people()
    report = freeze(published.material("2025-10"), cast["ines"])
    approve(report, report.sha256, cast["ted"])
    comment(report, "btc_held", "does it include the pledged coins?", cast["tia"])
    page = visit("/treasury/reports/", user=cast["ian"], size=size, theme=theme)

    for name, address in PAGES.items():
        if name in ONCE and size[0] != 1366:
            continue
        page.goto(address)
        assert violations(page) == [], name
        assert room(page)[0] == size[0], name
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{size[0]}-{theme}.png", full_page=True)


def test_a_figure_opens_to_its_lineage_and_a_comment_holds_the_report(visit, console_server):
    cast = people()
    freeze(published.material("2025-10"), cast["ines"])
    page = visit("/treasury/reports/2025-10/", user=cast["ted"])

    page.get_by_role("link", name="Bitcoin produced", exact=True).click()
    assert page.locator("h1").inner_text() == "Bitcoin produced: 602.6 BTC"
    assert page.get_by_text("published:Cango/2025-10/btc_produced").is_visible()
    page.fill("#words", "please look at the last payout")
    page.get_by_role("button", name="Comment").click()
    page.get_by_role("button", name="Approve these figures").click()

    assert "Not done: comments are open." in page.locator(".messages").inner_text()
