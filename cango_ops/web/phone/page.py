"""What the labels, the look-up and the phone's page of a machine show, read once and ready to print."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from cango_ops.alerts import queries as alert_queries
from cango_ops.base import crumbs
from cango_ops.base.models import User
from cango_ops.web.alerts.page import acting_at
from cango_ops.web.alerts.rows import Row, row
from cango_ops.web.alerts.seen import seen
from cango_ops.web.phone.qr import Drawn, drawn
from cango_ops.web.search.finding import Found, machines
from compute.models import Container, Device
from compute.web.device.page import DevicePage, device_page
from sites import notes
from sites.models import Note, Site

# Four sheets of A4 with 24 labels each.
MOST: Final = 96
MOST_ALERTS: Final = 5
MOST_NOTES: Final = 5
HERE: Final = crumbs.Crumb("Look up", "/at/")


@dataclass(frozen=True)
class Label:
    """One label. marks: what else names the machine that stands there now."""

    place: str
    url: str
    code: Drawn
    marks: tuple[str, ...]


@dataclass(frozen=True)
class LabelsPage:
    """base: the address that stands on them. next_url: of the labels after these, empty at the end."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    labels: tuple[Label, ...]
    count: int
    next_url: str
    base: str


@dataclass(frozen=True)
class LookUpPage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    typed: str
    found: tuple[Found, ...]


@dataclass(frozen=True)
class PhonePage:
    """device: as its own page has it. alerts: open ones of its site. notes: about the machine and all it stands in."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    device: DevicePage
    place: str
    alerts: tuple[Row, ...]
    more_alerts: int
    notes: tuple[Note, ...]
    may_note: bool
    request_id: uuid.UUID


def labels_page(base: str, site: Site, box: Container | None, after: int) -> LabelsPage:
    """base: the console's address as it will stand on the labels."""
    rows = Device.objects.filter(site=site) if box is None else Device.objects.filter(container=box)
    count = rows.count()
    wanted = rows.filter(pk__gt=after).select_related("site", "container", "now").order_by("pk")
    found = list(wanted[: MOST + 1])
    here = f"/labels/{site.code}/" + (f"{box.code}/" if box else "")
    inner = (crumbs.container(site.code, box.code),) if box else ()
    return LabelsPage(
        title=f"{count:,} label{'s' if count != 1 else ''} of {site.code}{f'/{box.code}' if box else ''}",
        crumbs=(crumbs.COMPANY, crumbs.site(site.code, site.name), *inner, crumbs.Crumb("Labels", here)), site=site,
        labels=tuple(label(base, one) for one in found[:MOST]),
        count=count, next_url=f"{here}?after={found[MOST - 1].pk}" if len(found) > MOST else "", base=base,
    )  # fmt: skip


def label(base: str, one: Device) -> Label:
    place = place_of(one)
    url = f"{base}/at/{place}/"
    now = getattr(one, "now", None)
    marks = (one.model, (now.serial if now else "") or one.serial, one.address)
    return Label(place, url, drawn(url), tuple(mark for mark in marks if mark))


def place_of(one: Device) -> str:
    return f"{one.site.code}/{one.container.code}/{one.slot}"


def look_up(user: User, typed: str) -> LookUpPage:
    found = tuple(machines(user, typed[:100].upper().replace("/", " ").split())) if typed.strip() else ()
    said = f"{len(found)} machines" if len(found) > 1 else "1 machine"
    title = said if found else f"Nothing is called {typed[:40]}" if typed else "Which machine?"
    return LookUpPage(title, (crumbs.COMPANY, HERE), typed[:100], found)


def phone_page(user: User, device: Device) -> PhonePage:
    shown = device_page(device, may_read=False)
    calling = alert_queries.calling(seen(user), MOST_ALERTS, [device.site_id])
    acting = acting_at(user, calling.worst, {device.site_id: device.site})
    place = place_of(device)
    return PhonePage(
        title=f"{place}: {shown.last.state}", crumbs=shown.crumbs, device=shown, place=place,
        alerts=tuple(row(one, may_act=one.pk in acting) for one in calling.worst),
        more_alerts=calling.count - len(calling.worst), notes=tuple(notes_of(device)),
        may_note=notes.may_note(user, device.site), request_id=uuid.uuid4(),
    )  # fmt: skip


def notes_of(device: Device) -> Sequence[Note] | QuerySet[Note]:
    of_box = Q(container_id=None) | Q(container_id=device.container_id, device_id=None) | Q(device_id=device.pk)
    return Note.objects.filter(of_box, site=device.site_id).select_related("site", "written_by")[:MOST_NOTES]
