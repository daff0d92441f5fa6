"""Machines that were told to wake count as on their way for their warm-up, and no longer."""

import time

import pytest

from cango_ops.alerts.rules import Context
from cango_ops.base import clock
from compute.alerting import places
from compute.decisions.fleet import fleet_of
from compute.decisions.past import switched
from compute.models import Command, DeviceNow, Order, SiteSweep
from compute.protocols.reading import State
from compute.telemetry import store
from compute.telemetry.waking import WARM_UP_S
from sites.metering.queries import power_now
from tests.compute.commands.test_sending import moment
from tests.compute.commands.worlds import asked, heard_world, machines, say
from tests.compute.telemetry.sweeps import heard, mining, silent
from tests.worlds import World

pytestmark = pytest.mark.django_db
CLIMBING = {"hashrate_ths": 40.0, "power_w": 1500.0}
STILL = {"hashrate_ths": 0.0, "power_w": 30.0, "state": State.UNKNOWN}


@pytest.fixture
def world() -> World:
    """The four machines of Pecos were asleep, and were told to wake a minute ago."""
    made = heard_world()
    say(machines(made.c1), asleep=True)
    told(made, "wake", -60)
    return made


def told(world: World, verb: str, seconds: float, state: str = "acknowledged") -> Order:
    order = asked(world, verb=verb)
    Order.objects.filter(pk=order.pk).update(state="approved", approved_at=moment(seconds))
    order.commands.update(state=state, sent_at=moment(seconds))
    return order


def answer(world: World, seconds: float = 20, **said: object) -> set[tuple[str, str]]:
    polls = [heard(device, time.time() + seconds, mining(**said)) for device in machines(world.c1)]
    store.write(world.pecos.pk, polls, None)
    return now_of(world)


def now_of(world: World) -> set[tuple[str, str]]:
    return set(DeviceNow.objects.filter(device__container=world.c1).values_list("state", "reason"))


def alarms() -> list[str]:
    context = Context(clock.now(), {rule.name: rule for rule in places.RULES})
    return [one.rule for one in places.check(context).found if one.subject == "site/PECOS"]


def test_machines_on_their_way_are_nobodys_alarm(world):
    assert answer(world, **STILL) == {("maintenance", "told to wake")}
    assert answer(world, 40, **CLIMBING) == {("maintenance", "told to wake")}

    assert (world.c1.totals.state, world.c1.totals.reason) == ("maintenance", "told to wake")
    assert SiteSweep.objects.get(site=world.pecos).state == "maintenance"
    assert alarms() == []


def test_a_whole_site_that_restarts_has_not_lost_its_link(world):
    polls = [silent(device, time.time() + 30, "refused") for device in machines(world.c1)]
    store.write(world.pecos.pk, polls, None)

    assert now_of(world) == {("maintenance", "told to wake")}
    assert SiteSweep.objects.get(site=world.pecos).reason == "told to wake"
    assert alarms() == []


def test_a_machine_that_is_there_is_judged_as_ever(world):
    assert answer(world) == {("ok", "")}
    assert world.c1.totals.awake_ths == 800.0


def test_after_its_warm_up_a_machine_that_does_nothing_fails(world):
    Command.objects.update(sent_at=moment(-WARM_UP_S - 1))
    assert answer(world, 5, **CLIMBING) == {("critical", "hashrate below 50 % of 200 TH/s")}


def test_a_refused_wake_changes_nothing(world):
    Command.objects.update(state="failed")
    assert answer(world, **CLIMBING) == {("critical", "hashrate below 50 % of 200 TH/s")}


def test_the_newest_order_counts(world):
    answer(world, 5)
    Command.objects.update(state="confirmed")
    told(world, "sleep", -30)
    assert answer(world, **STILL | {"state": State.SLEEPING}) == {("maintenance", "asleep")}


def test_what_a_waking_machine_hashes_makes_up_for_nobody_else(world):
    first, *others = machines(world.c1)
    Command.objects.exclude(device=first).delete()
    polls = [heard(device, time.time() + 20, mining(0.0)) for device in others[:2]]
    polls += [heard(device, time.time() + 20, mining()) for device in others[2:]]
    store.write(world.pecos.pk, [*polls, heard(first, time.time() + 20, mining(160.0))], None)

    # 600 TH/s of three machines and the 160 of the one that climbs; of those 400 are missing, of 800 that stand there.
    assert world.c1.totals.awake_ths == pytest.approx(760.0)
    assert world.c1.totals.reason == "50 % of hashrate missing"


def test_the_plan_counts_on_machines_that_are_on_their_way(world):
    answer(world, **CLIMBING)
    now = clock.now()

    (group,) = fleet_of(world.pecos, power_now([world.pecos.pk])[world.pecos.pk], now).groups
    assert (group.count, group.on) == (4, 4)
    lately = switched(world.pecos, now, 1.0)
    # A minimum time runs from when they were told.
    assert [count for _, count in lately.woke[group.id]] == [4.0]
    assert lately.slept == {}
