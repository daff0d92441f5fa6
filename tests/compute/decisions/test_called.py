"""A site that a programme calls is planned at once, and only that site."""

from datetime import timedelta

import pytest

from cango_ops.base import clock, leases
from cango_ops.base.models import JobRun
from compute.decisions import called
from compute.decisions.propose import LEASE, plan_one
from compute.models import Decision, Plan
from sites import calls
from sites.calls import Called
from sites.models import Programme, ProgrammeCall
from tests.compute.decisions.worlds import facts, market_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def written(ago=timedelta(minutes=1), **more):
    """A world that was planned three minutes ago at a usual price, and a call that was told since."""
    world, now = market_world(usd=40.0), clock.now()
    plan_one(world.pecos, now - timedelta(minutes=3))
    programme = Programme.objects.create(
        site=world.pecos, name="Emergency response", baseline_mw="0.1", cap_mw="0.1", usd_per_mwh=5000,
        valid_from=(now - timedelta(days=9)).date(),
    )  # fmt: skip
    said = {"begin_at": now - HOUR, "end_at": now + HOUR, "called_at": now - ago} | more
    return world, ProgrammeCall.objects.create(programme=programme, call_id="E-17", **said)


def test_the_called_site_alone_is_planned_and_lets_its_machines_go():
    world, _ = written()

    called.plan_called()

    newest = Plan.objects.filter(site=world.pecos).first()
    assert facts(newest)["demand response"]["source"] == "E-17"
    assert Decision.objects.get().direction == "stop"
    assert {plan.site_id for plan in Plan.objects.all()} == {world.pecos.pk}
    assert JobRun.objects.get(name="compute.plan_called").detail == {"proposed": 1}


def test_a_call_that_a_plan_knows_asks_for_no_other():
    written()
    called.plan_called()
    count = Plan.objects.count()

    called.plan_called()

    assert Plan.objects.count() == count


def test_a_call_that_is_withdrawn_asks_for_a_plan_without_it():
    world, call = written()
    plan_one(world.pecos, clock.now() - timedelta(seconds=50))
    assert called.since_planned(clock.now()) == []
    calls.withdraw(world.bo, world.pecos, "Emergency response", call.call_id)
    ProgrammeCall.objects.update(withdrawn_at=clock.now() - timedelta(seconds=30))

    called.plan_called()

    assert "demand response" not in facts(Plan.objects.filter(site=world.pecos).first())
    assert Decision.objects.get().state == "superseded"


def test_a_call_whose_transaction_may_not_have_ended_waits_and_one_that_is_over_changes_nothing():
    world, call = written(ago=timedelta(0))

    assert called.since_planned(call.called_at + timedelta(seconds=1)) == []
    assert called.since_planned(call.called_at + timedelta(seconds=2)) == [world.pecos]
    assert called.since_planned(call.end_at) == []


def test_while_another_process_plans_it_waits_for_its_turn():
    world, _ = written()
    with leases.held(LEASE, 60):
        called.plan_called()

    assert JobRun.objects.get(name="compute.plan_called").outcome == "skipped"
    assert called.since_planned(clock.now()) == [world.pecos]


def test_a_call_that_is_told_is_due_two_seconds_later():
    world, _ = written(end_at=clock.now() - HOUR / 2)
    now = clock.now()
    calls.tell(world.bo, world.pecos, Called("Emergency response", "E-18", now, now + HOUR))

    assert called.since_planned(clock.now() + timedelta(seconds=5)) == [world.pecos]
