"""Uptime: operating over deployed, of what was observed."""

import time
from datetime import timedelta

import pytest

from compute.models import DirtyHour, Rollup
from compute.telemetry import partitions, sitemap, store
from compute.telemetry.uptime import uptimes
from tests.compute.telemetry.sweeps import heard, machine, mining, moment
from tests.worlds import make_world

pytestmark = pytest.mark.django_db

NOON = int(time.time()) // 3600 * 3600 - 3600
END = moment(NOON + 600)


@pytest.fixture
def world():
    sitemap.forget()
    return make_world()


def minute(box, number: int, *hashrates: float) -> None:
    at = NOON + 60 * number + 5
    store.write(box.site_id, [heard(machine(box, slot), at, mining(ths)) for slot, ths in enumerate(hashrates, 1)])


def rollup(world, resolution_s: int, start_at, *, minutes: int, hashrate_ths: float | None) -> None:
    partitions.ensure([partitions.ROLLUP_QUARTER], [start_at])
    Rollup.objects.create(
        resolution_s=resolution_s, scope=2, scope_id=world.pecos.pk, start_at=start_at, minutes=minutes,
        expected=0, present=0, up=0, deployed_ths=800.0, hashrate_ths=hashrate_ths,
    )  # fmt: skip


def test_it_is_the_mean_of_operating_over_deployed(world):
    minute(world.c1, 0, 200, 200, 200, 200)
    minute(world.c1, 1, 200, 200, 100, 100)

    # Pecos has four machines of 200 TH/s: 800 and 600 of 800.
    assert uptimes([world.pecos.pk], moment(NOON), END).by_site == {world.pecos.pk: 0.875}


def test_of_several_sites_the_bigger_counts_more(world):
    minute(world.c1, 0, 200, 200, 200, 200)
    minute(world.g1, 0, 200, 0)

    found = uptimes([world.pecos.pk, world.ghost.pk], moment(NOON), END)

    # 800 + 200 of 800 + 400.
    assert found.all_sites == pytest.approx(1000 / 1200)


def test_a_site_that_was_not_observed_has_none(world):
    found = uptimes([world.pecos.pk], moment(NOON), END)

    assert (found.all_sites, dict(found.by_site)) == (None, {})


def test_of_a_week_rolled_up_hours_are_read_as_quarters_and_the_rest_as_minutes(world):
    minute(world.c1, 0, 200, 200, 200, 200)
    assert DirtyHour.objects.filter(site=world.pecos, rolled_up=False).count() == 1
    rollup(world, 900, moment(NOON) - timedelta(hours=2), minutes=15, hashrate_ths=400.0)
    rollup(world, 900, moment(NOON), minutes=15, hashrate_ths=0.0)

    week = uptimes([world.pecos.pk], moment(NOON) - timedelta(days=7), END)

    # 15 minutes at one half, one minute at full; the quarter of the hour that is not rolled up does not count.
    assert week.by_site[world.pecos.pk] == pytest.approx((15 * 0.5 + 1) / 16)
