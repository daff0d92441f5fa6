"""Events of what people and the console did: waves of commands, decisions, holds, notes, machines replaced."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from cango_ops.base.models import User
from cango_ops.web.events.event import Event
from cango_ops.web.events.place import WHOLE, Place
from compute.models import Command, Decision, Device, Hold, Order
from compute.web.orders.rows import what_of
from sites.models import Note

D = Decision.State
# Of decisions that were superseded, or that nobody answered, nothing came.
SHOWN: Final = (D.PROPOSED, D.HELD, D.APPROVED, D.ORDERED, D.DONE, D.FAILED, D.REFUSED)
EVERYWHERE: Final = Q(site=None, operator=None)


def commands(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    """Each wave that left, when its first command left; of many sites each order once."""
    alive = Q(ended_at=None) | Q(ended_at__gte=start)
    orders = Order.objects.filter(alive, site__in=place.sites, requested_at__lt=end, wave__gt=0)
    rows = of_machines(Command.objects.filter(order__in=orders), place)
    by = ("order_id",) if place.scope in WHOLE else ("order_id", "wave")
    waves = rows.order_by().values(*by).annotate(at=Min("sent_at"), machines=Count("pk"))
    found = list(waves.filter(at__gte=start, at__lt=end).order_by("-at")[:most])
    named = Order.objects.select_related("site").in_bulk({row["order_id"] for row in found})
    return [
        Event("command", row["at"], named[row["order_id"]].site.code, wave_words(named[row["order_id"]], row),
              f"/commands/{row['order_id']}/")
        for row in found
    ]  # fmt: skip


def of_machines(rows: QuerySet[Command], place: Place) -> QuerySet[Command]:
    if place.device is not None:
        return rows.filter(device=place.device)
    return rows.filter(device__container=place.container) if place.container is not None else rows


def wave_words(order: Order, row: dict[str, int]) -> str:
    wave = f", wave {row['wave']} of {order.waves}" if "wave" in row and order.waves > 1 else ""
    return f"{what_of(order, row['machines'])}{wave}: {order.reason}"


def decisions(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    """When they were taken; those that wait, when they were proposed."""
    rows = Decision.objects.filter(site__in=place.sites, state__in=SHOWN).select_related("site")
    timed = rows.annotate(at=Coalesce("decided_at", "proposed_at")).filter(at__gte=start, at__lt=end)
    return [
        Event("decision", one.at, one.site.code, f"{one.site.code}, {one.get_state_display().lower()}: {one.sentence}",
              f"/switching/{one.pk}/", "critical" if one.state == D.FAILED else "ink")
        for one in timed.order_by("-at")[:most]
    ]  # fmt: skip


def holds(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    operators = {site.operator_id for site in place.sites}
    over = Q(site__in=place.sites) | Q(operator__in=operators) | EVERYWHERE
    stood = Q(lifted_at=None) | Q(lifted_at__gt=start)
    rows = Hold.objects.filter(over, stood, placed_at__lt=end).select_related("site", "operator", "placed_by")
    return [
        Event("hold", one.placed_at, str(one.site or one.operator or "every site"),
              f"{one}{': ' if one.reason else ''}{one.reason}", "/hold/", "critical", one.lifted_at, lasts=True)
        for one in rows.order_by("-placed_at")[:most]
    ]  # fmt: skip


def notes(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    """Of a container those of all of it and of its machines; of a machine also those of all that it stands in."""
    rows = Note.objects.filter(site__in=place.sites, at__gte=start, at__lt=end).select_related("site", "written_by")
    if place.container is not None:
        rows = rows.filter(Q(container_id=None) | Q(container_id=place.container.pk))
    if place.device is not None:
        rows = rows.filter(Q(device_id=None) | Q(device_id=place.device.pk))
    return [
        Event("note", one.at, one.place, f"{one.place}, {one.written_by}: {one.words}", f"/events/notes/{one.pk}/")
        for one in rows[:most]
    ]


def machines(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    """Where another machine stands since then; what a machine's firmware was before is not kept."""
    rows = Device.objects.filter(site__in=place.sites, standing_since__gte=start, standing_since__lt=end)
    if place.device is not None:
        rows = rows.filter(pk=place.device.pk)
    elif place.container is not None:
        rows = rows.filter(container=place.container)
    found = rows.select_related("site", "container").order_by("-standing_since")[:most]
    return list(replaced(found))


def replaced(rows: QuerySet[Device]) -> Iterator[Event]:
    for one in rows:
        if one.standing_since is not None:
            where = f"{one.site.code}/{one.container.code}/{one.slot}"
            what = " ".join(part for part in (one.model, one.serial) if part)
            yield Event(
                "machine", one.standing_since, where, f"{where}: {what or 'another machine'}", f"/sites/{where}/"
            )
