"""What the browser tests of the frame stand on: small networks, sweeps of them, and what a sound page is."""

import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from compute.models import Container, Device
from compute.telemetry import store
from sites.models import Operator, Region, Site
from tests.compute.telemetry.sweeps import heard, mining, silent
from tests.worlds import make_devices


def add_site(company: Operator, region: Region, number: int) -> None:
    site = Site.objects.create(
        code=f"LONGTOWN{number}", name=f"Long town {number}", operator=company, region=region, kind="hosted",
        time_zone="Africa/Nairobi", capacity_mw=5,
    )  # fmt: skip
    box = Container.objects.create(site=site, code="C1", kind="asic", rows=1, columns=4)
    make_devices(box, 2, first_address=f"127.8.{number}.1")
    if number != 41:
        sweep(box, [200.0, None if number == 7 else 190.0])


def sweep(box: Container, hashrates: list[float | None], ago_s: float = 2) -> None:
    at = time.time() - ago_s
    machines = {device.slot: device for device in Device.objects.filter(container=box)}
    store.write(box.site_id, [
        silent(machines[slot], at) if ths is None else heard(machines[slot], at, mining(ths))
        for slot, ths in enumerate(hashrates, 1)
    ])  # fmt: skip


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def room(page: Page) -> tuple[int, int]:
    return tuple(page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"))
