"""Old plans let go of what nobody will ask them for, and a decision can be replayed to the cent for good."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from cango_ops.base import clock
from compute.decisions import frozen
from compute.decisions.propose import plan_one
from compute.decisions.round import EFFORT
from compute.decisions.thin import forget_plans, thin_plans
from compute.models import Decision, Plan
from compute.switching.planning import plan_site
from compute.switching.reprice import reprice
from tests.compute.decisions.worlds import market_world

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")


def an_hour_of_plans(usd: float) -> list[Plan]:
    """Twelve rounds of one hour some hours ago, five minutes apart: copies of one that was really made."""
    world = market_world(usd)
    plan_one(world.pecos, clock.now())
    real = Plan.objects.get()
    hour = (clock.now() - timedelta(hours=9)).replace(minute=0, second=0, microsecond=0)
    return [copy(real, hour + timedelta(minutes=5 * at)) for at in range(12)]


def copy(real: Plan, at: datetime) -> Plan:
    values = {field.name: getattr(real, field.name) for field in Plan._meta.fields if field.name != "id"}
    return Plan.objects.create(**values | {"made_at": at, "begin_at": at})


def decided(plan: Plan) -> None:
    """Makes the plan the one that a decision came of."""
    Decision.objects.update(plan=plan)


def test_of_an_hours_plans_the_first_and_those_that_became_decisions_stay_whole():
    plans = an_hour_of_plans(5000.0)
    decided(plans[7])

    assert thin_plans(clock.now()) == 10

    whole = [plan.pk for plan in Plan.objects.filter(pk__in=[each.pk for each in plans]) if plan.inputs is not None]
    assert set(whole) == {plans[0].pk, plans[7].pk}
    thin = Plan.objects.get(pk=plans[3].pk)
    assert (thin.chosen, thin.schedule, thin.profit_usd, thin.digest) == (
        None, {}, plans[3].profit_usd, plans[3].digest,
    )  # fmt: skip
    assert thin.facts == plans[3].facts
    assert thin.thinned_at is not None


def test_thinning_twice_takes_no_more():
    an_hour_of_plans(40.0)
    assert (thin_plans(clock.now()), thin_plans(clock.now())) == (11, 0)


def test_plans_of_the_last_hours_stay_whole():
    world = market_world(40.0)
    for minutes in (5, 10, 15):
        plan_one(world.pecos, clock.now() + timedelta(minutes=minutes))

    assert thin_plans(clock.now() + timedelta(hours=2)) == 0


def test_a_decision_is_replayed_to_the_cent_after_its_hour_was_thinned():
    decided(an_hour_of_plans(5000.0)[5])
    thin_plans(clock.now())

    row = Decision.objects.get().plan
    site, plan = frozen.thawed_site(row.inputs), frozen.thawed_plan(row.chosen)

    assert frozen.digest(row.inputs) == row.digest
    assert Decimal(str(reprice(site, plan).profit_usd)).quantize(CENT) == row.profit_usd
    assert Decimal(str(plan_site(site, EFFORT).priced.profit_usd)).quantize(CENT) == row.profit_usd


def test_what_a_decision_came_of_can_neither_be_thinned_nor_changed():
    plan = an_hour_of_plans(5000.0)[5]
    decided(plan)
    rows = Plan.objects.filter(pk=plan.pk)

    for change in (
        {"inputs": None, "chosen": None, "thinned_at": clock.now()},
        {"inputs": b"other"},
        {"facts": []},
    ):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            rows.update(**change)


def test_thinned_plans_go_after_three_months_and_whole_ones_never():
    plans = an_hour_of_plans(40.0)
    thin_plans(clock.now())

    assert forget_plans(clock.now() + timedelta(days=91)) == 0
    assert forget_plans(clock.now() + timedelta(days=93)) == 11
    assert Plan.objects.filter(pk=plans[0].pk).exists()
