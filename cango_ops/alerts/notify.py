"""Who is to be told of what: rows that are written with the change itself, once for each round of an alert and route.

A route with a delay is the next step of the escalation: it is told once nobody has acknowledged for so long. What is
acknowledged, silent or part of another alert is told to nobody; that it is over is told to those who were told of it.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q

from cango_ops.alerts.machine import FIRING, RESOLVED
from cango_ops.alerts.models import Alert, AlertRoute, Delivery
from cango_ops.alerts.rules import GRAVITY
from cango_ops.base.models import User

# What ended longer ago is no news.
NEWS_FOR: Final = timedelta(hours=1)
About = Delivery.About


def queue(seen: Callable[[User], Q], now: datetime) -> int:
    """Puts down every message that is due and was not put down before; how many. Part of the caller's transaction."""
    return sum(
        put(route, about, wanted, now, seen)
        for route in AlertRoute.objects.filter(is_on=True, user__is_active=True).select_related("user")
        for about, wanted in ((About.FIRING, due(route, now)), (About.RESOLVED, over(route, now)))
    )


def due(route: AlertRoute, now: datetime) -> Q:
    """What nobody took for as long as the route waits."""
    wanted = Q(
        state=FIRING, silenced_until=None, covered_by=None, severity__in=at_least(route.least),
        round_at__lte=now - timedelta(seconds=route.after_s),
    )  # fmt: skip
    return wanted & Q(site_id=route.site_id) if route.site_id is not None else wanted


def over(route: AlertRoute, now: datetime) -> Q:
    """What has ended that this route was told of in its last round."""
    told = Delivery.objects.filter(route=route, about=About.FIRING).exclude(state=Delivery.State.DROPPED)
    return Q(
        state=RESOLVED, silenced_until=None, resolved_at__gt=now - NEWS_FOR,
        pk__in=told.filter(round=F("alert__round")).values("alert"),
    )  # fmt: skip


def at_least(least: str) -> Collection[str]:
    return [name for name, gravity in GRAVITY.items() if gravity >= GRAVITY[least]]


def put(route: AlertRoute, about: str, wanted: Q, now: datetime, seen: Callable[[User], Q]) -> int:
    told = Delivery.objects.filter(route=route, about=about, round=F("alert__round"))
    fresh = dict(Alert.objects.filter(wanted).exclude(pk__in=told.values("alert")).values_list("pk", "round"))
    if not fresh:
        return 0
    theirs = Alert.objects.filter(seen(route.user), pk__in=fresh).values_list("pk", flat=True)
    rows = [
        Delivery(alert_id=pk, route=route, about=about, round=fresh[pk], queued_at=now, next_at=now) for pk in theirs
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
