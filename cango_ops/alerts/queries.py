"""What is open and what was. `seen`: the condition for what a person may see; every read takes it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When, Window

from cango_ops.alerts.machine import FIRING, OPEN, PENDING, RESOLVED
from cango_ops.alerts.models import Alert, Silence
from cango_ops.alerts.rules import CRITICAL

# What people are asked to look at: not what waits, is silent, or is part of another alert.
CALLING: Final = Q(state__in=OPEN, silenced_until=None, covered_by=None)
STATES: Final = {
    "open": CALLING,
    "firing": CALLING & Q(state=FIRING),
    "pending": Q(state=PENDING),
    "silenced": Q(state__in=OPEN) & Q(silenced_until__isnull=False),
    "covered": Q(state__in=OPEN) & Q(covered_by__isnull=False),
    "resolved": Q(state=RESOLVED),
    "all": Q(),
}
# Critical without a price comes first, warnings without one last: what nobody can price is not thereby cheap.
FIRST: Final = Case(
    When(usd_per_h=None, severity=CRITICAL, then=Value(0)), default=Value(1), output_field=IntegerField()
)
WORST_FIRST: Final = (
    FIRST, F("usd_per_h").desc(nulls_last=True),
    Case(When(severity=CRITICAL, then=Value(0)), default=Value(1), output_field=IntegerField()), F("since"), F("pk"),
)  # fmt: skip


@dataclass(frozen=True)
class Calling:
    """The worst of what calls for somebody. count: all of it; critical: of them."""

    count: int = 0
    critical: int = 0
    worst: tuple[Alert, ...] = ()


def calling(seen: Q, most: int, of_sites: Collection[int] | None = None) -> Calling:
    """One query, whatever there is. of_sites: those of these sites alone."""
    rows = Alert.objects.filter(seen, CALLING).select_related("acknowledged_by").order_by(*WORST_FIRST)
    rows = rows if of_sites is None else rows.filter(site_id__in=of_sites)
    counted = rows.annotate(
        total=Window(Count("pk")), grave=Window(Count("pk", filter=Q(severity=CRITICAL)))
    )  # fmt: skip
    worst: list[Any] = list(counted[:most])
    return Calling(worst[0].total, worst[0].grave, tuple(worst)) if worst else Calling()


def listed(seen: Q, state: str) -> QuerySet[Alert]:
    """Of a word of STATES: what is open worst first, what is over newest first."""
    rows = Alert.objects.filter(seen, STATES[state]).select_related("acknowledged_by", "covered_by")
    return rows.order_by("-resolved_at", "-pk") if state in ("resolved", "all") else rows.order_by(*WORST_FIRST)


def counts(seen: Q) -> dict[str, int]:
    """By word of STATES, without those that are over; one query."""
    said = {name: Count("pk", filter=which) for name, which in STATES.items() if name not in ("resolved", "all")}
    return Alert.objects.filter(seen).exclude(state=RESOLVED).aggregate(**said)


def earlier(alert: Alert, most: int) -> list[Alert]:
    """Episodes of the same subject before this one."""
    rows = Alert.objects.filter(rule=alert.rule, subject=alert.subject, pk__lt=alert.pk, state=RESOLVED)
    return list(rows.order_by("-resolved_at")[:most])


def silences(sites: Collection[int], now: datetime) -> list[Silence]:
    """Whole sites that are silent, of these."""
    rows = Silence.objects.filter(until_at__gt=now, ended_at=None, rule="", site_id__in=sites)
    return list(rows.select_related("placed_by").order_by("until_at"))


def silences_of(alert: Alert, now: datetime) -> list[Silence]:
    over = Q(rule=alert.rule, subject=alert.subject) | Q(rule="", site_id=alert.site_id, site_id__isnull=False)
    return list(Silence.objects.filter(over, until_at__gt=now, ended_at=None).select_related("placed_by"))
