"""What a few typed letters may mean: a place by its way (PECOS C1 14), a machine by address, MAC or serial."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from cango_ops.base.models import User
from compute.models import Container, Device
from sites.models import Site

MOST: Final = 8
LONGEST: Final = 100
SHORTEST_MARK: Final = 4
ADDRESS: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{0,3}){1,3}")
MARK: Final = re.compile(r"[0-9A-Za-z:\-_.]+")


@dataclass(frozen=True)
class Found:
    """One place to go. what: site, container, machine or page. where: the rest of its way, or what matched."""

    what: str
    text: str
    where: str
    url: str


def find(user: User | AnonymousUser, typed: str) -> list[Found]:
    """At most MOST of each kind, the wider places first; nothing for nothing."""
    words = typed[:LONGEST].upper().replace("/", " ").split()
    if not words:
        return []
    return [*sites(user, words), *containers(user, words), *machines(user, words)]


def is_cut(found: Sequence[Found]) -> bool:
    """True where there may be more of one kind than are shown."""
    kinds = [one.what for one in found]
    return any(kinds.count(kind) == MOST for kind in set(kinds))


def sites(user: User | AnonymousUser, words: Sequence[str]) -> list[Found]:
    if len(words) > 1:
        return []
    named = Q(code__istartswith=words[0]) | Q(name__icontains=words[0]) | Q(region__name__istartswith=words[0])
    rows = Site.objects.visible_to(user).filter(named).select_related("region")[:MOST]
    return [Found("site", row.code, f"{row.name}, {row.region.name}", f"/sites/{row.code}/") for row in rows]


def containers(user: User | AnonymousUser, words: Sequence[str]) -> list[Found]:
    """By its code, or by the site's and its own: "C1", "PECOS C1"."""
    if len(words) > 2:
        return []
    named = Q(code__istartswith=words[-1])
    if len(words) == 2:
        named &= Q(site__code__istartswith=words[0])
    rows = Container.objects.visible_to(user).filter(named).select_related("site")[:MOST]
    return [
        Found("container", f"{row.site.code}/{row.code}", row.get_kind_display(), f"/sites/{row.site.code}/{row.code}/")
        for row in rows
    ]


def machines(user: User | AnonymousUser, words: Sequence[str]) -> list[Found]:
    meant = meaning(words)
    if meant is None:
        return []
    rows = Device.objects.visible_to(user).filter(meant).select_related("site", "container", "now")[:MOST]
    return [machine(row) for row in rows]


def meaning(words: Sequence[str]) -> Q | None:
    """The condition that the words put on a machine, or None where they cannot mean one."""
    if len(words) == 3 and words[2].isdigit() and len(words[2]) < 6:
        return Q(site__code__istartswith=words[0], container__code__istartswith=words[1], slot=int(words[2]))
    if len(words) != 1 or len(words[0]) < SHORTEST_MARK:
        return None
    if ADDRESS.fullmatch(words[0]):
        return Q(address__startswith=words[0])
    if MARK.fullmatch(words[0]) and any(letter.isdigit() for letter in words[0]):
        return Q(now__mac__istartswith=words[0].replace("-", ":")) | Q(now__serial__istartswith=words[0])
    return None


def machine(row: Device) -> Found:
    way = f"{row.site.code}/{row.container.code}/{row.slot}"
    about = " · ".join(filter(None, (row.model, row.address, row.now.serial)))
    return Found("machine", way, about, f"/sites/{way}/")
