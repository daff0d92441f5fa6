"""From prices and machines to a proposal, and what a plan keeps of what it was made from."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from cango_ops.base import clock
from compute.decisions import frozen
from compute.decisions.propose import plan_one
from compute.decisions.states import close_late
from compute.models import (
    Decision,
    MiningTerms,
    Plan,
)
from compute.switching.reprice import reprice
from tests.compute.decisions.worlds import facts, market_world, proposed, say_prices

pytestmark = pytest.mark.django_db
D = Decision.State


def test_a_spike_proposes_to_stop_and_says_why():
    _, decision = proposed()

    assert decision.state == D.PROPOSED
    assert [(move["verb"], move["from"], move["to"]) for move in decision.moves] == [("sleep", 24.0, 0.0)]
    # No meter is live, so fans and losses are 5 %: 24 * 3.5 kW * 1.05 = 88.2 kW.
    assert decision.change_mw == pytest.approx(-0.0882)
    assert "Antminer S21 earns $91/MWh, power costs $5,000/MWh" in decision.sentence
    # A hashprice of 2,200 USD turns it over as well, which nobody waits for.
    assert [(row["name"], row["now"], row["mean"]) for row in decision.break_evens] == [("power", 5000.0, 5000.0)]


def test_a_plan_says_what_it_was_made_from_and_how_old_it_is():
    proposed()
    said = facts(Plan.objects.get())
    assert said["price of ERCOT-WEST"]["source"] == "test"
    assert said["hashprice"]["value"] == "$40.00/PH/day after 0.0% to the pool (terms not known)"
    assert said["machines"]["value"] == "24 of 24 heard"
    assert said["meter"]["state"] == "unknown"


def test_the_pools_fee_is_taken_from_the_hashprice():
    world = market_world()
    MiningTerms.objects.create(site=world.pecos, pool="Pool", fee_share=Decimal("0.025"))
    plan_one(world.pecos, clock.now())
    assert facts(Plan.objects.get())["hashprice"]["value"] == "$39.00/PH/day after 2.5% to Pool"


def test_a_plan_is_replayed_to_the_cent():
    proposed()
    row = Plan.objects.get()
    site, plan = frozen.thawed_site(row.inputs), frozen.thawed_plan(row.chosen)

    assert frozen.digest(row.inputs) == row.digest
    assert Decimal(str(reprice(site, plan).profit_usd)).quantize(Decimal("0.01")) == row.profit_usd


def test_what_a_plan_was_made_from_cannot_be_changed():
    proposed()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Plan.objects.update(inputs=b"other")


def test_a_usual_price_leaves_what_runs_alone():
    world = market_world(40.0)
    assert plan_one(world.pecos, clock.now()) == "planned"
    assert Plan.objects.get().verdict == "what runs is what pays best"


def test_a_proposal_that_still_pays_is_not_made_again():
    world, decision = proposed()
    assert plan_one(world.pecos, clock.now()) == "planned"
    assert Decision.objects.get() == decision


def test_a_proposal_that_no_longer_pays_is_withdrawn():
    world, decision = proposed()
    say_prices(40.0, clock.now() + timedelta(seconds=1))
    plan_one(world.pecos, clock.now())

    decision.refresh_from_db()
    assert (decision.state, decision.end_reason) == (D.SUPERSEDED, "it no longer pays")


def test_a_proposal_that_nobody_answers_expires():
    _, decision = proposed()
    assert close_late(clock.now() + timedelta(minutes=31)) == 1
    decision.refresh_from_db()
    assert decision.state == D.EXPIRED
