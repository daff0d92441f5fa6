"""The pages of a site, a container and a machine in a real browser: what they show, and that they keep up."""

import re
import time
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from compute.models import Container, SiteSweep
from compute.telemetry import sitemap, store
from sites.models import Membership, Role
from tests.compute.telemetry.sweeps import heard, machine, make_gpu, mining, serving, silent
from tests.worlds import World, make_user, make_world

pytestmark = pytest.mark.pages

PAGES = ("/sites/PECOS/", "/sites/PECOS/C1/?show=chip_temp_c", "/sites/PECOS/C1/1/")


@pytest.fixture
def world(console_server) -> World:
    """Pecos with 4 miners, one of which never answered, and a GPU node; swept twice, two seconds ago at last.

    Of two samples of one second the greater stays: a test's own sweep has a second of its own.
    """
    sitemap.forget()
    world = make_world()
    make_gpu(world.c1, 7)
    for ago_s in (22, 2):
        sweep(world.c1, [198.0, 190.0, 120.0, None], ago_s)
    return world


def sweep(box: Container, hashrates: list[float | None], ago_s: float = 1) -> None:
    at = time.time() - ago_s
    polled = [
        silent(machine(box, slot), at) if ths is None else heard(machine(box, slot), at, said(slot, ths), full=True)
        for slot, ths in enumerate(hashrates, 1)
    ]
    store.write(box.site_id, [*polled, heard(machine(box, 7), at, serving(uptime_s=3600), full=True)])


def said(slot: int, hashrate_ths: float):
    return mining(hashrate_ths, chip_c=66.0 + slot, firmware="2025.4.8", serial=f"SN{slot}")


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def too_small(page: Page) -> list[str]:
    """What a thumb must hit in the panel and is less than 44 px high."""
    return page.evaluate(
        "[...document.querySelectorAll('#panel a, #panel button')].filter(e => e.getClientRects().length &&"
        " e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))"
    )


def hashrate(page: Page):
    return page.locator("#f-operating dd, #f-hashrate dd").first


def test_the_three_pages_are_sound_in_every_size_and_theme(visit, world, size, theme):
    page = visit(PAGES[0], user=world.ada, size=size, theme=theme)
    for number, path in enumerate(PAGES):
        if number:
            page.goto(path)
        expect(page.locator("#live-text")).to_have_text("live")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        if size[0] < 500:
            assert too_small(page) == []


def test_a_container_stands_on_its_site_as_it_is(visit, world):
    page = visit("/sites/PECOS/?show=chip_temp_c", user=world.ada)

    tile = page.locator("#box-C1")
    expect(tile).to_contain_text("508 TH/s")
    expect(tile).to_contain_text("63.5 %")
    drawing = tile.get_by_role("img", name="C1, machines by Chip °C: 1 critical, 1 warning, 3 ok")
    expect(drawing.locator(".no-heat")).to_have_count(1)
    expect(page.locator(".heat-legend")).to_have_text(re.compile("67.0 °C|67 °C"))
    page.get_by_role("link", name="Table").click()
    expect(page.locator("#box-C1 th")).to_contain_text("C1")
    expect(page).to_have_url(re.compile(r"show=chip_temp_c&view=table$"))


def test_a_machine_is_shown_field_by_field_with_source_and_age(visit, world):
    page = visit("/sites/PECOS/C1/1/", user=world.ada)

    row = page.locator("#fields tr", has_text="Serial number")
    expect(row).to_contain_text("SN1")
    expect(row).to_contain_text("machine, inspection")
    expect(row.locator("time")).to_be_visible()
    expect(page.locator("#boards tr")).to_have_count(3)
    expect(page.locator("#pools")).to_contain_text("stratum+tcp://pool")
    expect(page.locator("#f-hashrate")).to_contain_text("99.0 %")


def test_a_gpu_node_is_shown_gpu_by_gpu(visit, world):
    page = visit("/sites/PECOS/C1/7/", user=world.ada)

    expect(page.locator("#gpus tr")).to_have_count(2)
    expect(page.locator("#f-gpu")).to_contain_text("50.0 %")
    assert violations(page) == []


def test_a_silent_machine_shows_no_number_as_live(visit, world):
    page = visit("/sites/PECOS/C1/4/", user=world.ada)

    expect(page.locator("h1")).to_contain_text("never answered (no whole answer in time)")
    expect(hashrate(page)).to_contain_text("–")
    expect(page.locator("#panel")).to_contain_text("It has not said anything yet.")


def test_every_sweep_reaches_an_open_page_without_a_reload(visit, world):
    page = visit("/sites/PECOS/C1/1/", user=world.ada)
    expect(page.locator("#live-text")).to_have_text("live")
    page.evaluate("window.mark = 'not reloaded'")

    for ths in (187.0, 188.0, 189.0):
        sweep(world.c1, [ths, 190.0, 195.0, 196.0], ago_s=0)
        expect(hashrate(page)).to_contain_text(f"{ths:.0f}")
    assert page.evaluate("window.mark") == "not reloaded"


