"""From a proposal to an order: approve, refuse, hold, by right and once each."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from cango_ops.base import clock
from cango_ops.base.models import AuditEvent
from compute.commands.refusal import Refused
from compute.decisions import decide
from compute.decisions.carry import carry
from compute.decisions.propose import plan_one
from compute.decisions.states import close, close_late
from compute.models import (
    Decision,
    Order,
)
from tests.compute.commands.worlds import second_manager
from tests.compute.decisions.worlds import let_console_ask, market_world, proposed

pytestmark = pytest.mark.django_db
D = Decision.State


def test_where_the_console_only_advises_one_orders_and_another_approves():
    world, decision = proposed()
    assert decision.approvals_needed == 2

    decide.approve(decision, world.bo)
    decision.refresh_from_db()
    assert decision.state == D.PROPOSED
    decide.approve(decision, second_manager())

    decision.refresh_from_db()
    assert decision.state == D.ORDERED
    order = Order.objects.get()
    assert (order.verb, order.state, order.source) == ("sleep", "approved", f"decision/{decision.pk}")
    assert order.commands.count() == 24


def test_where_the_console_may_ask_one_word_is_enough():
    world = market_world(5000.0)
    let_console_ask(world)
    plan_one(world.pecos, clock.now())
    decide.approve(Decision.objects.get(), world.bo)
    assert Order.objects.get().state == "approved"


def test_within_its_limits_the_console_needs_nobody():
    world = market_world(5000.0)
    let_console_ask(world, "automatic", max_kw=200, max_hours=48, max_usd=10_000)
    plan_one(world.pecos, clock.now())
    carry()
    assert Decision.objects.get().state == D.ORDERED
    assert Order.objects.get().is_automatic


def test_the_same_person_counts_once():
    world, decision = proposed()
    decide.approve(decision, world.bo)
    decide.approve(decision, world.bo)
    decision.refresh_from_db()
    assert decision.state == D.PROPOSED
    assert decision.approvals.count() == 1


def test_who_may_only_operate_may_not_decide():
    world, decision = proposed()
    with pytest.raises(Refused, match="does not allow deciding"):
        decide.approve(decision, world.ada)
    with pytest.raises(Refused, match="does not allow deciding"):
        decide.hold(decision, world.cy, 30)


def test_a_refusal_ends_it_and_is_on_record():
    world, decision = proposed()
    decide.refuse(decision, world.bo, "maintenance tonight")
    decision.refresh_from_db()
    assert (decision.state, decision.end_reason) == (D.REFUSED, "refused by bo@example.com: maintenance tonight")
    assert AuditEvent.objects.filter(verb="decision.refused").count() == 1


def test_a_hold_stops_proposals_until_it_is_over():
    world, decision = proposed()
    decide.hold(decision, world.bo, 30)
    assert plan_one(world.pecos, clock.now()) == "planned"
    close_late(clock.now() + timedelta(minutes=31))
    assert plan_one(world.pecos, clock.now()) == "proposed"
    assert Decision.objects.count() == 2


def test_what_ended_cannot_be_approved():
    world, decision = proposed()
    decide.refuse(decision, world.bo, "")
    with pytest.raises(Refused, match="it is refused by now"):
        decide.approve(decision, world.bo)


OVERTAKEN = {
    "refused": "refused by dora@example.com: maintenance tonight",
    "superseded": "another change pays better now",
    "expired": "nobody answered in time",
}


@pytest.mark.parametrize(("state", "reason"), OVERTAKEN.items())
@pytest.mark.parametrize("deed", ["approve", "refuse", "hold"])
def test_who_decides_in_an_old_tab_is_told_what_became_of_it(state, reason, deed):
    world, decision = proposed()
    decide.approve(decision, world.bo)
    close(decision, state, "somebody", reason)

    tab = Decision.objects.select_related("site").get()
    said = {"approve": (), "refuse": ("no",), "hold": (30,)}[deed]
    with pytest.raises(Refused) as why:
        getattr(decide, deed)(tab, world.bo, *said)

    assert str(why.value) == f"it is {state} by now ({reason})"


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment_make_one_order():
    world = market_world(5000.0)
    let_console_ask(world)
    plan_one(world.pecos, clock.now())
    decision, people = Decision.objects.get(), [world.bo, *(second_manager() for _ in range(1))]

    def press(person) -> None:
        try:
            decide.approve(Decision.objects.select_related("site").get(pk=decision.pk), person)
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(person,)) for person in people * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Order.objects.count() == 1
    assert AuditEvent.objects.filter(verb="decision.ordered").count() == 1
