import itertools
import time

import pytest
from django.db import transaction

from cango_ops.base import leases
from cango_ops.base.leases import LeaseLost
from cango_ops.live.models import LiveTopic
from compute.models import ContainerTotals, CurrentFrame, DeviceNow, HotMinute, Rollup, SiteSweep
from compute.telemetry import codec, sitemap, store
from tests.compute.telemetry.sweeps import heard, machine, make_gpu, mining, moment, serving, silent, snapshot, sweep
from tests.worlds import make_world

pytestmark = pytest.mark.django_db

NOON = int(time.time()) // 3600 * 3600 - 3600  # an hour that is over, so that no test straddles one


@pytest.fixture(autouse=True)
def _details_at_once(settings):
    settings.TELEMETRY_DETAIL_S = 0
    settings.SWEEP_S = 20
    sitemap.forget()


@pytest.fixture
def world():
    return make_world()


def hashrates(world, minute):
    frame = codec.decode(bytes(HotMinute.objects.get(container_id=world.c1.pk, minute_at=moment(minute)).frame))
    return codec.from_steps("asic", frame.values)[0].tolist()


def site_minute(world, minute):
    return Rollup.objects.get(resolution_s=60, scope=2, scope_id=world.pecos.pk, start_at=moment(minute))


def test_a_sweep_is_there_in_every_row(world):
    written = sweep(world.c1, NOON + 5, [200, 190, 180, None])

    assert (written.samples, written.failures, written.minutes, written.devices_changed) == (3, 1, 1, 4)
    assert hashrates(world, NOON) == [200, 190, 180]
    totals = ContainerTotals.objects.get(container=world.c1)
    assert (totals.devices, totals.reporting, totals.hashrate_ths, totals.power_w) == (4, 3, 570, 10_500)
    assert (totals.ok, totals.warning, totals.critical) == (3, 1, 0)
    assert (totals.deployed_ths, totals.temp_max_c) == (800, 70)
    minute = site_minute(world, NOON)
    assert (minute.expected, minute.present, minute.up, minute.hashrate_ths) == (4, 3, 3, 570)
    assert SiteSweep.objects.get(site=world.pecos).reason == "29 % of hashrate missing"


def test_state_and_identity_reach_the_device(world):
    sweep(world.c1, NOON, [200, 150, 40, None])

    said = dict(DeviceNow.objects.filter(device__container=world.c1).values_list("device__slot", "state"))
    assert said == {1: "ok", 2: "warning", 3: "critical", 4: "warning"}
    first = DeviceNow.objects.get(device=machine(world.c1, 1))
    assert (first.model_reported, first.mac, first.since) == ("Antminer S21", "02:00:00:00:00:01", moment(NOON))
    assert DeviceNow.objects.get(device=machine(world.c1, 4)).reason == "never answered (no whole answer in time)"


def test_a_second_missed_sweep_is_critical_and_says_since_when(world):
    sweep(world.c1, NOON, [200, 200, 200, 200])
    sweep(world.c1, NOON + 20, [None, 200, 200, 200])
    once = DeviceNow.objects.get(device=machine(world.c1, 1)).state
    sweep(world.c1, NOON + 40, [None, 200, 200, 200])

    twice = DeviceNow.objects.get(device=machine(world.c1, 1))
    assert (once, twice.state) == ("warning", "critical")
    assert twice.reason == f"no answer since {moment(NOON):%H:%M} UTC (no whole answer in time)"
    assert twice.mac == "02:00:00:00:00:01"


def test_a_machine_near_the_line_does_not_change_its_state_with_every_sweep(world):
    found = []
    for minute, ths in enumerate((171, 169, 171, 175, 169, 177, 171)):
        sweep(world.c1, NOON + 60 * minute, [ths, 200, 200, 200])
        sweep(world.c1, NOON + 60 * minute, [ths, 200, 200, 200])
        found.append(DeviceNow.objects.get(device=machine(world.c1, 1)).state)

    assert found == ["ok", "warning", "warning", "warning", "warning", "ok", "ok"]
    assert ContainerTotals.objects.get(container=world.c1).warning == 0


def test_a_machine_that_comes_back_is_ok_again(world):
    for at, ths in ((NOON, 200), (NOON + 20, None), (NOON + 40, None), (NOON + 60, 200)):
        sweep(world.c1, at, [ths, 200, 200, 200])

    assert DeviceNow.objects.get(device=machine(world.c1, 1)).state == "ok"


def test_the_same_sweep_again_changes_no_row(world):
    sweep(world.c1, NOON, [200, 190, 40, None])
    before = snapshot()

    written = sweep(world.c1, NOON, [200, 190, 40, None])

    assert snapshot() == before
    assert (written.minutes, written.devices_changed) == (0, 0)


def one_poll(box, at, slot, reading):
    device = machine(box, slot)
    return heard(device, at, reading) if reading else silent(device, at)


def polls_of_two_minutes(world):
    """Late ones, doubled ones, two that contradict each other, silence between answers."""
    node = make_gpu(world.c1, 9)
    sitemap.forget()
    return [
        one_poll(world.c1, NOON + 10, 1, mining(200)),
        one_poll(world.c1, NOON + 70, 1, mining(190)),
        one_poll(world.c1, NOON + 30, 1, None),
        one_poll(world.c1, NOON + 10, 2, mining(150)),
        one_poll(world.c1, NOON + 10, 2, mining(160)),
        one_poll(world.c1, NOON + 90, 2, None),
        one_poll(world.c1, NOON + 50, 3, None),
        heard(node, NOON + 15, serving(1000)),
        heard(node, NOON + 75, serving(7000)),
    ]


