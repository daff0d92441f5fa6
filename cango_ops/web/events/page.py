"""What the page of a place's events and the list under its charts show, read once and ready to print."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from cango_ops.base import crumbs
from cango_ops.base.answers import person
from cango_ops.base.page_span import page_span
from cango_ops.base.problems import BadParameter
from cango_ops.base.timespan import Span, iso
from cango_ops.web.events.event import KINDS, Event, Mark, counted, kinds_of, marks
from cango_ops.web.events.place import Place, place_of
from cango_ops.web.events.queries import OF_SCOPE, events_of
from compute.web.choices import Choice, choices
from sites import notes

ALL: Final = "all"
# A mark of several events at one moment is looked at with so much around it.
AROUND: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Entry:
    """A mark with its address: of one event its own page, of several the page of these events."""

    mark: Mark
    url: str


@dataclass(frozen=True)
class EventsList:
    """entries: what stands on the charts. words: how many events, by kind. kinds: words of one and of several, as JSON.
    near_url: of the page of events, to which a chart adds from and to."""

    place: Place
    kinds: str
    near_url: str
    entries: tuple[Entry, ...]
    words: str
    is_cut: bool
    url: str


@dataclass(frozen=True)
class EventsPage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    place: Place
    events: tuple[Event, ...]
    is_cut: bool
    kinds: list[Choice]
    may_note: bool
    request_id: uuid.UUID
    as_of: datetime
    json_url: str


def asked_place(request: HttpRequest) -> Place:
    """The place that the address names; raises Http404 for another's, BadRequest for none at all."""
    asked = request.GET
    try:
        return place_of(person(request), asked.get("scope") or "fleet", asked.get("id", ""))
    except BadParameter as why:
        raise BadRequest(f"scope and id name no place: {'; '.join(map(str, why.detail.values()))}") from why  # type: ignore[union-attr]


def span_of(request: HttpRequest, place: Place) -> Span:
    return page_span(request, place.site.time_zone if place.site else None)


def events_list(request: HttpRequest, place: Place, span: Span) -> EventsList:
    found = events_of(person(request), place, span.start, span.end)
    shown = marks(found.events, span.start, span.end)
    return EventsList(
        place, json.dumps(KINDS), f"/events/?{named(place)}&zone={span.zone_kind}",
        tuple(Entry(one, url_of(one, place, span)) for one in shown),
        ", ".join(counted(kind, count) for kind, count in kinds_of(found.events).items()) or "no events", found.is_cut,
        f"/events/?{named(place)}{'&' if span.query else ''}{span.query}",
    )  # fmt: skip


def url_of(mark: Mark, place: Place, span: Span) -> str:
    if mark.is_one:
        return mark.events[0].url
    first, last = min(one.at for one in mark.events), mark.until
    zone = {"zone": span.zone_kind}
    when = {"from": iso(first - AROUND), "to": iso(last + AROUND)} | zone
    return f"/events/?{named(place)}&{urlencode(when, safe=':')}"


def named(place: Place) -> str:
    asked = {"scope": place.scope} | ({"id": place.name} if place.name else {})
    return urlencode(asked, safe="/")


def events_page(request: HttpRequest, place: Place, span: Span, kind: str) -> EventsPage:
    user, when = person(request), {"from": iso(span.start), "to": iso(span.end)}
    found = events_of(user, place, span.start, span.end, () if kind == ALL else (kind,))
    site = place.site
    return EventsPage(
        title=answer(found.events, place), crumbs=where(place), place=place, events=found.events, is_cut=found.is_cut,
        kinds=choices(request.GET.dict(), "kind", words_of(place), kind),
        may_note=site is not None and notes.may_note(user, site), request_id=uuid.uuid4(), as_of=span.end,
        json_url=f"/api/v1/events/?{named(place)}&{urlencode(when, safe=':')}",
    )  # fmt: skip


def words_of(place: Place) -> dict[str, str]:
    return {ALL: "All"} | {kind: KINDS[kind][1].capitalize() for kind in KINDS if kind in OF_SCOPE[place.scope]}


def answer(events: tuple[Event, ...], place: Place) -> str:
    many = f"{len(events):,} events" if len(events) != 1 else "1 event"
    return f"{many if events else 'No event'} at {place.words}" if place.site else f"{many} of {place.words}"


def where(place: Place) -> tuple[crumbs.Crumb, ...]:
    found = [crumbs.COMPANY]
    site = place.site
    if site is not None:
        found.append(crumbs.site(site.code, site.name))
    box = place.device.container if place.device else place.container
    if site is not None and box is not None:
        found.append(crumbs.container(site.code, box.code))
        if place.device is not None:
            found.append(crumbs.device(site.code, box.code, place.device.slot))
    return (*found, crumbs.Crumb("Events", f"/events/?{named(place)}"))
