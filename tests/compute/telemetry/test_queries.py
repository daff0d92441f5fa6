import time

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compute.models import Container, Device
from compute.telemetry import queries, sitemap, store
from sites.models import Meter, Site
from tests.compute.telemetry.sweeps import heard, machine, make_gpu, mining, moment, serving, silent
from tests.worlds import make_devices, make_world, plan_off

pytestmark = pytest.mark.django_db

NOW = int(time.time()) // 3600 * 3600 - 1800  # no test straddles an hour
MINUTE = NOW // 60 * 60


@pytest.fixture(autouse=True)
def _ten_seconds_later(settings):
    """Ten seconds after NOW, however long the run has taken so far, with a map of machines of the test's own."""
    settings.SWEEP_S = 20
    sitemap.forget()
    with time_machine.travel(NOW + 10, tick=True):
        yield


@pytest.fixture
def world():
    return make_world()


def sweep(box, at, hashrates):
    polls = [
        silent(machine(box, slot), at) if ths is None else heard(machine(box, slot), at, mining(ths))
        for slot, ths in enumerate(hashrates, 1)
    ]
    return store.write(box.site_id, polls)


def test_a_site_that_answers_is_summed(world):
    sweep(world.c1, NOW, [200, 200, 200, 190])

    found = queries.site_totals([world.pecos.pk])[world.pecos.pk]

    assert (found.devices, found.reporting, found.state, found.reason) == (4, 4, "ok", "")
    assert (found.hashrate_ths, found.deployed_ths, found.operating_ratio) == (790, 800, 0.9875)
    assert (found.power_w, found.temp_max_c, found.swept_at) == (14_000, 70, moment(NOW))
    assert found.by_state == {"critical": 0, "warning": 0, "stale": 0, "maintenance": 0, "ok": 4, "unknown": 0}


def test_a_site_never_polled_says_so_and_knows_its_machines(world):
    found = queries.site_totals([world.ghost.pk])[world.ghost.pk]

    assert (found.state, found.reason, found.devices, found.reporting) == ("unknown", "never polled", 2, 0)
    assert (found.hashrate_ths, found.deployed_ths, found.by_state["unknown"]) == (None, 400, 2)


def test_a_site_not_polled_for_two_sweeps_is_stale_with_all_its_machines(world):
    sweep(world.c1, NOW - 60, [200, 200, 200, 200])

    site = queries.site_totals([world.pecos.pk])[world.pecos.pk]
    box = queries.container_totals([world.c1.pk])[world.c1.pk]
    cell = queries.cells(world.c1.pk)[0]

    assert (site.state, site.reporting, site.by_state["stale"]) == ("stale", 0, 4)
    assert (box.state, cell.state) == ("stale", "stale")
    assert site.reason == cell.reason == f"not polled since {moment(NOW - 60):%H:%M} UTC"
    assert (site.hashrate_ths, cell.hashrate_ths, cell.observed_at) == (800, 200, moment(NOW - 60))


def test_the_fleet_says_how_many_sites_it_speaks_for(world):
    sweep(world.c1, NOW, [200, 200, 200, 200])
    sweep(world.m1, NOW - 60, [100, 100, 100, 100])

    fleet = queries.fleet_totals([world.pecos.pk, world.muscat.pk, world.ghost.pk])

    assert (fleet.sites_reporting, fleet.sites) == (1, 3)
    assert (fleet.hashrate_ths, fleet.operating_ratio, fleet.devices) == (800, 1.0, 10)
    assert {state: count for state, count in fleet.by_site_state.items() if count} == {
        "ok": 1,
        "stale": 1,
        "unknown": 1,
    }


def test_a_site_in_maintenance_says_why(world):
    sweep(world.c1, NOW, [0, 0, 0, 0])
    plan_off(world.pecos, reason="transformer swap", end_at=moment(NOW + 8 * 3600))  # the database has the real clock

    site = queries.site_totals([world.pecos.pk])[world.pecos.pk]
    cell = queries.cells(world.c1.pk)[0]

    assert (site.state, site.reason, site.by_state["maintenance"]) == ("maintenance", "transformer swap", 4)
    assert (cell.state, cell.reason) == ("maintenance", "transformer swap")


