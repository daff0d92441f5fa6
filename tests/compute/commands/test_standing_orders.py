"""What a confirmed sleep leaves behind: the machine counts as asleep until it is told to wake, or seen at work."""

import time
from datetime import timedelta

import pytest

from cango_ops.base import clock
from compute.commands import confirm, standing_orders
from compute.models import Command, DeviceNow, Order
from compute.protocols.reading import State
from compute.telemetry import sitemap, store
from tests.compute.commands.test_sending import moment
from tests.compute.commands.worlds import asked, heard_world, machines, say
from tests.compute.telemetry.sweeps import heard, mining
from tests.worlds import World

pytestmark = pytest.mark.django_db
# What most languages say of a sleeping machine between two inspections.
STILL = {"hashrate_ths": 0.0, "power_w": 30.0, "state": State.UNKNOWN}


@pytest.fixture
def world() -> World:
    """Pecos, asleep by an order of half an hour ago."""
    made = heard_world()
    order = asked(made)
    Order.objects.update(state="approved", approved_at=moment(-1800))
    Command.objects.update(state="acknowledged", sent_at=moment(-1800), confirm_by=moment(-1500))
    say(machines(made.c1), asleep=True)
    confirm.confirm_commands()
    assert set(order.commands.values_list("state", flat=True)) == {"confirmed"}
    sitemap.forget()
    return made


def answer(world: World, seconds: float, **said: object) -> set[tuple[str, str]]:
    """What the machines of Pecos are taken for after so many seconds, when they have said this."""
    polls = [heard(device, time.time() + seconds, mining(**said)) for device in machines(world.c1)]
    store.write(world.pecos.pk, polls, None)
    return set(DeviceNow.objects.filter(device__container=world.c1).values_list("state", "reason"))


def test_a_machine_asleep_by_order_stays_so_while_it_says_only_that_it_hashes_nothing(world):
    assert answer(world, 20, **STILL) == {("maintenance", "asleep")}
    assert (world.c1.totals.state, world.c1.totals.awake_ths) == ("maintenance", 0.0)


def test_without_an_order_the_same_answer_is_a_machine_that_fails(world):
    DeviceNow.objects.update(ordered_asleep_at=None)
    assert answer(world, 20, **STILL) == {("critical", "hashrate below 50 % of 200 TH/s")}


def test_a_machine_that_works_is_not_asleep_whatever_was_ordered(world):
    assert answer(world, 20) == {("ok", "")}
    assert answer(world, 40, **STILL | {"power_w": 3500.0}) == {("critical", "hashrate below 50 % of 200 TH/s")}


def test_a_machine_that_was_told_to_wake_and_did_not_is_no_longer_asleep_by_order(world):
    order = asked(world, verb="wake")
    Order.objects.filter(pk=order.pk).update(state="approved")
    order.commands.update(state="acknowledged", sent_at=moment(-1300), confirm_by=moment(-100))
    confirm.confirm_commands()

    assert set(order.commands.values_list("state", flat=True)) == {"failed"}
    sitemap.forget()
    assert answer(world, 20, **STILL) == {("critical", "hashrate below 50 % of 200 TH/s")}


def test_somebody_who_found_a_machine_asleep_leaves_it_asleep_by_order(world):
    command = Command.objects.select_related("order__site").first()
    DeviceNow.objects.update(ordered_asleep_at=None)
    Command.objects.filter(pk=command.pk).update(state="unknown")
    confirm.settle(command, world.ada, has_worked=True, words="dark")
    assert DeviceNow.objects.exclude(ordered_asleep_at=None).get().device_id == command.device_id


def test_what_somebody_else_woke_is_let_go_when_it_has_worked_for_ten_minutes(world):
    answer(world, 20)
    assert standing_orders.let_go(clock.now() + timedelta(minutes=9)) == 0
    assert standing_orders.let_go(clock.now() + timedelta(minutes=11)) == 4
    assert not DeviceNow.objects.exclude(ordered_asleep_at=None).exists()
