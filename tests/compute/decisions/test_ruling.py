"""Who must agree, by the policy of now: what changed since the proposal asks for more people, never for fewer."""

import uuid
from datetime import timedelta

import pytest

from cango_ops.base import clock
from cango_ops.base.models import AuditEvent
from compute.commands import hold
from compute.commands.refusal import Refused
from compute.decisions import decide, execute
from compute.decisions.carry import carry
from compute.decisions.propose import plan_one
from compute.decisions.ruling import leaves_customer
from compute.models import CommandPolicy, Decision, Order
from sites.models import Membership
from tests.compute.commands.worlds import second_manager
from tests.compute.decisions.worlds import let_console_ask, market_world, proposed
from tests.worlds import make_user

pytestmark = pytest.mark.django_db
D = Decision.State
WIDE = {"max_kw": 200, "max_hours": 48, "max_usd": 10_000}


def decision() -> Decision:
    return Decision.objects.select_related("site").get()


@pytest.fixture
def alone():
    """Pecos, where the console may run by itself, and a proposal that does."""
    world = market_world(5000.0)
    let_console_ask(world, "automatic", **WIDE)
    plan_one(world.pecos, clock.now())
    assert decision().is_automatic
    return world


def test_what_a_decision_may_cost_is_kept_with_it(alone):
    """24 machines that earn $8 a day each, off until the plan's end in 48 hours, or to the quarter hour less."""
    assert 380 < decision().risk_usd <= 384


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ({"max_kw": 50}, "above 50 kW an approval is needed"),
        ({"max_hours": 2}, "above 2 h an approval is needed"),
        ({"max_usd": 10}, "above $10 at risk an approval is needed"),
        ({"mode": "approve"}, "the site's policy asks for an approval"),
        ({"two_person_above_kw": 10}, "above 10 kW two people approve"),
    ],
)
def test_a_limit_that_was_lowered_since_asks_for_people(alone, limit, why):
    CommandPolicy.objects.update(**limit)

    carry()

    assert (decision().state, decision().is_automatic, decision().ruling) == (D.PROPOSED, False, why)
    assert decision().approvals_needed == (2 if "two" in why else 1)
    assert not Order.objects.exists()
    assert AuditEvent.objects.filter(verb="decision.needs_approval").count() == 1


def test_exactly_at_the_limit_it_runs_by_itself(alone):
    kw = sum(abs(move["mw"]) for move in decision().moves) * 1000
    CommandPolicy.objects.update(max_kw=kw, two_person_above_kw=kw, max_usd=decision().risk_usd)
    carry()
    assert decision().state == D.ORDERED


def test_a_hold_pressed_before_it_runs_asks_for_people(alone):
    hold.press(uuid.uuid4(), alone.ada, site=alone.pecos)
    carry()
    assert (decision().state, decision().ruling) == (D.PROPOSED, "a hold stands: nothing runs without an approval")


def test_a_limit_that_was_raised_since_asks_for_no_less():
    _, made = proposed()
    CommandPolicy.objects.create(site=made.site, requester="console", mode="automatic", **WIDE)
    carry()
    assert (decision().state, decision().approvals_needed) == (D.PROPOSED, 2)


def test_a_second_person_is_asked_for_when_the_limit_fell_before_the_first_answered():
    world = market_world(5000.0)
    let_console_ask(world)
    plan_one(world.pecos, clock.now())
    CommandPolicy.objects.update(two_person_above_kw=10)

    assert decide.approve(decision(), world.bo).state == D.PROPOSED
    assert decide.approve(decision(), second_manager()).state == D.ORDERED
    assert decision().state == D.ORDERED


def test_nodes_that_a_customer_bought_never_sleep_by_themselves():
    bought = {"unit": "GPU nodes of Acme", "use": "ai", "from": 8.0, "to": 7.0}
    assert leaves_customer(bought)
    assert not leaves_customer(bought | {"to": 9.0})
    assert not leaves_customer(bought | {"unit": "GPU nodes by the hour"})
    assert not leaves_customer(bought | {"unit": "Antminer S21", "use": "mining"})


# Between a word and what comes of it


def test_a_word_does_not_outlive_the_right_to_it():
    world, made = proposed()
    dora = second_manager()
    decide.approve(made, world.bo)
    Membership.objects.filter(user=world.bo).delete()

    assert decide.approve(made, dora).state == D.PROPOSED
    assert not Order.objects.exists()
    eve = make_user("Eve")
    Membership.objects.create(user=eve, role="manager")
    assert decide.approve(made, eve).state == D.ORDERED


def test_an_order_made_after_a_hold_for_a_word_before_it_is_held():
    """The process that took the last word ended before it made the order; another one goes on under the hold."""
    world, made = proposed()
    for person in (world.bo, second_manager()):
        made.approvals.create(approver=person, at=clock.now())
    Decision.objects.update(state=D.APPROVED, decided_at=clock.now() - timedelta(seconds=30))
    placed = hold.press(uuid.uuid4(), world.ada, site=world.pecos)

    execute.execute_approved()

    order = Order.objects.get()
    assert (order.state, order.approved_at < placed.placed_at) == ("approved", True)


def test_an_answer_after_its_time_changes_nothing():
    world, made = proposed()
    Decision.objects.update(not_after=clock.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="its time has passed"):
        decide.approve(made, world.bo)
    assert not made.approvals.exists()