@pytest.mark.parametrize(
    ("hashrates", "state", "reason"),
    [
        ([200, 200, 200, 200], "ok", ""),
        ([200, 200, 200, 110], "warning", "11 % of hashrate missing"),
        ([200, 200, 200, None], "critical", "25 % of hashrate missing"),
        ([None, None, None, None], "critical", "link lost: none of 4 machines answers"),
    ],
)
def test_a_site_is_judged_by_what_is_missing(world, hashrates, state, reason):
    sweep(world.c1, NOW, hashrates)

    found = queries.site_totals([world.pecos.pk])[world.pecos.pk]

    assert (found.state, found.reason) == (state, reason)


def test_a_meter_counts_while_it_answers(world):
    sweep(world.c1, NOW, [200, 200, 200, 200])
    meter = Meter.objects.filter(site=world.pecos)

    meter.update(power_w=15_000, observed_at=moment(NOW))
    fresh = queries.site_totals([world.pecos.pk])[world.pecos.pk].meter_power_w
    meter.update(observed_at=moment(NOW - 600))

    assert fresh == 15_000
    assert queries.site_totals([world.pecos.pk])[world.pecos.pk].meter_power_w is None


def test_gpu_nodes_are_weighed_by_their_gpus(world):
    nodes = [make_gpu(world.c1, 11, gpus=4), make_gpu(world.c1, 12, gpus=4)]
    store.write(
        world.pecos.pk,
        [
            heard(nodes[0], NOW, serving(count=3, utilisation_pct=100)),
            heard(nodes[1], NOW, serving(count=1, utilisation_pct=20)),
        ],
    )

    found = queries.container_totals([world.c1.pk])[world.c1.pk]

    assert (found.gpus, found.gpus_reporting, found.gpu_utilisation_pct) == (8, 4, 80)


def test_cells_come_in_the_order_of_their_places(world):
    sweep(world.c1, NOW, [200, 150, None])

    found = queries.cells(world.c1.pk)

    assert [(cell.slot, cell.state, cell.hashrate_ths) for cell in found] == [
        (1, "ok", 200), (2, "warning", 150), (3, "warning", None), (4, "unknown", None),
    ]  # fmt: skip
    assert (found[1].reason, found[3].reason) == ("hashrate below 85 % of 200 TH/s", "never polled")


def test_everything_known_of_one_machine(world):
    device = machine(world.c1, 2)
    store.write(world.pecos.pk, [heard(device, NOW - 5, mining(200, firmware="1.2", serial="S1"), full=True)])
    store.write(world.pecos.pk, [heard(device, NOW, mining(195, serial=None))])

    found = queries.last(device.pk)

    assert (found.kind, found.state, found.observed_at) == ("asic", "ok", moment(NOW))
    assert found.sample["hashrate_ths"] == 195
    assert found.identity["model_reported"] == "Antminer S21"
    assert (found.reading["serial"], found.reading_at) == ("S1", moment(NOW - 5))


def test_a_machine_never_polled_has_no_numbers(world):
    found = queries.last(machine(world.g1, 1).pk)

    assert (found.state, found.reason, found.reading, found.observed_at) == ("unknown", "never polled", None, None)
    assert set(found.sample.values()) == {None}


def test_a_series_has_its_gaps(world):
    for minute in (0, 1, 3):
        sweep(world.c1, MINUTE - 600 + 60 * minute, [200, 200, 200, 100])

    found = queries.series(
        "site",
        [world.pecos.pk],
        ["hashrate_ths", "uptime_pct", "operating_ratio"],
        moment(MINUTE - 600),
        moment(MINUTE - 300),
    )

    assert found.resolution_s == 60
    assert found.start_at[0] == moment(MINUTE - 600)
    assert found.columns["hashrate_ths"] == [700, 700, None, 700, None]
    assert found.columns["uptime_pct"] == [100, 100, None, 100, None]
    assert found.columns["operating_ratio"] == [0.875, 0.875, None, 0.875, None]


