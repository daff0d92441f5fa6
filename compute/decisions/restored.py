"""After the database was restored from a backup: nothing that it still wants of machines is done.

What happened between the backup and now is not in it, so whatever was open then may have been sent since, or refused.
Orders and decisions end; commands that may have left become unknown and are read back, as after a dead sender. Leases
go on from far higher epochs: a process that still holds one from before the loss writes nothing under it.
"""

from typing import Final, NamedTuple

from django.db import connection, transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from compute.commands import approve, moves
from compute.commands.refusal import Refused
from compute.decisions.states import close
from compute.models import Command, Decision, Order

ACTOR: Final = "restore"
WORDS: Final = "the database was restored from a backup"
EPOCHS_AHEAD: Final = 1_000_000
C, D, O = Command.State, Decision.State, Order.State  # noqa: E741
ENDS: Final = {D.PROPOSED: D.SUPERSEDED, D.HELD: D.EXPIRED, D.APPROVED: D.FAILED}


class Ended(NamedTuple):
    """How many of each."""

    orders: int
    unknown: int
    decisions: int
    leases: int


@transaction.atomic
def end_what_was_open() -> Ended:
    """Ends it all in one transaction. A second time nothing is open any more, and only the epochs rise again."""
    ended = Ended(end_orders(), doubt_commands(), end_decisions(), raise_epochs())
    audit.record(ACTOR, "console.restored", "console", ended._asdict())
    return ended


def end_orders() -> int:
    count = 0
    for order in Order.objects.filter(state__in=(O.REQUESTED, O.APPROVED)).select_related("site"):
        try:
            with transaction.atomic():
                approve.end(order, order.state, O.STOPPED, ACTOR, WORDS)
        except Refused:  # a sender that still runs was first
            continue
        count += 1
    return count


def doubt_commands() -> int:
    """What may have left: nobody knows any more what was heard of it."""
    count = 0
    for state in (C.SENT, C.ACKNOWLEDGED):
        rows = Command.objects.filter(state=state).values_list("pk", "order_id")
        for pk, order_id in list(rows):
            hit = moves.move([pk], state, C.UNKNOWN, reason=WORDS)
            moves.note(ACTOR, order_id, C.UNKNOWN, hit)
            count += len(hit)
    return count


def end_decisions() -> int:
    open_ones = Decision.objects.filter(state__in=list(ENDS)).select_related("site")
    return sum(close(decision, ENDS[D(decision.state)], ACTOR, WORDS) for decision in open_ones)


def raise_epochs() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE base_lease SET epoch = epoch + %s, expires_at = least(expires_at, %s)",
            [EPOCHS_AHEAD, database_now()],
        )
        return cursor.rowcount
