"""Rollups of regions and of all sites."""

import time
from datetime import timedelta

import pytest

from compute.models import Rollup
from compute.telemetry import history, queries, sitemap, store
from compute.telemetry.database import statements
from compute.telemetry.wholes import COMPANY, REGION, whole_of
from sites.models import Region, Site
from tests.compute.telemetry.sweeps import heard, machine, mining, moment
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
HOUR = int(time.time()) // 3600 * 3600 - 7200
METRICS = ["hashrate_ths", "power_w", "uptime_pct", "reporting", "devices", "chip_temp_c"]


@pytest.fixture
def world():
    sitemap.forget()
    made = make_world()
    Site.objects.filter(pk=made.ghost.pk).update(region=Region.objects.create(code="far", name="Far"))
    Site.objects.filter(pk=made.muscat.pk).update(region=made.pecos.region)
    return made


def mined(world, box, at: float, *hashrates: float) -> None:
    polls = [heard(machine(box, slot), at, mining(ths)) for slot, ths in enumerate(hashrates, 1)]
    store.write(box.site_id, polls)


def whole(scope: int, scope_id: int, resolution_s: int = 900, start: int = HOUR) -> Rollup:
    return Rollup.objects.get(resolution_s=resolution_s, scope=scope, scope_id=scope_id, start_at=moment(start))


def columns(*ids: int, resolution_s: int = 900) -> dict[str, list[float | None]]:
    span = (moment(HOUR), moment(HOUR) + timedelta(minutes=15 if resolution_s == 900 else 60))
    return queries.series("site", ids, METRICS, *span, resolution_s).columns


def test_a_region_and_all_sites_are_the_sums_of_their_sites(world):
    mined(world, world.c1, HOUR, 200, 100)
    mined(world, world.m1, HOUR, 50)
    mined(world, world.g1, HOUR, 7)

    history.roll_up()

    region, company = whole(REGION, world.pecos.region_id), whole(COMPANY, 0)
    assert (region.hashrate_ths, region.up, region.present) == (350, 3, 3)
    assert (company.hashrate_ths, company.up, company.chip_temp_c) == (357, 4, 70)
    assert whole(COMPANY, 0, 3600).hashrate_ths == 357
    assert whole(COMPANY, 0, 86_400, HOUR // 86_400 * 86_400).hashrate_ths == 357


def test_what_is_stored_is_what_the_sites_add_up_to(world):
    mined(world, world.c1, HOUR, 200, 100)
    mined(world, world.c1, HOUR + 60, 100, 100)
    mined(world, world.m1, HOUR, 50)
    mined(world, world.g1, HOUR, 7)
    history.roll_up()
    one, other, third = (columns(site.pk) for site in (world.pecos, world.muscat, world.ghost))

    together = columns(world.pecos.pk, world.muscat.pk, world.ghost.pk)

    for name in ("hashrate_ths", "power_w", "reporting", "devices"):
        assert together[name] == [pytest.approx(one[name][0] + other[name][0] + third[name][0])]
    assert together["reporting"] == [4.0]


def test_a_late_sample_reaches_the_region_and_all_sites(world):
    mined(world, world.c1, HOUR, 200)
    history.roll_up()

    mined(world, world.m1, HOUR + 1, 50)
    history.roll_up()

    assert whole(COMPANY, 0).hashrate_ths == 250


def test_only_who_sees_every_site_is_given_their_stored_sum(world):
    sites = [world.pecos.pk, world.muscat.pk, world.ghost.pk]
    with statements() as sql:
        assert whole_of(sql, sites) == (COMPANY, 0)
        assert whole_of(sql, sites[:2]) == (REGION, world.pecos.region_id)
        assert whole_of(sql, [sites[0], sites[2]]) is None
        assert whole_of(sql, sites[:1]) is None


def test_an_hour_not_rolled_up_yet_is_added_to_what_is_stored(world):
    mined(world, world.c1, HOUR, 200)
    mined(world, world.m1, HOUR, 50)
    mined(world, world.g1, HOUR, 7)
    history.roll_up()
    mined(world, world.m1, HOUR + 60, 70)

    together = columns(world.pecos.pk, world.muscat.pk, world.ghost.pk)

    assert together["hashrate_ths"] == [pytest.approx(200 + 60 + 7)]
