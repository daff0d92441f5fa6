"""Value, stress and AI revenue in a real browser: with nothing, with demo books, in two themes and three sizes."""

import os
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from cango_ops.base import clock
from compute.models import NetworkReading
from sites.models import PowerContract, Role
from tests.pages.places import room, violations
from tests.treasury.earnings.worlds import contract, draw, hash_for, pecos
from tests.treasury.web.test_value_pages import contract_day
from tests.treasury.web.worlds import make_treasury, member
from treasury import demo
from treasury.earnings.days import tell_day
from treasury.equity.demo import tell_demo
from treasury.models import PriceMark

pytestmark = pytest.mark.pages

PHONE = (390, 844)
LOOKS = [((1920, 1080), "light"), ((1366, 768), "dark"), (PHONE, "light")]
EMPTY = {
    "/treasury/": "No bitcoin is booked yet",
    "/treasury/value/": "Value not known: no share price is written down",
    "/treasury/stress/": "Nothing can be stressed: no price was ever read",
    "/treasury/ai/": "No GPU-hours are known of",
}
# Beginnings of the titles with the demo books, a network and a few sites.
FULL = {
    "/treasury/": "1,",
    "/treasury/value/": "mNAV ",
    "/treasury/stress/": "Bitcoin may fall ",
    "/treasury/ai/": "$2,316",
}


def demo_books(now):
    """The demo's books with two prices, a network, and sites of which a day and GPU contracts are told."""
    demo.seed(now.date(), Decimal(90_000))
    tell_demo(now.date())
    for source in ("coinbase", "kraken"):
        PriceMark.objects.create(source=source, at=now, price_usd=Decimal("90000.00"))
    for minutes in (1, 300, 600):
        NetworkReading.objects.create(
            observed_at=now - timedelta(minutes=minutes), source="mempool.test", difficulty=1.5e14,
            reward_sat=314_000_000, price_usd=Decimal("90000.00"), hashprice_usd_per_ph_day=43.9,
        )  # fmt: skip
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    for number in range(12):
        site = pecos(f"SITE-{number}")
        hash_for(site, 6, ths=3_000_000.0, start=begin)
        if number < 3:
            draw(site, 4, watts=52_000_000.0, start=begin)
            PowerContract.objects.create(site=site, valid_from=date(2025, 1, 1), price_usd_per_mwh=Decimal("41.50"))
        for day in (now - timedelta(days=1), now):
            tell_day(site, day.date(), now)
        contract_day(contract(site, 10), now.date(), 14_000, 14_040)


def test_empty_pages_are_sound_on_a_phone(visit, console_server, subtests):
    ada = member("Ada", Role.TREASURER)
    for address, title in EMPTY.items():
        with subtests.test(address=address):
            sound(visit(address, user=ada, size=PHONE, theme="dark"), PHONE, "dark", address, title, "empty")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_pages_with_demo_books_are_sound_in_every_size(visit, console_server, size, theme, subtests):
    demo_books(clock.now())
    ada = member("Ada", Role.TREASURER)

    for address, title in FULL.items():
        with subtests.test(address=address):
            sound(visit(address, user=ada, size=size, theme=theme), size, theme, address, title, "demo")


def sound(page, size, theme, address, title, label):
    if folder := os.environ.get("SHOTS"):
        name = address.strip("/").replace("/", "-")
        page.screenshot(path=f"{folder}/{name}-{label}-{size[0]}-{theme}.png", full_page=True)
    assert page.locator("h1").inner_text().startswith(title)
    assert violations(page) == []
    assert room(page)[0] == size[0]


def test_a_table_twin_opens_and_a_contract_opens_its_days(visit, console_server):
    demo_books(clock.now())
    page = visit("/treasury/stress/", user=member("Ada", Role.TREASURER))

    page.locator("#twin summary").click()
    expect(page.locator("#twin tbody tr")).to_have_count(40)
    page.locator("nav.places a", has_text="AI revenue").click()
    page.locator("#sites a", has_text="Brightline").first.click()
    expect(page.locator("#days tbody tr")).to_have_count(1)


def test_what_an_act_would_change_stays_within_a_phone(visit, console_server):
    make_treasury(clock.now(), wallets=25)

    page = visit("/treasury/stress/?act=pledge&amount=23.9&loan=ANT-3", user=member("Ada", Role.TREASURER), size=PHONE)

    assert violations(page) == []
    assert room(page)[0] == PHONE[0]