def test_sites_are_added_up_and_the_hottest_counts(world):
    store.write(world.pecos.pk, [heard(machine(world.c1, 1), MINUTE - 60, mining(200, chip_c=70))])
    store.write(world.muscat.pk, [heard(machine(world.m1, 1), MINUTE - 60, mining(100, chip_c=80))])

    found = queries.series(
        "site", [world.pecos.pk, world.muscat.pk], ["hashrate_ths", "chip_temp_c"], moment(MINUTE - 60), moment(MINUTE)
    )

    assert found.columns == {"hashrate_ths": [300], "chip_temp_c": [80]}


def test_a_quarter_hour_not_rolled_up_yet_is_made_of_its_minutes(world):
    quarter = NOW // 900 * 900 - 900
    for minute, ths in ((0, 200), (1, 100)):
        sweep(world.c1, quarter + 60 * minute, [ths] * 4)

    found = queries.series("container", [world.c1.pk], ["hashrate_ths"], moment(quarter), moment(quarter + 900), 900)

    assert found.columns["hashrate_ths"] == [600]


def test_a_machine_has_its_numbers_and_rates(world):
    device = machine(world.c1, 1)
    for minute, accepted in enumerate((100, 160, 30)):
        at = MINUTE - 600 + 60 * minute
        store.write(world.pecos.pk, [heard(device, at, mining(200 - minute, accepted=accepted))])

    found = queries.series(
        "device",
        [device.pk],
        ["hashrate_ths", "accepted_per_min", "tokens_per_s"],
        moment(MINUTE - 600),
        moment(MINUTE - 360),
    )

    assert found.columns["hashrate_ths"] == [200, 199, 198, None]
    assert found.columns["accepted_per_min"] == [None, 60, 30, None]  # the machine restarted: 30 since
    assert found.columns["tokens_per_s"] == [None] * 4


def test_a_running_minute_is_not_shown_half(world):
    running = int(time.time()) // 60 * 60
    sweep(world.c1, running - 60, [200, 200, 200, 200])
    store.write(world.pecos.pk, [heard(machine(world.c1, 1), running, mining(200))])

    found = queries.series("site", [world.pecos.pk], ["hashrate_ths"], moment(running - 60), moment(running + 60))

    assert found.columns["hashrate_ths"][0] == 800
    assert set(found.columns["hashrate_ths"][1:]) <= {None, 200}  # 200 only if the minute ended meanwhile


def hashrates(place, begin, minutes):
    """What the site's chart shows of so many minutes, and how many machines it says answered in each."""
    end = moment(begin + 60 * minutes)
    found = queries.series("site", [place.pk], ["hashrate_ths", "power_w", "reporting"], moment(begin), end)
    assert [value is None for value in found.columns["power_w"]] == [
        value is None for value in found.columns["hashrate_ths"]
    ]
    return found.columns["hashrate_ths"], found.columns["reporting"]


def test_a_minute_read_in_part_is_a_gap_and_no_fall_of_the_hashrate(world):
    begin = MINUTE - 1800
    for minute, answers in enumerate((4, 4, 1, 3, 4, 4)):
        sweep(world.c1, begin + 60 * minute, [200] * answers + [None] * (4 - answers))

    assert hashrates(world.pecos, begin, 6) == ([800, 800, None, None, 800, 800], [4, 4, 1, 3, 4, 4])


def test_a_site_that_nobody_read_for_a_minute_is_a_gap_of_all_sites(world):
    begin = MINUTE - 1800
    for minute in range(3):
        sweep(world.c1, begin + 60 * minute, [200, 200, 200, 200])
        if minute != 1:
            store.write(world.muscat.pk, [heard(machine(world.m1, 1), begin + 60 * minute, mining(100))])

    span = (moment(begin), moment(begin + 180))
    found = queries.series("site", [world.pecos.pk, world.muscat.pk], ["hashrate_ths", "devices", "reporting"], *span)

    assert found.columns == {"hashrate_ths": [900, None, 900], "devices": [8, None, 8], "reporting": [5, 4, 5]}


