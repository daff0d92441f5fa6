"""What the pages of handovers show, read once and ready to print."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from cango_ops.web.handover.content import content_of
from cango_ops.web.handover.row import Row
from cango_ops.web.navigation import HANDOVERS_WAIT
from compute.web.choices import Choice, choices
from sites import handovers
from sites.models import Handover, Site

HERE: Final = crumbs.Crumb("Handovers", "/handovers/")
MOST: Final = 100
LAST: Final = "last"
SHIFTS: Final = {LAST: "Last handover", "8": "8 h", "12": "12 h", "24": "24 h"}
# Where nobody handed over before, or longer ago than that.
USUAL: Final = timedelta(hours=12)


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    rows: tuple[Row, ...]
    more: int


@dataclass(frozen=True)
class Listed:
    """One handover as it stands in the list. state: one of the six."""

    handover: Handover
    sites: str
    state: str
    word: str


@dataclass(frozen=True)
class ListPage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    rows: tuple[Listed, ...]
    may_make: bool


@dataclass(frozen=True)
class NewPage:
    """sections: as they would be handed over now. sites: those that the person may choose from."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    sites: tuple[Site, ...]
    site: str
    shifts: list[Choice]
    began_at: datetime
    as_of: datetime
    sections: tuple[Section, ...]
    request_id: uuid.UUID
    words: str
    error: str


@dataclass(frozen=True)
class OnePage:
    """why_not: empty where the person may confirm. is_whole: it is what the audit chain says was handed over."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    handover: Handover
    sites: str
    sections: tuple[Section, ...]
    why_not: str
    is_whole: bool
    as_of: datetime


def list_page(user: User) -> ListPage:
    rows = Handover.objects.visible_to(user).select_related("made_by", "confirmed_by").prefetch_related("sites")[:MOST]
    listed = tuple(listed_row(one) for one in rows)
    waiting = sum(1 for one in listed if one.handover.confirmed_by_id is None)
    unread = f"{waiting} not confirmed" if waiting else "Every handover is confirmed"
    return ListPage(
        title=unread if listed else "Nobody has handed over yet", crumbs=(crumbs.COMPANY, HERE), rows=listed,
        may_make=bool(handovers.operated(user)),
    )  # fmt: skip


def listed_row(one: Handover) -> Listed:
    read = one.confirmed_by_id is not None
    return Listed(
        one, named(one.content["sites"]), "ok" if read else "warning", "confirmed" if read else "not confirmed"
    )


def named(codes: Sequence[str]) -> str:
    return ", ".join(codes) if len(codes) <= 3 else f"{len(codes)} sites"


def shift_began(asked: str, sites: Sequence[Site], now: datetime) -> datetime:
    """Of a word of SHIFTS: since the last handover of just these sites within a day, or so many hours ago."""
    if asked != LAST:
        return now - timedelta(hours=int(asked))
    ids = {site.pk for site in sites}
    for one in Handover.objects.filter(made_at__gte=now - timedelta(hours=24), sites__in=ids).distinct():
        if {site.pk for site in one.sites.all()} == ids:
            return one.made_at
    return now - USUAL


def new_page(
    user: User, asked: Mapping[str, str], sites: Sequence[Site], shift: str, now: datetime, words: str, error: str
) -> NewPage:
    code = asked.get("site", "")
    began_at = shift_began(shift, sites, now)
    found = content_of(sites, began_at, now)
    return NewPage(
        title=f"Hand over {named([site.code for site in sites])}",
        crumbs=(crumbs.COMPANY, HERE, crumbs.Crumb("Hand over", "/handovers/new/")),
        sites=tuple(handovers.operated(user)), site=code, shifts=choices(asked, "shift", SHIFTS, shift),
        began_at=began_at, as_of=now, sections=sections_of(found), request_id=uuid.uuid4(), words=words, error=error,
    )  # fmt: skip


def one_page(user: User, one: Handover) -> OnePage:
    codes = one.content["sites"]
    return OnePage(
        title=f"{one.made_by} handed over {named(codes)}",
        crumbs=(crumbs.COMPANY, HERE, crumbs.Crumb(str(one.pk), f"/handovers/{one.pk}/")),
        handover=one, sites=", ".join(codes), sections=sections_of(one.content),
        why_not=handovers.may_confirm(user, one), is_whole=handovers.is_whole(one), as_of=one.made_at,
    )  # fmt: skip


def sections_of(content: Mapping[str, Any]) -> tuple[Section, ...]:
    return tuple(
        Section(one["key"], one["title"], tuple(Row.of(row) for row in one["rows"]), one["more"])
        for one in content["sections"]
    )


def waiting_for(user: User) -> list[Handover]:
    """Those of the last two days that the person could confirm."""
    unread = Handover.objects.visible_to(user).filter(confirmed_by=None, made_at__gte=clock.now() - HANDOVERS_WAIT)
    rows = unread.exclude(made_by=user)
    found = list(rows.select_related("made_by").prefetch_related("sites__operator")[:5])
    return [one for one in found if not handovers.may_confirm(user, one)]
