"""The pages of a site's settings in a real browser: logins, addresses, the scan and the map's file."""

import os
from pathlib import Path

import msgspec
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from compute import credentials
from compute.map_file.exchange import exported
from compute.models import Device, Scan
from compute.protocols.signing import Login
from compute.scanning.scan import compared
from compute.scanning.who import Seen
from tests.pages.places import room, violations
from tests.pages.test_api_pages import known_to_the_server
from tests.worlds import PASSWORD, World, make_devices, make_world

pytestmark = pytest.mark.pages

PAGES = ("credentials", "network", "scan", "map")


@pytest.fixture
def world(console_server) -> World:
    """Pecos with a login, and a scan that found much."""
    world = make_world()
    credentials.keep(world.bo, world.pecos, "antminer", Login("root", "root"))
    make_devices(world.c1, 18, first_slot=5, first_address="127.7.0.50")
    everybody = [
        Seen(f"127.7.0.{last}", 4028, "whatsminer_v2", "Whatsminer M50S++ with a long name", "", f"SN{last:017}")
        for last in (1, 2, *range(100, 140))
    ]
    found = msgspec.to_builtins(compared(world.pecos, [*everybody, Seen("127.7.0.99", 4028, refused="garbled")]))
    Scan.objects.create(
        site=world.pecos, state="done", asked_by="bo@example.com", asked_at=timezone.now(), total=256, position=256,
        findings=found,
    )  # fmt: skip
    return world


def keep_picture(page: Page, name: str) -> None:
    """Where PICTURES names a folder, what the page looks like goes there."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_each_page_is_open_to_everybody_in_every_size_and_theme(visit, world, size, theme):
    page = visit("/sites/PECOS/credentials/", user=world.bo, size=size, theme=theme)
    for name in PAGES:
        page.goto(f"/sites/PECOS/{name}/")
        keep_picture(page, f"{name}-{size[0]}-{theme}")

        assert (name, violations(page)) == (name, [])
        assert room(page)[0] <= size[0]


def test_a_map_is_sent_looked_at_and_applied(visit, world, theme, tmp_path):
    file = tmp_path / "map.csv"
    file.write_text(exported(world.pecos).replace("127.7.0.3,", "127.7.0.33,"), newline="")
    page = visit("/sites/PECOS/map/", user=world.bo, theme=theme)

    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Pecos: the file would change the map")
    expect(page.get_by_role("cell", name="address 127.7.0.3 -> 127.7.0.33")).to_be_visible()
    keep_picture(page, f"map-change-{theme}")
    assert violations(page) == []
    page.get_by_role("button", name="Apply to the map").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pecos: the file was applied")
    assert Device.objects.filter(address="127.7.0.33").exists()


def test_what_is_wrong_with_a_map_is_said_in_place(visit, world, theme, tmp_path, complaints):
    complaints.expect("400")
    file = tmp_path / "map.csv"
    file.write_text("container,slot,address,port,language\r\nC1,99,8.8.8.8,4028,klingon\r\n", newline="")
    page = visit("/sites/PECOS/map/", user=world.bo, theme=theme)

    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()

    expect(page.get_by_role("cell", name="expected a slot from 1 to 24.")).to_be_visible()
    keep_picture(page, f"map-wrong-{theme}")
    assert violations(page) == []


def test_a_scan_is_begun_watched_stopped(visit, world):
    page = visit("/sites/PECOS/scan/", user=world.bo)
    world.pecos.address_ranges.update(network="127.7.0.0/24", ports="4028")

    page.get_by_role("button", name="Scan the address ranges").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Pecos is being scanned: 0 of 256 places tried")
    keep_picture(page, "scan-open")
    Scan.objects.filter(state="waiting").update(position=128)
    expect(page.get_by_role("heading", level=1)).to_have_text("Pecos is being scanned: 128 of 256 places tried")
    assert violations(page) == []
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pecos: the scan was stopped after 128 of 256 places")


def test_a_login_is_set_after_the_password_and_never_shown(visit, world):
    page = visit("/sites/PECOS/credentials/", user=known_to_the_server(world.bo))

    page.get_by_label("Language").select_option("braiins")
    page.locator("#id_password").fill("canary-7f3a")
    page.get_by_role("button", name="Set").click()
    password = page.locator("input[type=password]")
    password.fill(PASSWORD)
    password.press("Enter")
    page.wait_for_url(lambda address: "/reauthenticate/" not in address)

    page.goto("/sites/PECOS/credentials/")
    assert "canary-7f3a" not in page.content()
    page.get_by_label("Language").select_option("braiins")
    page.locator("#id_password").fill("canary-7f3a")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_role("rowheader", name="braiins")).to_be_visible()
    assert "canary-7f3a" not in page.content()
