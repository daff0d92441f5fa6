"""Sends the messages that are due: claimed by compare-and-set before a byte leaves, tried again with growing pauses.

A webhook whose sender died in the middle is sent again under the same id, which its receiver knows; a mail is not,
because nobody can tell whether it left: it is put down as unknown.
"""

import logging
import smtplib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet

from cango_ops.alerts.machine import FIRING
from cango_ops.alerts.message import Told, body, headers, subject, text
from cango_ops.alerts.models import Alert, AlertRoute, Delivery
from cango_ops.alerts.post import post
from cango_ops.alerts.reach import NotAllowed, resolved
from cango_ops.alerts.routes import opened
from cango_ops.base import jobs, leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.sealed import CannotOpen
from cango_ops.wire import NoAnswer

log = logging.getLogger(__name__)

NAME: Final = "alerts.deliver"
LEASE: Final = "alerts/deliver"
LEASE_S: Final = 300.0
PAUSES_S: Final = (30, 120, 300, 900, 1800, 3600, 7200)
MOST_AT_ONCE: Final = 100
State = Delivery.State


class NotSent(Exception):
    """for_good: trying again would change nothing."""

    def __init__(self, words: str, *, for_good: bool = False) -> None:
        super().__init__(words)
        self.for_good = for_good


def deliver(seen: Callable[[User], Q]) -> None:
    """One round of sending; a second one at the same time does nothing."""
    with jobs.run(NAME) as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another process delivers")
            return
        recover(database_now())
        rows = due(database_now())
        for _, group in groupby(rows, key=bundle_of):
            told = one_message(list(group), seen)
            job.count(**{told: 1})
            leases.renew(lease)


def due(now: datetime) -> list[Delivery]:
    rows = Delivery.objects.filter(state=State.QUEUED, next_at__lte=now)
    ordered = rows.select_related("alert", "route__user").order_by("route", "pk")
    return list(ordered[:MOST_AT_ONCE])


def bundle_of(row: Delivery) -> tuple[int, int]:
    """All that is due to one person by mail is one mail; each webhook is its own message."""
    return row.route_id, 0 if row.route.channel == AlertRoute.Channel.EMAIL else row.pk


def recover(now: datetime) -> None:
    """What a sender that died had claimed."""
    left = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - timedelta(seconds=LEASE_S))
    mail = left.filter(route__channel=AlertRoute.Channel.EMAIL)
    end(mail, State.UNKNOWN, now, "the sender stopped in the middle; it is not sent again")
    left.update(state=State.QUEUED, next_at=now)


def one_message(rows: Sequence[Delivery], seen: Callable[[User], Q]) -> str:
    """Sends the rows of one route together; the word for what became of them."""
    now, route = database_now(), rows[0].route
    wanted = [row for row in rows if still_wanted(row)]
    theirs = set(
        Alert.objects.filter(seen(route.user), pk__in=[row.alert_id for row in wanted]).values_list("pk", flat=True)
    )
    keep = [row for row in wanted if row.alert_id in theirs and route.is_on]
    dropped = Delivery.objects.filter(pk__in={row.pk for row in rows} - {row.pk for row in keep})
    end(dropped.filter(state=State.QUEUED), State.DROPPED, now, "over, or no longer theirs, before it was sent")
    claimed = [row for row in keep if claim(row, now)]
    if not claimed:
        return "dropped"
    mine = Delivery.objects.filter(pk__in=[row.pk for row in claimed], state=State.SENDING)
    try:
        send(route, claimed, now)
    except NotSent as why:
        failed(mine, claimed, why)
        return "failed"
    end(mine, State.SENT, database_now(), "")
    return "sent"


def still_wanted(row: Delivery) -> bool:
    return row.about == Delivery.About.RESOLVED or (row.alert.state == FIRING and row.alert.round == row.round)


def claim(row: Delivery, now: datetime) -> bool:
    rows = Delivery.objects.filter(pk=row.pk, state=State.QUEUED)
    return rows.update(state=State.SENDING, claimed_at=now, attempts=row.attempts + 1) == 1


def send(route: AlertRoute, rows: Sequence[Delivery], now: datetime) -> None:
    """Raises NotSent."""
    if route.channel == AlertRoute.Channel.EMAIL:
        mail(route, [told(row) for row in rows])
    else:
        call(route, rows[0], now)


def mail(route: AlertRoute, said: Sequence[Told]) -> None:
    message = EmailMessage(subject(said), text(said), settings.MAIL_FROM, [route.user.email])
    try:
        message.send()
    except (smtplib.SMTPException, OSError, ValueError) as why:
        raise NotSent(f"{type(why).__name__}: {why}"[:200]) from why


def call(route: AlertRoute, row: Delivery, now: datetime) -> None:
    try:
        goal = resolved(route.url, settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS)
        said = body(told(row), str(row.message_id), now)
        post(goal, said, headers(opened(route), str(row.message_id), now, said))
    except (NotAllowed, CannotOpen) as why:
        raise NotSent(str(why)[:200], for_good=True) from why
    except NoAnswer as why:
        is_gone = why.detail == "HTTP 410"
        if is_gone:
            AlertRoute.objects.filter(pk=route.pk).update(is_on=False, off_reason="its receiver said that it is gone")
        raise NotSent(str(why)[:200], for_good=is_gone) from why
    except OSError as why:
        raise NotSent(f"the name does not resolve: {why.strerror or why}"[:200]) from why


def failed(mine: QuerySet[Delivery], rows: Sequence[Delivery], why: NotSent) -> None:
    """Put back for later, or ended where it was tried often enough."""
    now, attempts = database_now(), max(row.attempts for row in rows)
    if why.for_good or attempts >= len(PAUSES_S):
        end(mine, State.FAILED, now, str(why))
    else:
        mine.update(state=State.QUEUED, next_at=now + timedelta(seconds=PAUSES_S[attempts]), answer=str(why)[:200])


def end(rows: QuerySet[Delivery], state: str, now: datetime, words: str) -> None:
    rows.update(state=state, ended_at=now, answer=words[:200])


def told(row: Delivery) -> Told:
    alert = row.alert
    return Told(
        alert_id=alert.pk, about=row.about, rule=alert.rule, severity=alert.severity, place=alert.place,
        sentence=alert.sentence, action=alert.action, since=alert.since, usd_per_h=alert.usd_per_h,
        usd_why=alert.usd_why or "not known", url=f"{settings.PUBLIC_URL}/alerts/{alert.pk}/",
        ended_at=alert.resolved_at,
    )  # fmt: skip
