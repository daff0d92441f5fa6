"""What was said a while ago is not shown as if it were so now, whatever the state is called."""

import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from compute.models import SiteSweep
from compute.telemetry import sitemap, store
from compute.web.container.page import container_page
from compute.web.device.page import device_page, rejected_of
from compute.web.site.page import site_page
from tests.compute.telemetry.sweeps import heard, machine, mining, silent
from tests.worlds import make_world, plan_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sweeps_of_20_s(settings):
    settings.SWEEP_S = 20  # so that a number is live for 45 s


@pytest.fixture
def world():
    sitemap.forget()
    return make_world()


def sweep(world, ago_s: float, hashrates: list[float | None]) -> None:
    at = time.time() - ago_s
    store.write(world.pecos.pk, [
        silent(machine(world.c1, slot), at) if ths is None else heard(machine(world.c1, slot), at, mining(ths))
        for slot, ths in enumerate(hashrates, 1)
    ])  # fmt: skip


def not_swept_for(world, minutes: int) -> None:
    SiteSweep.objects.filter(site=world.pecos).update(swept_at=timezone.now() - timedelta(minutes=minutes))


def site(world):
    return site_page(world.pecos, {}, "chip_temp_c", "map")


def container(world):
    return container_page(world.c1, {}, "hashrate_ths", "slot")


def test_a_live_site_shows_its_numbers_and_until_when_they_live(world):
    sweep(world, 5, [200, 200, 200, 190])

    page = site(world)

    assert (page.is_live, page.totals.hashrate_ths, page.boxes[0].totals.operating_ratio) == (True, 790, 0.9875)
    assert 38 < (page.live_until - page.as_of).total_seconds() < 42
    assert (page.legend.low, page.legend.high) == (70, 70)
    assert page.title == "Pecos ok"


def test_a_site_in_maintenance_that_nobody_sweeps_shows_no_old_number(world):
    sweep(world, 5, [200, 200, 200, 200])
    not_swept_for(world, 5)
    plan_off(world.pecos)

    page = site(world)

    assert (page.totals.state, page.is_live, page.live_until) == ("maintenance", False, None)
    assert (page.totals.hashrate_ths, page.totals.power_w, page.totals.temp_max_c) == (None, None, None)
    assert page.boxes[0].totals.power_w is None
    assert page.money.why == "no live hashrate"
    assert page.machines == ()


def test_a_stale_site_calls_nobody_and_its_machines_are_drawn_stale(world):
    sweep(world, 5, [None, 100, 200, 200])
    not_swept_for(world, 5)

    page = site_page(world.pecos, {}, "state", "map")

    assert (page.totals.state, page.machines, page.boxes[0].wrong) == ("stale", (), (("stale", 4),))
    assert 'class="is-stale"' in page.boxes[0].picture
    assert 'class="is-critical"' not in page.boxes[0].picture


def test_a_machine_that_went_silent_keeps_its_place_and_loses_its_numbers(world):
    sweep(world, 100, [200, 200, 200, 200])
    sweep(world, 5, [None, 180, 200, 200])

    page = container(world)

    assert (page.cells[0].state, page.cells[0].hashrate_ths, page.cells[0].power_w) == ("critical", None, None)
    assert page.cells[0].observed_at is not None
    assert (page.legend.low, page.legend.high) == (180, 200)
    assert page.rows[0][0].text == "–"


def test_the_page_of_a_silent_machine_says_what_it_said_but_not_as_live(world):
    sweep(world, 100, [200, 200, 200, 200])
    sweep(world, 5, [None, 200, 200, 200])

    page = device_page(machine(world.c1, 1), may_read=False)

    assert (page.is_live, page.live_until, page.figures.hashrate_ths) == (False, None, None)
    assert next(field for field in page.fields if field.name == "Hashrate").value == 200
    assert page.last.state == "critical"


def test_a_machine_never_heard_has_no_number_at_all(world):
    page = device_page(machine(world.c1, 1), may_read=False)
    assert (page.is_live, page.last.reason) == (False, "never polled")
    assert [field.source for field in page.fields] == ["nameplate", "nameplate"]


def test_the_figures_of_a_machine_are_held_against_what_was_bought(world):
    sweep(world, 5, [190, 200, 200, 200])

    page = device_page(machine(world.c1, 1), may_read=False)

    assert (page.figures.of_nameplate, round(page.figures.efficiency_jth, 2)) == (0.95, 18.42)
    assert (page.before, page.after) == (None, 2)


def test_shares_that_no_poll_counts_are_taken_from_the_pools():
    assert rejected_of({"accepted": 98, "rejected": 2}, []) == 0.02
    assert rejected_of({}, [{"accepted": 90, "rejected": 10}, {"accepted": None}]) == 0.1
    assert rejected_of({}, []) is None
    assert rejected_of({"accepted": 0, "rejected": 0}, []) is None


def test_the_clock_of_a_site_is_its_own(world):
    at = site(world).as_of.astimezone(ZoneInfo("America/Chicago"))
    assert site(world).local_time in {f"{at:%H:%M}", f"{at + timedelta(minutes=1):%H:%M}"}
