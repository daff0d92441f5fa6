"""The months and a report in a real browser: with nothing, with a draft, in two themes and three sizes."""

import os
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.pages.places import room, violations
from tests.pages.test_api_pages import known_to_the_server
from tests.treasury.closing.worlds import forget_months, mined_on, people
from tests.treasury.reports.test_publish import release
from tests.worlds import HOUR, PASSWORD, make_world, plan_off
from treasury.books.post import post
from treasury.models import ReportJob
from treasury.reports import making, published
from treasury.reports.files import freeze, take
from treasury.reports.publish import approve, comment
from treasury.reports.restating import allow, ask
from treasury.reports.subscribing import add_mail

pytestmark = pytest.mark.pages

PAGES = {
    "months": "/treasury/reports/",
    "month": "/treasury/reports/2025-10/",
    "figure": "/treasury/reports/2025-10/1/figures/btc_produced/",
    "empty": "/treasury/reports/2025-08/",
    "published": "/treasury/reports/2025-09/",
    "told": "/treasury/reports/subscribers/",
    "access": "/treasury/reports/2025-09/access/",
    "source": "/treasury/reports/2025-10/sites/PECOS/",
    "entries": "/treasury/reports/2025-10/entries/btc_produced/",
    "entry": "/treasury/reports/entry/?source=m10-3",
    "outages": "/sites/PECOS/outages/",
    "hours": "/treasury/reports/2025-10/sites/PECOS/2025-10-03/",
}
# Simpler pages, looked at in one size.
ONCE = ("figure", "empty", "access", "hours", "entry", "outages")
WHY = "a payout of the 30th came after the close"


def have_release(cast):
    """September published, told to a mailbox, taken, restated; August being made; a site with nothing known."""
    add_mail("desk@example.com", "en", cast["ines"])
    september = release(freeze(published.material("2025-09"), cast["ines"]), cast)
    take(september, "cango-2025-09.pdf", cast["ted"])
    allow(ask(september.month, "btc_produced", Decimal("616.9"), WHY, cast["ines"]), cast["ted"])
    ask(september.month, "btc_held", Decimal("5810.3"), WHY, cast["ines"])
    job = making.ask(date(2025, 8, 1), "published", uuid.uuid4(), cast["ines"])
    ReportJob.objects.filter(pk=job.pk).update(state="running", done=14, total=20, step="sets cango-2025-08.docx")
    world = make_world()
    plan_off(world.pecos, world.c1, reason="New fans and a firmware that the maker wants on all machines of this row")
    now = datetime.now(UTC)
    plan_off(world.pecos, kind="relocation", begin_at=now - 40 * HOUR, end_at=now - 30 * HOUR, reason="to Muscat")
    post([mined_on(day, sat=19_440_000_00) for day in (1, 2, 3)], "pool payouts", {"m10-3": {"price": {"usd": "1"}}})


@pytest.fixture
def months_that_go(transactional_db):
    """What is published could not be emptied after the test."""
    yield
    forget_months()


def test_the_reports_are_sound_in_every_size_and_theme(visit, console_server, months_that_go, size, theme):
    cast = people()
    report = freeze(published.material("2025-10"), cast["ines"])
    approve(report, report.sha256, cast["ted"])
    comment(report, "btc_held", "does it include the pledged coins?", cast["tia"])
    have_release(cast)
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
    known_to_the_server(cast["ted"])
    freeze(published.material("2025-10"), cast["ines"])
    page = visit("/treasury/reports/2025-10/", user=cast["ted"])

    page.get_by_role("link", name="Bitcoin produced", exact=True).click()
    expect(page.locator("h1")).to_have_text("Bitcoin produced: 602.6 BTC")
    expect(page.get_by_text("published:Cango/2025-10/btc_produced")).to_be_visible()
    page.fill("#words", "please look at the last payout")
    page.get_by_role("button", name="Comment").click()
    page.get_by_role("button", name="Approve these figures").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.locator(".messages")).to_contain_text("Not done: comments are open, of: ")


def test_an_operator_enters_an_outage_at_the_site(visit, console_server, months_that_go):
    world = make_world()
    page = visit("/sites/PECOS/outages/", user=world.ada)

    page.select_option("#id_container", label="C1")
    page.fill("#id_reason", "new fans")
    page.get_by_role("button", name="Enter", exact=True).click()

    expect(page.locator(".messages")).to_contain_text("Maintenance of PECOS/C1 is entered.")
    assert page.locator("h1").inner_text() == "Pecos: PECOS/C1 is planned to be off now"
    page.goto("/sites/PECOS/outages/")
    assert violations(page) == []