def test_what_was_missed_offline_is_there_after_it(visit, world, complaints):
    complaints.expect("ERR_INTERNET_DISCONNECTED", "htmx:sendError")
    page = visit("/sites/PECOS/C1/", user=world.ada)
    expect(page.locator("#live-text")).to_have_text("live")
    page.context.set_offline(True)
    expect(page.locator("#live-text")).to_contain_text("offline, stale since")

    sweep(world.c1, [181.0, 182.0, 183.0, 184.0], ago_s=0)
    page.context.set_offline(False)

    expect(page.locator("#live-text")).to_have_text("live")
    expect(page.locator("#row-4")).to_contain_text("184")
    expect(hashrate(page)).to_contain_text("730")


def test_a_page_that_hears_nothing_new_stops_looking_live(visit, world):
    page = visit("/sites/PECOS/", user=world.ada)
    expect(page.locator("#panel[class~=is-worn]")).to_have_count(0)

    page.evaluate("document.querySelector('[data-live-until]').dataset.liveUntil = '2020-01-01T00:00:00Z'")

    # It asks once more, and what is live is shown as live again.
    expect(page.locator("#head")).not_to_have_attribute("data-live-until", "2020-01-01T00:00:00Z")
    expect(page.locator("#panel[class~=is-worn]")).to_have_count(0)


def test_a_stale_site_says_so_and_shows_no_old_number(visit, world):
    SiteSweep.objects.filter(site=world.pecos).update(swept_at=timezone.now() - timedelta(minutes=5))
    page = visit("/sites/PECOS/", user=world.ada)

    expect(page.locator("h1")).to_contain_text("stale, not polled since")
    expect(hashrate(page)).to_contain_text("–")
    expect(page.locator("#box-C1")).to_contain_text("stale")
    assert violations(page) == []


def test_range_zone_colour_and_order_live_in_the_address(visit, world):
    path = "/sites/PECOS/C1/?range=6h&zone=utc&show=power_w&sort=worst"
    page = visit(path, user=world.ada)
    for chosen in ("6h", "UTC", "Power", "Worst"):
        expect(page.locator("[aria-current]", has_text=re.compile(f"^{chosen}$"))).not_to_have_count(0)

    page.get_by_role("link", name="Chip °C").first.click()
    expect(page).to_have_url(re.compile(r"range=6h&zone=utc&show=chip_temp_c&sort=worst$"))
    page.locator("#slot-1").click()
    expect(page).to_have_url(re.compile(r"/C1/1/\?range=6h&zone=utc$"))
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(r"show=power_w&sort=worst$"))
    expect(page.locator("#machines-room tbody tr").first).to_have_id("row-4")
    page.go_forward()
    expect(page.locator(".heat-legend")).to_contain_text("°C")


def test_arrows_walk_the_map_and_letters_walk_the_rows(visit, world):
    page = visit("/sites/PECOS/C1/", user=world.ada)
    expect(page.locator("#live-text")).to_have_text("live")
    page.locator("#slot-1").focus()

    page.keyboard.press("ArrowRight")
    expect(page.locator("#slot-2")).to_be_focused()
    page.keyboard.press("ArrowDown")  # nothing stands below slot 2
    expect(page.locator("#slot-2")).to_be_focused()
    assert page.locator("[data-slots] a[tabindex='0']").count() == 1
    page.keyboard.press("j")
    expect(page.locator("#row-1 a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/C1/1/$"))
    expect(page.locator("#live-text")).to_have_text("live")
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(r"/C1/2/$"))


def test_who_may_not_operate_gets_no_button_and_words_when_the_right_is_lost(visit, world, complaints):
    complaints.expect("403", "htmx:")
    viewer = make_user("Di")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=world.pecos)
    page = visit("/sites/PECOS/C1/1/", user=viewer)
    expect(page.locator("#read-now")).to_have_count(0)

    page = visit("/views/", user=world.ada)
    page.route("**/panel/**", lambda route: route.fulfill(status=204))  # no fresh panel takes the button away
    page.goto("/sites/PECOS/C1/1/")
    Membership.objects.filter(user=world.ada).update(role=Role.VIEWER)
    page.locator("#read-now").click()

    expect(page.locator("#read-said")).to_contain_text("Your role at this site does not allow")


def test_reading_a_machine_at_once_says_what_came_of_it(visit, world):
    page = visit("/sites/PECOS/C1/1/", user=world.ada)

    page.locator("#read-now").click()

    # Nothing listens at the address of this world.
    expect(page.locator("#read-said")).to_contain_text(re.compile("It did not answer: (refused|closed)"))
