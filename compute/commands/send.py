"""Writes `sent`, and only then lets bytes leave; writes down what came back.

Between the two stands one statement: it sends nothing that a hold covers, that was stopped, whose time has passed, or
whose lease is lost. A command that it does not hit stays unsent.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from django.db import connection, transaction

from cango_ops.base import leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import Lease
from cango_ops.base.switchboard.call import Outcome
from cango_ops.wire import IN_WORDS
from compute.commands import moves
from compute.commands.claim import MAY_LEAVE, Job, tell
from compute.commands.moves import NOW
from compute.models import Command, Verb
from compute.protocols.orders.order import Answer

C = Command.State
SENT: Final = f"""
UPDATE compute_command AS command SET state = 'sent', sent_at = clock_timestamp()
FROM compute_order AS placed JOIN sites_site AS place ON place.id = placed.site_id
WHERE placed.id = command.order_id AND command.id = ANY(%(ids)s)
  AND command.state = 'claimed' AND command.epoch = %(epoch)s AND {MAY_LEAVE}
RETURNING command.id
"""  # noqa: S608
# How long machines take until what they were told can be seen, by the slowest maker's document.
CONFIRM_WITHIN_S: Final = {Verb.SLEEP: 300.0, Verb.WAKE: 1200.0, Verb.POWER_LIMIT: 1200.0, Verb.SETPOINT: 240.0}
# With these no connection was made, so no byte left.
NOT_REACHED: Final = ("refused", "unreachable")


class End(NamedTuple):
    """What a command came to. words: of the machine.   reason: ours."""

    state: str
    words: str = ""
    reason: str = ""


def mark_sent(jobs: Collection[Job], lease: Lease) -> set[int]:
    """The commands that may leave now, on record. Raises LeaseLost."""
    with transaction.atomic():
        leases.hold(lease)
        with connection.cursor() as cursor:
            cursor.execute(SENT, {"ids": [job.pk for job in jobs], "epoch": lease.epoch})
            hit = {row[0] for row in cursor.fetchall()}
        tell({C.SENT: hit}, {job.pk: job.order_id for job in jobs}, lease)
    return hit


def failure_of(outcome: Outcome) -> str:
    return IN_WORDS.get(str(outcome.failure), str(outcome.failure))


def end_of_preparing(outcome: Outcome) -> End:
    """Of a command whose machine could not be made ready; nothing was changed there."""
    if isinstance(outcome.result, Answer):
        return End(C.FAILED, outcome.result.words, "refused")
    if outcome.failure in NOT_REACHED:
        return End(C.FAILED, "", f"not reached ({failure_of(outcome)}): nothing was sent")
    return End(C.FAILED, "", f"no usable answer ({failure_of(outcome)}): nothing was sent"[:200])


def end_of_acting(outcome: Outcome) -> End:
    """Of a command whose bytes may have left; None as a result says that they were kept back."""
    if isinstance(outcome.result, Answer):
        if outcome.result.is_yes:
            return End(C.ACKNOWLEDGED, outcome.result.words)
        return End(C.FAILED, outcome.result.words, "refused")
    if outcome.failure in NOT_REACHED:
        return End(C.FAILED, "", f"not reached ({failure_of(outcome)}): nothing was sent")
    if outcome.failure is None:
        return End(C.FAILED, "", "held up before the wire: nothing was sent")
    return End(C.UNKNOWN, "", f"no answer that says what it did ({failure_of(outcome)})"[:200])


def write_ends(ends: Mapping[Job, End], old: str, lease: Lease) -> None:
    """From `old`, each to its end. A command that is no longer ours is left as somebody else made it."""
    groups: dict[tuple[End, str], list[Job]] = {}
    for job, end in ends.items():
        groups.setdefault((end, job.verb), []).append(job)
    with transaction.atomic():
        now = database_now()
        hits: dict[str, set[int]] = {}
        for (end, verb), jobs in groups.items():
            changes: dict[str, object] = {"answer": end.words, "reason": end.reason}
            changes["acknowledged_at" if end.state == C.ACKNOWLEDGED else "ended_at"] = NOW
            if end.state in (C.ACKNOWLEDGED, C.UNKNOWN):
                changes["confirm_by"] = now + timedelta(seconds=CONFIRM_WITHIN_S[Verb(verb)])
            hit = moves.move([job.pk for job in jobs], old, end.state, epoch=lease.epoch, **changes)
            hits.setdefault(end.state, set()).update(hit)
        tell(hits, {job.pk: job.order_id for job in ends}, lease)
