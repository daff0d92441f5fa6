import time
from datetime import timedelta

import pytest
from django.db import connection

from cango_ops.base.models import JobRun
from compute import tasks
from compute.models import DirtyHour, HotMinute, Rollup, SealedHour
from compute.telemetry import chunk, history, partitions, queries, sealing, sitemap, store
from tests.compute.telemetry.sweeps import heard, machine, make_gpu, mining, moment, serving, sweep
from tests.worlds import make_world

pytestmark = pytest.mark.django_db

HOUR = int(time.time()) // 3600 * 3600 - 7200
LATER = moment(HOUR + 7200)


@pytest.fixture(autouse=True)
def _own_map():
    sitemap.forget()


@pytest.fixture
def world():
    return make_world()


def rollup(world, resolution_s, start):
    return Rollup.objects.get(resolution_s=resolution_s, scope=2, scope_id=world.pecos.pk, start_at=moment(start))


def test_a_quarter_hour_is_the_mean_of_its_minutes_and_says_how_many_there_were(world):
    sweep(world.c1, HOUR, [200, 200, 200, 200])
    sweep(world.c1, HOUR + 60, [100, 100, 100, None])

    history.roll_up()

    quarter = rollup(world, 900, HOUR)
    assert (quarter.hashrate_ths, quarter.minutes) == (550, 2)
    assert (quarter.expected, quarter.present, quarter.up) == (8, 7, 7)


def test_a_minute_that_was_read_in_part_lowers_no_mean(world):
    sweep(world.c1, HOUR, [200, 200, 200, 200])
    sweep(world.c1, HOUR + 60, [200, None, None, None])
    sweep(world.c1, HOUR + 120, [200, 200, 200, 200])

    read = queries.series("site", [world.pecos.pk], ["hashrate_ths"], moment(HOUR), moment(HOUR + 900), 900)
    history.roll_up()

    quarter = rollup(world, 900, HOUR)
    assert (quarter.hashrate_ths, quarter.minutes, quarter.present) == (800, 3, 9)
    assert rollup(world, 3600, HOUR).hashrate_ths == 800
    assert read.columns["hashrate_ths"] == [800]


def test_a_fall_that_lasts_lowers_the_mean(world):
    sweep(world.c1, HOUR, [200, 200, 200, 200])
    for minute in (1, 2, 3):
        sweep(world.c1, HOUR + 60 * minute, [200, 200, None, None])

    history.roll_up()

    assert rollup(world, 900, HOUR).hashrate_ths == 500  # (800 + 3 * 400) / 4


def test_hours_of_a_day_weigh_as_much_as_they_have_minutes(world):
    day = HOUR // 86_400 * 86_400 - 86_400
    sweep(world.c1, day, [200, 200, 200, 200])
    for minute in range(3):
        sweep(world.c1, day + 3600 + 60 * minute, [100, 100, 100, 100])

    history.roll_up()

    whole = rollup(world, 86_400, day)
    assert (whole.hashrate_ths, whole.minutes) == (500, 4)  # (800 + 3 * 400) / 4


def test_a_late_sample_is_rolled_up_again(world):
    sweep(world.c1, HOUR, [200, 200, 200, None])
    history.roll_up()

    store.write(world.pecos.pk, [heard(machine(world.c1, 4), HOUR + 1, mining(200))])
    history.roll_up()

    assert rollup(world, 3600, HOUR).hashrate_ths == 800
    assert history.roll_up().hours == 0


def test_an_hour_is_sealed_when_it_is_over_and_rolled_up(world):
    sweep(world.c1, HOUR, [200, 200, 200, None])

    not_rolled_up = sealing.seal_hours(LATER)
    history.roll_up()
    not_over = sealing.seal_hours(moment(HOUR + 3600))
    sealed = sealing.seal_hours(LATER)

    assert (not_rolled_up.hours, not_over.hours) == (0, 0)
    assert (sealed.hours, sealed.chunks, sealed.samples) == (1, 1, 3)
    assert not DirtyHour.objects.exists()


def test_a_sealed_hour_reads_as_it_did_before(world):
    node = make_gpu(world.c1, 9)
    for minute in range(5):
        sweep(world.c1, HOUR + 60 * minute, [200 - minute, None, 150.25, 140])
        store.write(world.pecos.pk, [heard(node, HOUR + 60 * minute, serving(1000 + 60 * minute))])
    span = (moment(HOUR), moment(HOUR + 600))
    asked = [
        (machine(world.c1, 1).pk, ["hashrate_ths", "power_w", "uptime_s", "accepted_per_min"]),
        (node.pk, ["utilisation_pct", "tokens_per_s"]),
    ]
    before = [queries.series("device", [pk], names, *span) for pk, names in asked]

    history.roll_up()
    sealing.seal_hours(LATER)
    HotMinute.objects.all().delete()

    assert [queries.series("device", [pk], names, *span) for pk, names in asked] == before
    assert before[1].columns["tokens_per_s"][1] == 1


def test_a_sample_later_than_the_sealing_is_sealed_in(world):
    sweep(world.c1, HOUR, [200, 200, 200, None])
    history.roll_up()
    sealing.seal_hours(LATER)

    store.write(world.pecos.pk, [heard(machine(world.c1, 4), HOUR + 1, mining(190))])
    history.roll_up()
    sealing.seal_hours(LATER)

    frames = chunk.unseal(bytes(SealedHour.objects.get().chunk))
    assert (frames[0].values[0] / 100).tolist() == [200, 200, 200, 190]


def test_a_sample_that_finds_its_hot_day_dropped_still_adds_up(world):
    old = HOUR - 5 * 86_400
    sweep(world.c1, old, [200, 200, 200, None])
    history.roll_up()
    sealing.seal_hours(LATER)
    partitions.keep(LATER)
    assert not HotMinute.objects.exists()

    store.write(world.pecos.pk, [heard(machine(world.c1, 4), old + 1, mining(200))])
    history.roll_up()
    sealing.seal_hours(LATER)

    assert rollup(world, 60, old).hashrate_ths == 800
    assert rollup(world, 3600, old).hashrate_ths == 800
    assert SealedHour.objects.get().samples == 4


def test_what_is_rolled_up_is_read_as_its_minutes_are(world):
    for minute, ths in ((0, 200), (20, 100), (50, 150)):
        sweep(world.c1, HOUR + 60 * minute, [ths] * 4)
    span = (moment(HOUR), moment(HOUR + 3600), 900)
    names = ["hashrate_ths", "uptime_pct", "chip_temp_c"]
    before = queries.series("site", [world.pecos.pk], names, *span)

    history.roll_up()

    assert queries.series("site", [world.pecos.pk], names, *span) == before
    assert before.columns["hashrate_ths"] == [800, 400, None, 600]


def test_the_chores_leave_a_row_of_what_they_did(world):
    sweep(world.c1, HOUR, [200, 200, 200, 200])

    for chore in (tasks.keep_partitions, tasks.roll_up, tasks.seal_hours):
        chore()

    runs = {run.name: run for run in JobRun.objects.all()}
    assert {name: run.outcome for name, run in runs.items()} == dict.fromkeys(
        ("compute.keep_partitions", "compute.roll_up", "compute.seal_hours"), "done"
    )
    assert runs["compute.roll_up"].detail == {"hours": 1, "busy": 0}


def test_a_partition_that_is_in_use_waits_for_the_next_round():
    partitions.ensure([partitions.HOT], [LATER - timedelta(days=30)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM telemetry_hot")
        assert cursor.fetchone() == (0,)

    assert len(partitions.keep(LATER).dropped) == 1
