"""Minimum times and start counts are carried on from what machines really did."""

import uuid
from datetime import timedelta

import pytest

from cango_ops.base import clock
from compute.decisions import decide, frozen, past
from compute.decisions.propose import memory_of, plan_one
from compute.models import Command, Decision, Device, DeviceNow, Order, Plan
from compute.switching.inputs import Mode, Unit
from tests.compute.commands.worlds import asked, machines, say
from tests.compute.decisions.worlds import market_world

pytestmark = pytest.mark.django_db


def unit_of_newest():
    row = Plan.objects.order_by("-made_at").first()
    return frozen.thawed_site(row.inputs).units[0], {fact["name"]: fact for fact in row.facts}


def woken(world, devices, minutes_ago, state=Command.State.CONFIRMED):
    """An order that woke these machines so many minutes ago."""
    at = clock.now() - timedelta(minutes=minutes_ago)
    order = Order.objects.create(
        request_id=uuid.uuid4(), site=world.pecos, verb="wake", state="done", requested_by=world.ada, requested_at=at,
        reason="test", ruling="", approvals_needed=1, not_after=at, promised_w=0, wave_size=1, waves=1,
    )  # fmt: skip
    Command.objects.bulk_create(
        [Command(order=order, device=device, place="", wave=1, state=state, sent_at=at) for device in devices]
    )
    return order


def test_machines_that_were_woken_half_an_hour_ago_stay_on_although_power_is_dear():
    world = market_world(140.0)
    woken(world, machines(world.c1)[:6], minutes_ago=30)

    plan_one(world.pecos, clock.now())

    unit, facts = unit_of_newest()
    assert sum(count for _, count in unit.started) == 6.0
    assert facts["Antminer S21 lately"]["value"] == "6 woken, 0 put to sleep"
    chosen = frozen.thawed_plan(Plan.objects.order_by("-made_at").first().chosen)
    assert chosen.modules["Antminer S21"][0, 0] == pytest.approx(6.0)


def test_a_wake_that_was_never_seen_or_is_long_over_holds_nothing():
    world = market_world(140.0)
    woken(world, machines(world.c1)[:6], minutes_ago=30, state=Command.State.FAILED)
    woken(world, machines(world.c1)[6:9], minutes_ago=80)

    plan_one(world.pecos, clock.now())

    assert unit_of_newest()[0].started == ()


def test_machines_that_fell_asleep_minutes_ago_are_not_woken_at_once():
    world = market_world(40.0)
    asleep = machines(world.c1)[:10]
    say(asleep, asleep=True)

    plan_one(world.pecos, clock.now())

    unit, facts = unit_of_newest()
    assert sum(count for _, count in unit.stopped) == 10.0
    assert facts["Antminer S21 lately"]["value"] == "0 woken, 10 put to sleep"
    chosen = frozen.thawed_plan(Plan.objects.get().chosen)
    assert chosen.modules["Antminer S21"][0, :2].max() == pytest.approx(14.0)
    assert chosen.modules["Antminer S21"][0, 3] == pytest.approx(24.0)


def test_machines_that_have_slept_for_an_hour_may_wake():
    world = market_world(40.0)
    say(machines(world.c1)[:10], asleep=True)
    DeviceNow.objects.filter(reason="asleep").update(since=clock.now() - timedelta(hours=1))

    plan_one(world.pecos, clock.now())

    assert unit_of_newest()[0].stopped == ()


def test_nodes_that_the_hour_buys_take_the_past_before_those_under_contract():
    units = [
        Unit("owed", (Mode("on", 0.01, nodes=1),), 1.0, min_up_h=1, min_down_h=1, count=4, on_before=3, ai=object()),
        Unit("spot", (Mode("on", 0.01, nodes=1),), 1.0, min_up_h=1, min_down_h=1, count=4, on_before=2, ai=object()),
    ]

    owed, spot = past.entering(units, past.Switched({past.NODES: ((0.5, 4.0),)}, {past.NODES: ((0.1, 1.0),)}))

    assert (owed.started, spot.started) == (((0.5, 2.0),), ((0.5, 2.0),))
    assert (owed.stopped, spot.stopped) == ((), ((0.1, 1.0),))


def test_a_start_counts_once_machines_were_seen_to_wake_and_not_when_it_was_proposed():
    world = market_world(40.0)
    now = clock.now()
    woken(world, machines(world.c1)[:2], minutes_ago=60)
    woken(world, machines(world.c1)[2:4], minutes_ago=30, state=Command.State.EXPIRED)
    woken(world, machines(world.c1)[4:6], minutes_ago=25 * 60)
    both = [woken(world, machines(world.c1)[place : place + 1], minutes_ago=90) for place in (7, 8)]
    Order.objects.filter(pk__in=[order.pk for order in both]).update(source="decision/5")

    assert [round(now.timestamp() / 3600 - hour, 2) for hour in past.starts_h(world.pecos, now)] == [1.5, 1.0]
    assert len(memory_of(world.pecos, now).started_h) == 2


def test_a_proposal_to_start_that_is_refused_wears_nothing():
    world = market_world(40.0)
    say(list(Device.objects.filter(container=world.c1)), asleep=True)
    DeviceNow.objects.filter(reason="asleep").update(since=clock.now() - timedelta(hours=1))
    for _ in range(4):
        plan_one(world.pecos, clock.now())
    for decision in Decision.objects.filter(state="proposed"):
        decide.refuse(decision, world.bo, "not tonight")

    assert memory_of(world.pecos, clock.now()).started_h == ()


def test_an_order_to_sleep_is_no_start():
    world = market_world(40.0)
    asked(world)
    Command.objects.update(state=Command.State.CONFIRMED)

    assert past.starts_h(world.pecos, clock.now()) == ()
