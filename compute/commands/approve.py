"""The word of a second person, and of a third above the site's limit: approve, refuse, stop."""

from datetime import datetime
from typing import Final

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move as move_order
from cango_ops.live.publish import publish
from compute.commands import moves
from compute.commands.moves import NOW
from compute.commands.refusal import Refused, by_now
from compute.commands.states import UNSENT
from compute.commands.topics import topics_of
from compute.models import Approval, Command, Order
from sites import rights

O = Order.State  # noqa: E741 - the states of an order, often named here
C = Command.State
# Ended without having run to its end: a word given before does not count any more.
UNDONE: Final = (O.REFUSED, O.STOPPED, O.EXPIRED)


def approve(order: Order, actor: User, said_at: datetime | None = None) -> Order:
    """Counts the person's word, once; with the last one needed the order runs. said_at: when the word was given, where
    that was earlier: what a hold placed since then holds. Raises Refused."""
    may_judge(order, actor)
    with transaction.atomic():
        # Two people at the same moment: without the lock each would count the other out.
        locked = Order.objects.select_for_update(of=("self",)).select_related("site").get(pk=order.pk)
        _, is_new = Approval.objects.get_or_create(order=locked, approver=actor, defaults={"at": database_now()})
        if locked.state in UNDONE or (is_new and locked.state != O.REQUESTED):
            raise by_now(locked.get_state_display().lower(), locked.end_reason)
        if not is_new:
            return locked
        given = len(standing_words(locked))
        if given >= locked.approvals_needed:
            open_for_sending(locked, database_now(), said_at)
        publish(*topics_of(locked))
        audit.record(
            actor, "order.approved", f"order/{locked.pk}", {"approvals": given, "needed": locked.approvals_needed}
        )
    return locked


def standing_words(order: Order) -> list[User]:
    """Those who said yes and still may: a word does not outlive the right to it."""
    words = [word.approver for word in order.approvals.select_related("approver")]
    return [person for person in words if rights.may(person, rights.APPROVE, order.site)]


def may_judge(order: Order, actor: User) -> None:
    if not rights.may(actor, rights.APPROVE, order.site):
        raise Refused("your role at this site does not allow approving", is_right=True)
    if order.requested_by_id == actor.pk:
        raise Refused("who requested it may not approve it", is_right=True)


def open_for_sending(order: Order, now: datetime, said_at: datetime | None = None) -> None:
    """requested -> approved, the order and its commands; part of the caller's transaction."""
    if order.not_after <= now:
        raise Refused("its time has passed")
    if not move_order(order, "state", O.REQUESTED, O.APPROVED, approved_at=said_at or now):
        raise Refused("somebody else was first")
    moves.move(ids_of(order, C.REQUESTED), C.REQUESTED, C.APPROVED)


def refuse(order: Order, actor: User, reason: str) -> None:
    """Ends an order that waits. Raises Refused."""
    if not rights.may(actor, rights.APPROVE, order.site) and order.requested_by_id != actor.pk:
        raise Refused("your role at this site does not allow refusing", is_right=True)
    with transaction.atomic():
        end(order, O.REQUESTED, O.REFUSED, actor, f"refused by {actor}: {reason.strip() or 'no reason given'}")


def stop(order: Order, actor: User, reason: str = "") -> None:
    """Nothing more of it leaves; what has left is followed to its end. Whoever may operate the site may stop."""
    if not rights.may(actor, rights.OPERATE, order.site):
        raise Refused("your role at this site does not allow stopping", is_right=True)
    words = f"stopped by {actor}" + (f": {reason.strip()}" if reason.strip() else "")
    with transaction.atomic():
        end(order, order.state if order.state == O.REQUESTED else O.APPROVED, O.STOPPED, actor, words)


def end(order: Order, old: str, new: str, actor: User | str, words: str) -> None:
    """The order to its end and what of it has not left with it; part of the caller's transaction. Raises Refused."""
    if not move_order(order, "state", old, new, ended_at=database_now(), end_reason=words[:300]):
        now = Order.objects.get(pk=order.pk)
        raise by_now(now.get_state_display().lower(), now.end_reason)
    last = C.EXPIRED if new == O.EXPIRED else C.STOPPED
    hit = [
        pk for state in UNSENT for pk in moves.move(ids_of(order, state), state, last, ended_at=NOW, reason=words[:200])
    ]
    publish(*topics_of(order))
    audit.record(actor, f"order.{new}", f"order/{order.pk}", {"commands": hit, "reason": words})


def ids_of(order: Order, state: str) -> list[int]:
    return list(Command.objects.filter(order=order, state=state).values_list("pk", flat=True))
