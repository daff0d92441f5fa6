"""Somebody takes an alert: one wins, the other is told who."""

from django.db import transaction

from cango_ops.alerts import record
from cango_ops.alerts.machine import ACKNOWLEDGED, FIRING, RESOLVED
from cango_ops.alerts.models import Alert
from cango_ops.alerts.refusal import Refused
from cango_ops.alerts.topics import TOPIC
from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from cango_ops.live.publish import publish


def acknowledge(alert: Alert, actor: User, words: str = "") -> None:
    """From now on it is the actor's, and nobody further is called. By the same person twice it is as once.

    Raises Refused. Who may do so at the alert's place is asked by the caller.
    """
    with transaction.atomic():
        now = database_now()
        if not move(alert, "state", FIRING, ACKNOWLEDGED, acknowledged_by=actor, acknowledged_at=now):
            alert.refresh_from_db()
            if alert.state == ACKNOWLEDGED and alert.acknowledged_by_id == actor.pk:
                return
            raise Refused(why_not(alert))
        record.note(alert, now, "acknowledged", words.strip(), str(actor))
        publish(TOPIC)
        audit.record(actor, "alert.acknowledged", f"alert/{alert.pk}", {"rule": alert.rule, "subject": alert.subject})


def comment(alert: Alert, actor: User, words: str) -> None:
    """A line in the timeline for those who come after. Raises Refused where it says nothing."""
    if not words.strip():
        raise Refused("a note says something")
    with transaction.atomic():
        record.note(alert, database_now(), "note", words.strip(), str(actor))
        publish(TOPIC)


def why_not(alert: Alert) -> str:
    if alert.state == ACKNOWLEDGED:
        return f"it was taken by {alert.acknowledged_by} at {alert.acknowledged_at:%H:%M} UTC"
    return "it is resolved" if alert.state == RESOLVED else "it has not fired yet"
