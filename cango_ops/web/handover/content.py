"""What stands open at some sites now, and what changed in the shift: the content of a handover, as plain JSON.

Alerts of the console itself and of the treasury are not part of it: not everybody who sees these sites sees them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q

from cango_ops.alerts import queries as alert_queries
from cango_ops.alerts.machine import OPEN as OPEN_ALERT
from cango_ops.alerts.models import Alert, Silence
from cango_ops.alerts.rules import SITE
from cango_ops.web.alerts.rows import mark_of, standing_of
from cango_ops.web.alerts.table import title_of
from cango_ops.web.handover.changes import changes
from cango_ops.web.handover.row import Row
from compute.commands import hold
from compute.commands.queries import counts
from compute.decisions.states import OPEN as OPEN_DECISION
from compute.models import Command, Decision, Hold, Order
from compute.web.orders.rows import drawn_of, what_of
from sites.models import Note, PlannedWindow, ProgrammeCall, Site

# So many lines of a kind are kept; how many more there were is said.
MOST: Final = 200
AHEAD: Final = timedelta(hours=48)


@dataclass(frozen=True)
class Asked:
    """The sites, the shift's beginning, and now."""

    sites: Sequence[Site]
    began_at: datetime
    now: datetime

    @property
    def ids(self) -> list[int]:
        return [site.pk for site in self.sites]


def content_of(sites: Sequence[Site], began_at: datetime, now: datetime) -> dict[str, Any]:
    """as_of, shift_began_at, sites, sections: each with key, title, rows and how many more there were."""
    asked = Asked(sites, began_at, now)
    return {
        "as_of": now.isoformat(),
        "shift_began_at": began_at.isoformat(),
        "sites": sorted(site.code for site in sites),
        "sections": [section(key, title, list(read(asked))) for key, (title, read) in SECTIONS.items()],
    }


def section(key: str, title: str, rows: list[Row]) -> dict[str, Any]:
    shown = [row.said() for row in rows[:MOST]]
    return {"key": key, "title": title, "rows": shown, "more": len(rows) - len(shown)}


def alerts(asked: Asked) -> Iterable[Row]:
    rows = Alert.objects.filter(scope=SITE, site_id__in=asked.ids, state__in=OPEN_ALERT, covered_by=None)
    for one in rows.select_related("acknowledged_by").order_by(*alert_queries.WORST_FIRST):
        cost = f" (${one.usd_per_h:,.2f} an hour)" if one.usd_per_h is not None else ""
        yield Row(one.since, one.place, f"{title_of(one.rule)}. {one.sentence}{cost}", standing_of(one), mark_of(one),
                  f"/alerts/{one.pk}/")  # fmt: skip


def silences(asked: Asked) -> Iterable[Row]:
    subjects = Alert.objects.filter(
        scope=SITE, site_id__in=asked.ids, state__in=OPEN_ALERT, silenced_until__gt=asked.now
    )
    pairs = {(one.rule, one.subject): one.pk for one in subjects}
    for one in Silence.objects.filter(until_at__gt=asked.now, ended_at=None).select_related("placed_by"):
        pair = (one.rule, one.subject)
        if (one.site_id in asked.ids and not one.rule) or pair in pairs:
            of = title_of(one.rule) if one.rule else "everything"
            url = f"/alerts/{pairs[pair]}/" if one.rule else "/alerts/?state=silenced"
            words = f"{of} is silent until {one.until_at:%d %b %H:%M} UTC: {one.reason}"
            yield Row(one.placed_at, one.place, words, str(one.placed_by), "maintenance", url)


def orders(asked: Asked) -> Iterable[Row]:
    states = (Order.State.REQUESTED, Order.State.APPROVED)
    rows = list(Order.objects.filter(site__in=asked.ids, state__in=states).select_related("site", "requested_by"))
    counted = counts(rows)
    for one in rows:
        found = counted[one.pk]
        sums = f"{found.confirmed} confirmed, {found.failed} failed, {found.unknown} unknown of {found.machines}"
        words = f"{what_of(one, found.machines)}: {one.reason}. {one.get_state_display()}; {sums}"
        who = str(one.requested_by or f"the console ({one.source})")
        yield Row(one.requested_at, one.site.code, words, who, drawn_of(one, found), f"/commands/{one.pk}/")


