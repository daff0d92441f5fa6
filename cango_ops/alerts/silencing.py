"""Silences: with a reason and an end, shown on what is silent, and over by themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from cango_ops.alerts.machine import FIRING, OPEN, RESOLVED
from cango_ops.alerts.models import Alert, AlertEvent, Silence
from cango_ops.alerts.refusal import Refused
from cango_ops.alerts.topics import TOPIC
from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.live.publish import publish

LONGEST: Final = timedelta(days=7)
SHORTEST: Final = timedelta(minutes=1)


def standing(now: datetime) -> list[Silence]:
    return list(Silence.objects.filter(until_at__gt=now, ended_at=None))


def is_over(silence: Silence, alert: Alert) -> bool:
    """True where the silence is of this alert's subject, or of all of its site."""
    if silence.rule:
        return (silence.rule, silence.subject) == (alert.rule, alert.subject)
    return silence.site_id == alert.site_id


def until(alert: Alert, silences: Iterable[Silence]) -> datetime | None:
    return max((one.until_at for one in silences if is_over(one, alert)), default=None)


def silence(alert: Alert, actor: User, reason: str, length: timedelta, *, whole_site: bool = False) -> Silence:
    """From now on nobody is told of the alert's subject, or of anything at its site. Raises Refused."""
    reason = reason.strip()[:200]
    if not reason:
        raise Refused("say why it is to be silent")
    if not SHORTEST <= length <= LONGEST:
        raise Refused(f"a silence lasts at most {LONGEST.days} days")
    if whole_site and alert.site_id is None:
        raise Refused("this alert is of no site")
    with transaction.atomic():
        now = database_now()
        what = {"site_id": alert.site_id} if whole_site else {"rule": alert.rule, "subject": alert.subject}
        made = Silence.objects.create(
            **what, place=alert.place, reason=reason, placed_by=actor, placed_at=now, until_at=now + length
        )
        note_all(apply(made), now, "silenced", f"until {made.until_at:%d %b %H:%M} UTC: {reason}", actor)
        publish(TOPIC)
        told = {"rule": made.rule, "subject": made.subject, "reason": reason, "until": made.until_at}
        audit.record(actor, "alert.silenced", target_of(made), told)
    return made


def end(silence: Silence, actor: User) -> bool:
    """Ends it before its time; False where it was over."""
    with transaction.atomic():
        now = database_now()
        rows = Silence.objects.filter(pk=silence.pk, ended_at=None, until_at__gt=now)
        if not rows.update(ended_at=now, ended_by=actor):
            return False
        left = standing(now)
        for alert in Alert.objects.exclude(state=RESOLVED).filter(silenced_until__isnull=False):
            if is_over(silence, alert):
                rest = until(alert, left) or now
                Alert.objects.filter(pk=alert.pk).update(silenced_until=rest)
        end_due(now)
        publish(TOPIC)
        audit.record(actor, "alert.silence_ended", target_of(silence))
    return True


def apply(silence: Silence) -> list[Alert]:
    """Marks the alerts that it covers now; later ones are marked as they begin."""
    found = [alert for alert in Alert.objects.exclude(state=RESOLVED) if is_over(silence, alert)]
    for alert in found:
        last = max(filter(None, (alert.silenced_until, silence.until_at)))
        Alert.objects.filter(pk=alert.pk).update(silenced_until=last)
    return found


def end_due(now: datetime) -> int:
    """Silences that are over: who is not acknowledged is told of anew. Part of the caller's transaction."""
    over = list(Alert.objects.filter(silenced_until__lte=now).exclude(state=RESOLVED))
    note_all([alert for alert in over if alert.state in OPEN], now, "silence over", "still there")
    Alert.objects.filter(silenced_until__lte=now, state=FIRING).update(round=F("round") + 1, round_at=now)
    return Alert.objects.filter(silenced_until__lte=now).update(silenced_until=None)


def note_all(alerts: Iterable[Alert], at: datetime, kind: str, words: str, actor: User | None = None) -> None:
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, at=at, kind=kind, words=words[:300], actor=str(actor or "")) for alert in alerts
    )


def target_of(silence: Silence) -> str:
    return f"silence/{silence.pk}"
