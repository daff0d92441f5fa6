"""What came of a decision: whether the power moved, read when the machines have settled."""

import uuid
from datetime import timedelta

import pytest

from cango_ops.base import clock
from compute.decisions import decide
from compute.decisions.verify import verdict, verify
from compute.models import Command, ContainerTotals, Decision, Order, Settling
from sites.models import Meter
from tests.compute.commands.worlds import second_manager
from tests.compute.decisions.worlds import proposed

pytestmark = pytest.mark.django_db
D = Decision.State


def test_the_power_moved_or_it_did_not():
    assert verdict(20.0, 16.0, -4.2) == ("the load moved by −4.0 MW of the −4.2 MW promised", True)
    assert verdict(20.0, 19.5, -4.2) == ("the load moved by −500 kW of the −4.2 MW promised", False)
    assert verdict(None, 19.5, -4.2)[1] is None


def test_orders_that_never_left_are_no_success():
    world, decision = proposed()
    decide.approve(decision, world.bo)
    decide.approve(decision, second_manager())
    Order.objects.update(state="expired", ended_at=clock.now() - timedelta(minutes=6), end_reason="its time passed")
    assert verify(clock.now()) == 1
    decision.refresh_from_db()
    assert (decision.state, decision.verdict) == (D.FAILED, "no order left: its time passed")


def ordered(sent_s: float) -> Decision:
    """Pecos: 90 kW before its machines were told to sleep so many seconds ago; its meter reads 5 kW."""
    world, decision = proposed()
    for person in (world.bo, second_manager()):
        decide.approve(decision, person)
    now = clock.now()
    Order.objects.update(state="done", ended_at=now - timedelta(seconds=sent_s))
    Command.objects.update(state="confirmed", sent_at=now - timedelta(seconds=sent_s))
    Decision.objects.update(before_mw=0.09)
    Meter.objects.filter(site=world.pecos).update(power_w=5000.0, observed_at=now)
    return decision


def measured(seconds: float) -> None:
    """Three orders like this one that took so long."""
    like = Order.objects.get()
    for _ in range(3):
        like.pk, like.request_id = None, uuid.uuid4()
        like.save(force_insert=True)
        Settling.objects.create(
            order=like, language="antminer", seconds=seconds, machines=4, measured_at=clock.now() - timedelta(hours=1)
        )


def test_the_load_is_read_when_machines_have_settled_by_their_makers_word():
    decision = ordered(sent_s=30)
    assert verify(clock.now()) == 0

    Command.objects.update(sent_at=clock.now() - timedelta(seconds=300))
    assert verify(clock.now()) == 1
    decision.refresh_from_db()
    assert decision.state == D.DONE
    assert decision.verdict.startswith("the load moved by −85 kW of the −88 kW promised, ")
    assert "after the last command: machines may take 60 s by their makers' word" in decision.verdict


def test_measured_machines_are_waited_for_as_long_as_they_took():
    decision = ordered(sent_s=300)
    measured(600.0)
    assert verify(clock.now()) == 0

    Command.objects.update(sent_at=clock.now() - timedelta(seconds=900))
    assert verify(clock.now()) == 1
    decision.refresh_from_db()
    assert "antminer machines settle in 600 s, measured on 3 orders" in decision.verdict


def test_a_load_that_nobody_measures_is_judged_as_not_known():
    decision = ordered(sent_s=300)
    Meter.objects.all().delete()
    ContainerTotals.objects.update(power_w=None)
    assert verify(clock.now()) == 0
    assert verify(clock.now() + timedelta(minutes=6)) == 1
    decision.refresh_from_db()
    assert (decision.state, decision.after_mw) == (D.DONE, None)
