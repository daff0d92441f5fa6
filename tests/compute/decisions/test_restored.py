"""After a backup was restored: nothing that it still wanted of machines is done."""

from io import StringIO

import pytest
from django.core.management import call_command

from cango_ops.base import audit, leases
from cango_ops.base.models import AuditEvent, Lease
from compute.commands import approve, claim, moves, send
from compute.models import Command, Decision, Order
from tests.compute.commands.worlds import asked, heard_world, states
from tests.web.api_routes import decision

pytestmark = pytest.mark.django_db(transaction=True)
C = Command.State


def after_restore() -> str:
    said = StringIO()
    call_command("after_restore", stdout=said)
    return said.getvalue()


def approved_order(world) -> Order:
    return approve.approve(asked(world), world.bo)


def test_no_order_of_the_backup_is_carried_out():
    world = heard_world()
    order = approved_order(world)

    said = after_restore()

    order.refresh_from_db()
    assert (order.state, order.end_reason) == ("stopped", "the database was restored from a backup")
    assert states(order) == ["stopped"] * 4
    lease = leases.take(claim.SENDER, 60)
    assert lease is not None
    assert claim.claim(lease, 100) == []
    assert said.startswith("1 orders stopped, 0 commands unknown, 0 decisions ended")


def test_what_may_have_left_is_unknown_and_waits_for_evidence():
    world = heard_world()
    order = approved_order(world)
    first, second = moves.move(ids(order)[:2], C.APPROVED, C.CLAIMED)
    moves.move([first, second], C.CLAIMED, C.SENT)
    moves.move([second], C.SENT, C.ACKNOWLEDGED)

    after_restore()

    assert states(order) == ["unknown", "unknown", "stopped", "stopped"]


def ids(order: Order) -> list[int]:
    return list(Command.objects.filter(order=order).order_by("pk").values_list("pk", flat=True))


def test_a_sender_from_before_the_loss_sends_nothing_more():
    world = heard_world()
    order = approved_order(world)
    lease = leases.take(claim.SENDER, 60)
    assert lease is not None
    jobs = claim.claim(lease, 100)

    after_restore()

    with pytest.raises(leases.LeaseLost):
        send.mark_sent(jobs, lease)
    assert states(order) == ["stopped"] * 4
    assert Lease.objects.get(name=claim.SENDER).epoch == lease.epoch + 1_000_000
    assert leases.take(claim.SENDER, 60) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [("proposed", "superseded"), ("held", "expired"), ("approved", "failed"), ("ordered", "ordered"), ("done", "done")],
)
def test_no_decision_of_the_backup_is_ordered(before, after):
    world = heard_world()
    Decision.objects.filter(pk=decision(world.pecos)).update(state=before)

    after_restore()

    assert Decision.objects.get().state == after


def test_it_is_on_record_and_done_twice_it_ends_nothing_more():
    approved_order(heard_world())
    after_restore()

    said = after_restore()

    assert said.startswith("0 orders stopped, 0 commands unknown, 0 decisions ended")
    assert AuditEvent.objects.filter(verb="console.restored").count() == 2
    assert audit.verify().wrong is None
