"""Proposals, addresses, policy, a loan and who looked, in a real browser: with nothing, with much, one whole way."""

import os

import pytest
from playwright.sync_api import expect

from cango_ops.base import clock
from sites.models import Role
from tests.pages.places import room, violations
from tests.pages.test_api_pages import known_to_the_server
from tests.treasury.proposals.worlds import OWN, allowed, ask, booked, forbid, known, make_books, people, say_yes
from tests.treasury.web.worlds import member
from tests.worlds import PASSWORD
from treasury.loans.interest import post_due
from treasury.models import Loan, Proposal
from treasury.proposals.approve import reject
from treasury.proposals.blackouts import ask_to_lift
from treasury.proposals.insiders import enlist

pytestmark = pytest.mark.pages

NEW = "/treasury/proposals/new/?kind=top_up&loan=A&wallet=hot&sat=2.5&beneficiary=Antalpha"
PAGES = {
    "proposals": "/treasury/proposals/",
    "new": NEW,
    "addresses": "/treasury/addresses/",
    "policy": "/treasury/policy/",
    "access": "/treasury/access/",
    "embargo": "/treasury/embargo/",
}


# Every size and either theme; each page once in each of these.
LOOKS = [((1920, 1080), "light"), ((1366, 768), "dark"), ((390, 844), "light"), ((390, 844), "dark")]


def look(page, name, size, theme):
    assert violations(page) == [], name
    assert room(page)[0] == size[0], name
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}-{size[0]}-{theme}.png", full_page=True)


@pytest.fixture
def much(console_server):
    """Every state of proposals, an address that cools off and one that is effective, a loan with posted interest."""
    make_books()
    cast = people()
    known(cast)
    say_yes(ask(cast["ted"], "address", name="cold-2", address=OWN, purpose="own"), cast["tia"])
    post_due(Loan.objects.get(), clock.now().date())
    booked(say_yes(ask(cast["ted"]), cast["tia"], cast["ann"]), cast["ted"])
    for n in range(12):
        reject(ask(cast["ted"], wallet="hot", sat=n + 1), cast["tia"], "the price is too low today")
    say_yes(ask(cast["ted"], "repay", loan="A", usd="25000"), cast["tia"])
    ask(cast["ted"], "sell_to_fund", wallet="hot", sat=250_000_000, need_usd="120000", limit_usd="48000")
    for name in ("ann", "ted", "tia"):
        enlist(cast[name], "keeps the books of the company", cast["ines"])
    ask_to_lift(forbid(cast["ines"], kind="quarter_end"), "the figures are out", cast["ines"])
    forbid(cast["ines"], days=12)
    allowed(cast)
    return cast


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_much_is_sound(visit, much, size, theme):
    page = visit("/treasury/loans/A/", user=much["ann"], size=size, theme=theme)
    look(page, "loan", size, theme)
    for name, address in PAGES.items():
        page.goto(address)
        look(page, name, size, theme)
    for row in (*Proposal.objects.filter(state="approved"), Proposal.objects.filter(state="booked").first(),
                Proposal.objects.get(kind="sell_to_fund")):  # fmt: skip
        page.goto(f"/treasury/proposals/{row.pk}/")
        look(page, row.state, size, theme)


@pytest.mark.parametrize(("size", "theme"), LOOKS[1:3])
def test_nothing_is_sound_too(visit, console_server, size, theme):
    page = visit("/treasury/proposals/", user=member("Ada", Role.TREASURER), size=size, theme=theme)
    assert page.locator("h1").inner_text() == "No proposal waits"
    look(page, "no-proposals", size, theme)
    for name in ("addresses", "policy", "access", "embargo"):
        page.goto(PAGES[name])
        look(page, f"no-{name}", size, theme)


def confirm(page):
    """Gives the password again, where the console asks for it."""
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_sale_is_proposed_approved_and_booked_by_hand(visit, console_server):
    make_books()
    cast = people()
    for name in ("ted", "tia", "ann"):
        known_to_the_server(cast[name])
    ted = visit("/treasury/proposals/", user=cast["ted"])
    ted.select_option("#kind", "sale")
    ted.click("text=Begin")
    ted.fill("#f-sat", "1.25")
    ted.click("text=Show its effect")
    ted.fill("#reason", "to pay the power of June")
    ted.click("button:has-text('Propose')")
    expect(ted.locator("h1")).to_contain_text("Sell 1.25 BTC out of hot")

    for name in ("tia", "ann"):
        other = visit(ted.url, user=cast[name])
        other.click("button:has-text('Approve this')")
        confirm(other)
        other.wait_for_selector(".messages .success")

    ted.goto(f"/accounts/reauthenticate/?next=/treasury/proposals/{Proposal.objects.get().pk}/")
    confirm(ted)
    ted.fill("#price", "50100")
    ted.fill("#note", "confirmation 4711 of the desk")
    ted.click("button:has-text('Book it')")
    expect(ted.locator("#evidence")).to_be_visible()
    assert Proposal.objects.get().state == "booked"


def test_what_was_typed_and_refused_stands_in_the_form_again(visit, console_server):
    page = visit("/treasury/embargo/", user=member("Ada", Role.TREASURER))
    page.click("text=Set a window")
    page.fill("#starts", "2099-12-10T08:00")
    page.fill("#ends", "2099-12-01T08:00")
    page.fill("#why", "results of the quarter are known")
    page.click("button:has-text('Set it')")
    expect(page.locator(".messages .error")).to_contain_text("it ends after it begins")

    expect(page.locator("#why")).to_have_value("results of the quarter are known")
    expect(page.locator("#starts")).to_have_value("2099-12-10T08:00")
    page.fill("#ends", "2099-12-20T08:00")
    page.click("button:has-text('Set it')")

    # Once it is taken the form is as new.
    expect(page.locator(".messages .success")).to_be_visible()
    expect(page.locator("#why")).to_have_value("")
    expect(page.locator("#why")).to_be_hidden()
