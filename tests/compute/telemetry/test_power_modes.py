"""What machines do under their power limits, learned from steady minutes and from nothing else."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from compute.models import Command, Device, DeviceNow, Order, PowerMode
from compute.telemetry import sitemap, store
from compute.telemetry.power_modes import SPAN, learn_site, span_end, weight
from tests.compute.telemetry.sweeps import heard, mining
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
BEGIN = int(time.time()) // 1800 * 1800 - 7200
UNTIL = datetime.fromtimestamp(BEGIN + 5400, UTC)


@pytest.fixture
def pecos():
    """Four S21 with LuxOS: two under 3,675 W at 3,500 W, two under 2,450 W at 2,400 W, for 90 minutes."""
    sitemap.forget()
    world = make_world(4)
    Device.objects.filter(container=world.c1).update(language="luxos")
    run(world.c1, [0])
    run(world.c1, range(1, 90))
    return world


def run(box, minutes, second=0, **changes):
    devices = list(Device.objects.filter(container=box))
    polls = [
        heard(device, BEGIN + 60 * minute + second, reading(device.slot, **changes))
        for minute in minutes
        for device in devices
    ]
    store.write(box.site_id, polls)


def reading(slot, **changes):
    full = {"hashrate_ths": 200.0, "power_w": 3500.0, "power_limit_w": 3675.0}
    # Above 85 % of the nameplate, below which it would count as ailing.
    eased = {"hashrate_ths": 172.0, "power_w": 2400.0, "power_limit_w": 2450.0}
    return mining(**((full if slot <= 2 else eased) | {"uptime_s": 86_400} | changes))


def modes():
    names = ("model", "language", "limit_w", "machines", "minutes", "power_w", "hashrate_ths")
    return list(PowerMode.objects.order_by("limit_w").values_list(*names))


def test_each_limit_is_learned_with_the_machines_and_minutes_behind_it(pecos):
    assert learn_site(pecos.pecos, UNTIL) == 2
    assert modes() == [
        ("Antminer S21", "luxos", 2450, 2, 60.0, 2400.0, 172.0),
        ("Antminer S21", "luxos", 3675, 2, 60.0, 3500.0, 200.0),
    ]


def test_the_last_places_of_a_container_may_be_ailing(pecos):
    DeviceNow.objects.filter(device__container=pecos.c1, device__slot__gt=2).update(reason="fan 1 of 2 dead")

    assert learn_site(pecos.pecos, UNTIL) == 1
    assert modes() == [("Antminer S21", "luxos", 3675, 2, 60.0, 3500.0, 200.0)]


def test_a_span_counts_once_however_often_it_is_learned(pecos):
    for _ in range(2):
        learn_site(pecos.pecos, UNTIL)
    assert [row[4] for row in modes()] == [60.0, 60.0]


def test_minutes_weigh_the_same_and_old_ones_half_after_two_weeks(pecos):
    learn_site(pecos.pecos, UNTIL)
    PowerMode.objects.update(power_w=3400.0, until_at=UNTIL - timedelta(days=14), first_at=UNTIL - timedelta(days=15))
    learn_site(pecos.pecos, UNTIL)

    row = PowerMode.objects.get(limit_w=3675)
    # Half of 60 minutes at 3,400 W and 60 at 3,500 W.
    assert (row.minutes, row.power_w) == (pytest.approx(90.0), pytest.approx((30 * 3400 + 60 * 3500) / 90))
    assert weight(UNTIL, UNTIL + timedelta(days=14)) == 0.5


def test_a_limit_that_changed_a_moment_ago_says_nothing_yet(pecos):
    run(pecos.c1, [90], power_limit_w=3000.0)
    assert learn_site(pecos.pecos, UNTIL) == 0


def test_machines_that_were_told_something_or_ail_are_left_out(pecos):
    one, other = Device.objects.filter(container=pecos.c1, slot__lte=2)
    order = Order.objects.create(
        request_id=uuid.uuid4(), site=pecos.pecos, verb="sleep", is_automatic=True, requested_at=UNTIL,
        reason="x", ruling="x", approvals_needed=0, not_after=UNTIL, promised_w=0, wave_size=1, waves=1,
    )  # fmt: skip
    Command.objects.create(order=order, device=one, place="x", wave=1, sent_at=UNTIL - SPAN)
    DeviceNow.objects.filter(device=other).update(state="warning", reason="fan 1 of 4 dead")

    assert learn_site(pecos.pecos, UNTIL) == 1
    assert [row[2] for row in modes()] == [2450]


def test_minutes_after_a_restart_and_minutes_that_say_no_power_are_left_out(pecos):
    run(pecos.c1, range(60, 80), second=30, uptime_s=300)
    run(pecos.c1, range(80, 90), second=30, power_w=None)
    # Half an hour began at minute 60: nothing steady is left of it.
    assert learn_site(pecos.pecos, UNTIL) == 0


def test_languages_that_take_no_limit_are_not_learned(pecos):
    Device.objects.filter(container=pecos.c1).update(language="antminer")
    assert learn_site(pecos.pecos, UNTIL) == 0


def test_a_poll_that_does_not_say_the_limit_leaves_it_as_it_was(pecos):
    before = (
        DeviceNow.objects.filter(device__container=pecos.c1).order_by("pk").values_list("power_limit_w", "limit_since")
    )
    was = list(before)
    run(pecos.c1, [90], power_limit_w=None)
    assert list(before.all()) == was
    assert was[0][0] == 3675


def test_the_newest_whole_span_is_learned():
    at = datetime(2026, 7, 1, 12, 31, tzinfo=UTC)
    assert span_end(at) == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert span_end(at + timedelta(minutes=3)) == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


def test_a_machine_that_an_order_holds_down_owes_no_more_than_its_share(pecos):
    eased = Device.objects.get(container=pecos.c1, slot=3)
    store.write(pecos.pecos.pk, [heard(eased, BEGIN + 5460, mining(140.0, power_w=2400.0))])
    assert DeviceNow.objects.get(device=eased).state == "warning"

    DeviceNow.objects.filter(device=eased).update(ordered_limit_w=2450)
    sitemap.forget()
    store.write(pecos.pecos.pk, [heard(eased, BEGIN + 5520, mining(140.0, power_w=2400.0))])
    assert DeviceNow.objects.get(device=eased).state == "ok"