def test_a_fall_that_lasts_is_shown(world):
    begin = MINUTE - 1800
    for minute in range(16):
        sweep(world.c1, begin + 60 * minute, [200, 200, *([200, 200] if minute < 6 else [None, None])])

    shown, _ = hashrates(world.pecos, begin, 16)

    assert shown == [800] * 6 + [400] * 10


def test_a_fall_is_not_shown_before_three_minutes_have_passed(world):
    begin = MINUTE - 600
    for minute in range(11):
        sweep(world.c1, begin + 60 * minute, [200] * (4 if minute < 9 else 2) + [None] * (0 if minute < 9 else 2))

    shown, answered = hashrates(world.pecos, begin, 11)

    assert (shown[8:], answered[8:10]) == ([800, None, None], [4, 2])


@pytest.mark.parametrize(
    ("hours", "resolution_s"), [(1, 60), (24, 60), (48, 900), (24 * 15, 900), (24 * 30, 3600), (24 * 90, 86400)]
)
def test_long_ranges_are_coarser(world, hours, resolution_s):
    found = queries.series("site", [world.pecos.pk], ["power_w"], moment(NOW - 3600 * hours), moment(NOW))

    assert found.resolution_s == resolution_s
    assert len(found.start_at) <= 1_502


def test_names_and_resolutions_that_do_not_exist_are_errors(world):
    span = (moment(NOW - 60), moment(NOW))
    with pytest.raises(KeyError):
        queries.series("site", [1], ["fan_rpm"], *span)
    with pytest.raises(KeyError):
        queries.series("device", [machine(world.c1, 1).pk], ["gpu_busy"], *span)
    with pytest.raises(ValueError, match="resolution_s"):
        queries.series("site", [1], ["power_w"], *span, 61)


ASKED = {
    "site_totals": lambda world: queries.site_totals(Site.objects.values_list("pk", flat=True)),
    "container_totals": lambda world: queries.container_totals(Container.objects.values_list("pk", flat=True)),
    "cells": lambda world: queries.cells(world.c1.pk),
    "series": lambda world: queries.series(
        "site", list(Site.objects.values_list("pk", flat=True)), ["power_w"], moment(NOW - 60), moment(NOW)
    ),
}


@pytest.mark.parametrize("asked", ASKED)
def test_more_machines_take_no_more_queries(world, asked):
    sweep(world.c1, NOW, [200, 200])
    with CaptureQueriesContext(
        connection,
    ) as few:
        ASKED[asked](world)
    make_devices(
        Container.objects.create(site=world.muscat, code="M2", kind="asic", rows=2, columns=5),
        10,
        first_address="127.7.9.1",
    )
    Device.objects.filter(container__code="M2", slot__gt=5).update(container=world.c1)
    sitemap.forget()
    sweep(world.c1, NOW, [200, 200])
    sweep(world.m1, NOW, [200, 200])

    with CaptureQueriesContext(connection) as many:
        ASKED[asked](world)

    assert 0 < len(many) <= len(few)


def test_a_site_whose_link_is_lost_still_counts_as_deployed(world):
    sweep(world.c1, MINUTE - 120, [200, 200, 200, 200])
    sweep(world.c1, MINUTE - 60, [None, None, None, None])
    sweep(world.c1, MINUTE - 30, [None, None, None, None])

    found = queries.series(
        "site", [world.pecos.pk], ["deployed_ths", "hashrate_ths", "reporting"], moment(MINUTE - 120), moment(MINUTE)
    )

    assert found.columns == {"deployed_ths": [800, 800], "hashrate_ths": [800, None], "reporting": [4, 0]}


def test_an_answer_that_comes_late_takes_the_place_of_the_silence(world):
    sweep(world.c1, MINUTE - 60, [None, None, None, None])
    store.write(world.pecos.pk, [heard(machine(world.c1, 1), MINUTE - 50, mining(190))])
    sweep(world.c1, MINUTE - 40, [None, None, None, None])

    found = queries.series("site", [world.pecos.pk], ["hashrate_ths", "reporting"], moment(MINUTE - 60), moment(MINUTE))

    assert found.columns == {"hashrate_ths": [190], "reporting": [1]}
