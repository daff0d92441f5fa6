"""Ends what was not sent in time: nothing old leaves by surprise, however long something was away."""

from django.db import transaction

from cango_ops.base.clock import database_now
from cango_ops.live.publish import publish
from compute.commands import moves
from compute.commands.approve import end, ids_of
from compute.commands.moves import NOW
from compute.commands.refusal import Refused
from compute.commands.topics import topics_of
from compute.models import Command, Order

CLERK = "clerk"
C = Command.State
LATE = "its time had passed before it was sent"


def expire() -> int:
    """How many orders lost something."""
    now = database_now()
    late = Order.objects.filter(not_after__lte=now).select_related("site")
    hit = 0
    for order in late.filter(state=Order.State.REQUESTED):
        hit += expire_waiting(order)
    for order in late.filter(state=Order.State.APPROVED):
        hit += expire_unsent(order)
    return hit


def expire_waiting(order: Order) -> bool:
    try:
        with transaction.atomic():
            end(order, Order.State.REQUESTED, Order.State.EXPIRED, CLERK, "nobody approved it in time")
    except Refused:  # somebody approved or refused it meanwhile
        return False
    return True


def expire_unsent(order: Order) -> bool:
    with transaction.atomic():
        hit = [
            pk
            for state in (C.APPROVED, C.CLAIMED)
            for pk in moves.move(ids_of(order, state), state, C.EXPIRED, ended_at=NOW, reason=LATE)
        ]
        if hit:
            publish(*topics_of(order))
            moves.note(CLERK, order.pk, C.EXPIRED, hit)
    return bool(hit)