def unknowns(asked: Asked) -> Iterable[Row]:
    rows = Command.objects.filter(order__site__in=asked.ids, state=Command.State.UNKNOWN)
    for one in rows.select_related("order").order_by("ended_at"):
        words = f"{one.order.get_verb_display()}: nobody knows what it did. {one.reason}"
        at = one.ended_at or one.order.requested_at
        yield Row(at, one.place, words, "", "warning", f"/commands/{one.order_id}/?state=unknown")


def holds(asked: Asked) -> Iterable[Row]:
    operators = {site.operator_id for site in asked.sites}
    over = Q(site__in=asked.ids) | Q(operator__in=operators) | hold.EVERYWHERE
    for one in Hold.objects.filter(over, lifted_at=None).select_related("site", "operator", "placed_by"):
        words = f"{one}: nothing automatic leaves{f' ({one.reason})' if one.reason else ''}"
        yield Row(one.placed_at, str(one.site or one.operator or "every site"), words, str(one.placed_by), "critical",
                  "/hold/")  # fmt: skip


def windows(asked: Asked) -> Iterable[Row]:
    """Those that hold or begin within two days, and calls of grid programmes."""
    rows = PlannedWindow.objects.between(asked.now, asked.now + AHEAD).filter(site__in=asked.ids)
    for one in rows.select_related("site", "entered_by").order_by("begin_at"):
        words = f"{one.get_kind_display()} until {one.end_at:%d %b %H:%M} UTC: {one.reason}"
        yield Row(
            one.begin_at, one.place, words, str(one.entered_by), "maintenance", f"/sites/{one.site.code}/outages/"
        )
    calls = ProgrammeCall.objects.filter(
        programme__site__in=asked.ids, end_at__gt=asked.now, begin_at__lt=asked.now + AHEAD, withdrawn_at=None
    )
    for call in calls.select_related("programme__site").order_by("begin_at"):
        code = call.programme.site.code
        words = f"{call.programme.name} calls for load to go until {call.end_at:%d %b %H:%M} UTC"
        yield Row(call.begin_at, code, words, "", "", f"/sites/{code}/programmes/")


def decisions(asked: Asked) -> Iterable[Row]:
    rows = Decision.objects.filter(site__in=asked.ids, state__in=OPEN_DECISION).select_related("site", "decided_by")
    for one in rows.order_by(F("usd_per_h").desc(), "pk"):
        words = f"{one.get_state_display()}, until {one.not_after:%d %b %H:%M} UTC: {one.sentence}"
        yield Row(one.proposed_at, one.site.code, words, str(one.decided_by or ""), "", f"/switching/{one.pk}/")


def notes(asked: Asked) -> Iterable[Row]:
    rows = Note.objects.filter(site__in=asked.ids, written_at__gte=asked.began_at).select_related("site", "written_by")
    for one in rows.order_by("-written_at"):
        yield Row(one.at, one.place, one.words, str(one.written_by), "", f"/events/notes/{one.pk}/")


def deeds(asked: Asked) -> Iterable[Row]:
    return changes(asked.sites, asked.began_at)


SECTIONS: Final[dict[str, tuple[str, Callable[[Asked], Iterable[Row]]]]] = {
    "alerts": ("Open alerts", alerts),
    "silences": ("Silences", silences),
    "decisions": ("Decisions that wait or run", decisions),
    "orders": ("Orders that wait or run", orders),
    "unknown": ("Unknown: machines to look at", unknowns),
    "holds": ("Holds", holds),
    "windows": ("Planned in the next 48 hours", windows),
    "notes": ("Notes of the shift", notes),
    "changes": ("What was changed in the shift", deeds),
}