def test_any_order_and_any_repetition_leaves_the_same_rows(world):
    polls = polls_of_two_minutes(world)
    some = itertools.islice(itertools.permutations(range(9)), 7, None, 36_000)
    orders = [list(range(9)), list(range(8, -1, -1)), *some]
    found = []
    for order in orders:
        with transaction.atomic():
            for number in [*order, *order[::3]]:
                store.write(world.pecos.pk, [polls[number]])
            found.append(snapshot())
            transaction.set_rollback(True)
    with transaction.atomic():
        store.write(world.pecos.pk, [*polls, *polls])
        found.append(snapshot())

    for other in found[1:]:
        assert other == found[0]


def test_a_late_sample_mends_its_minute_and_leaves_the_present_alone(world):
    sweep(world.c1, NOON + 5, [200, 200, 200, None])
    sweep(world.c1, NOON + 65, [190, 190, 190, 190])
    now = bytes(CurrentFrame.objects.get(container=world.c1).frame)
    totals = ContainerTotals.objects.filter(container=world.c1).values().get()

    store.write(world.pecos.pk, [heard(machine(world.c1, 4), NOON + 10, mining(180))])

    assert hashrates(world, NOON) == [200, 200, 200, 180]
    assert site_minute(world, NOON).hashrate_ths == 780
    assert bytes(CurrentFrame.objects.get(container=world.c1).frame) == now
    assert ContainerTotals.objects.filter(container=world.c1).values().get() == totals


def test_a_gap_stays_a_gap(world):
    sweep(world.c1, NOON, [200, 200, 200, 200])
    sweep(world.c1, NOON + 180, [200, 200, 200, 200])

    starts = Rollup.objects.filter(scope=2).order_by("start_at").values_list("start_at", flat=True)
    assert list(starts) == [moment(NOON), moment(NOON + 180)]


def test_the_site_is_the_sum_of_its_containers(world):
    other = type(world.c1).objects.create(site=world.pecos, code="C2", kind="asic", rows=1, columns=2)
    type(machine(world.c1, 1)).objects.filter(container=world.c1, slot__gt=2).update(container=other)
    sweep_of_c1 = [heard(machine(world.c1, slot), NOON, mining(200)) for slot in (1, 2)]
    sweep_of_c2 = [heard(machine(other, slot), NOON + 1, mining(100)) for slot in (3, 4)]

    store.write(world.pecos.pk, sweep_of_c1)
    store.write(world.pecos.pk, sweep_of_c2)

    minute = site_minute(world, NOON)
    assert (minute.hashrate_ths, minute.expected, minute.present, minute.deployed_ths) == (600, 4, 4, 800)


def test_tokens_are_counted_from_minute_to_minute(world):
    node = make_gpu(world.c1, 9)

    for at, tokens in ((NOON + 10, 1000), (NOON + 70, 7000), (NOON + 130, 600)):
        store.write(world.pecos.pk, [heard(node, at, serving(tokens))])

    rates = Rollup.objects.filter(scope=2).order_by("start_at").values_list("tokens_per_s", flat=True)
    assert list(rates) == [None, 100, 10]  # 6000 in a minute; then a restart, and 600 since
    assert ContainerTotals.objects.get(container=world.c1).tokens_per_s == 10


def test_a_lost_lease_writes_nothing(world):
    lease = leases.take("sweep/1", ttl_s=60)
    leases.release(lease)
    leases.take("sweep/1", ttl_s=60)

    with pytest.raises(LeaseLost):
        store.write(world.pecos.pk, [heard(machine(world.c1, 1), NOON, mining())], lease)

    assert not HotMinute.objects.exists()
    assert not CurrentFrame.objects.exists()


def test_pages_are_told(world):
    sweep(world.c1, NOON, [200, 200, 200, 200])

    told = set(LiveTopic.objects.values_list("topic", flat=True))
    assert told == {"fleet", "site/PECOS", f"container/{world.c1.pk}"}


def test_machines_off_the_map_and_times_that_cannot_be_are_counted_not_stored(world):
    device = machine(world.c1, 1)
    stranger = machine(world.m1, 1)

    written = store.write(
        world.pecos.pk,
        [heard(stranger, NOON, mining()), heard(device, NOON + 10**6, mining()), heard(device, 0, mining())],
    )

    assert (written.samples, written.unknown, written.refused) == (0, 1, 2)
    assert not HotMinute.objects.exists()


def test_a_site_that_never_saw_the_day_makes_its_partition(world):
    week_ago = NOON - 6 * 86_400

    sweep(world.c1, week_ago, [200, 200, 200, 200])

    assert hashrates(world, week_ago) == [200, 200, 200, 200]


def test_text_that_no_database_takes_is_cleaned(world):
    odd = mining(model="S21\x00\ud800" + "x" * 200, vendor=None)

    store.write(world.pecos.pk, [heard(machine(world.c1, 1), NOON, odd)])

    assert DeviceNow.objects.get(device=machine(world.c1, 1)).model_reported.startswith("S21?xxx")
