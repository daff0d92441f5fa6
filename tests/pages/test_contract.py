"""The pages of a site's agreements in a real browser: sound in both themes and every size, and set by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from compute.models import GpuContract
from sites.models import Battery, PowerContract, Programme, ProgrammeCall
from tests.pages.places import room, violations
from tests.pages.test_api_pages import known_to_the_server
from tests.worlds import PASSWORD, World, make_world

pytestmark = pytest.mark.pages
ADDRESSES = tuple(f"/sites/PECOS/{page}/" for page in ("contract", "gpu-contracts", "programmes", "settings"))


@pytest.fixture
def world(console_server) -> World:
    made = make_world()
    Battery.objects.create(site=made.pecos, capacity_mwh=10, charge_mw=5, discharge_mw=5)
    programme = Programme.objects.create(
        site=made.pecos, name="Emergency response", baseline_mw=18, cap_mw=18, usd_per_mwh=250, valid_from="2026-01-01"
    )
    now = timezone.now()
    hours = {"begin_at": now - timedelta(hours=1), "end_at": now + timedelta(hours=1)}
    ProgrammeCall.objects.create(programme=programme, call_id="2026-E-17/4", called_at=now, **hours)
    GpuContract.objects.create(site=made.pecos, customer="C", nodes=5, usd_per_node_h=16, begin_at=timezone.now())
    return made


def is_sound(page: Page, size: tuple[int, int]) -> None:
    expect(page.locator("h1")).to_be_visible()
    assert violations(page) == []
    assert room(page)[0] <= size[0]


def test_every_page_is_sound(visit, world, size, theme):
    page = visit(ADDRESSES[0], user=world.bo, size=size, theme=theme)
    for address in ADDRESSES:
        page.goto(address)
        is_sound(page, size)


def test_pages_with_nothing_agreed_are_sound(visit, world, theme):
    PowerContract.objects.filter(site=world.ghost).delete()
    page = visit("/sites/GHOST/contract/", user=world.cy, theme=theme)
    expect(page.locator("h1")).to_have_text("Ghost: no power contract holds today")
    is_sound(page, (1366, 768))


def test_a_wrong_form_stays_sound_and_says_what_is_wrong(visit, world, complaints):
    complaints.expect("400 (Bad Request)")
    known_to_the_server(world.bo)
    page = visit("/accounts/reauthenticate/?next=/sites/PECOS/contract/", user=world.bo)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Kind").select_option("index")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".field-error").first).to_contain_text("names its market")
    assert violations(page) == []

    page.get_by_label("Market", exact=True).fill("ERCOT-WEST")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="The last seven days under the terms in the form")).to_be_visible()
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".term").first).to_contain_text("× the real-time price of ERCOT-WEST")
