"""The list pages of which views are kept, and what each knows in its address. A list page that is new adds its row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final
from urllib.parse import parse_qsl, urlencode

from cango_ops.base import timespan
from cango_ops.base.models import User
from cango_ops.web.alerts.page import SEVERITIES
from cango_ops.web.alerts.page import WORDS as ALERT_STATES
from cango_ops.web.events.event import KINDS
from cango_ops.web.overview.board import SORTS as BOARD_SORTS
from compute.models import Container, Device
from compute.web.machines.page import SORTS as MACHINE_SORTS
from compute.web.machines.page import STATES as MACHINE_STATES
from compute.web.orders.queue import STATES as ORDER_STATES
from compute.web.orders.queue import VERBS as ORDER_VERBS
from sites.models import Site

Check = Callable[[str], bool]
TIME: Final = ("range", "from", "to", "zone")


def word_of(words: Sequence[str] | Mapping[str, object]) -> Check:
    return lambda value: value in words


def text(value: str) -> bool:
    return 0 < len(value) <= 64 and "\x00" not in value


@dataclass(frozen=True)
class ListPage:
    """keys: each parameter with what it may say. tables: the columns of each that may be left out or sorted by.
    places: parameters that name a site, a region, or (id, with scope) one of the things of a site."""

    name: str
    url: str
    keys: Mapping[str, Check] = field(default_factory=dict)
    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    places: Sequence[str] = ()
    has_time: bool = False


PAGES: Final[dict[str, ListPage]] = {
    "overview": ListPage(
        "Overview", "/", {"sort": word_of(BOARD_SORTS), "events": word_of(("off",))}, places=("region",), has_time=True
    ),
    "machines": ListPage(
        "Machines", "/machines/",
        {"state": word_of(MACHINE_STATES), "sort": word_of(MACHINE_SORTS), "container": text, "model": text,
         "language": text},
        {"machine-list": ("place", "state", "model", "language", "address", "serial", "mac", "firmware", "nameplate",
                          "since")},
        ("site",),
    ),
    "alerts": ListPage(
        "Alerts", "/alerts/", {"state": word_of(ALERT_STATES), "severity": word_of(SEVERITIES)},
        {"alert-list": ("where", "what", "cost", "since", "who", "next")}, ("site",),
    ),
    "commands": ListPage(
        "Commands", "/commands/", {"state": word_of(ORDER_STATES), "verb": word_of(ORDER_VERBS), "person": text},
        places=("site",),
    ),
    "switching": ListPage(
        "Switching", "/switching/", {},
        {"uses-of-sites": ("site", "best", "margin", "uses", "power", "load", "says", "planned")},
    ),
    "events": ListPage(
        "Events", "/events/",
        {"scope": word_of(("fleet", "region", "site", "container", "device")), "kind": word_of(("all", *KINDS))},
        {"event-table": ("when", "kind", "where", "what", "until")}, ("id",), has_time=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """query: what the page still knows of it. gone: the rest, as "severity=urgent"."""

    query: str
    gone: tuple[str, ...]


def checked(page: str, query: str, now: datetime | None = None) -> Checked:
    """A view's query held against what its page knows today."""
    known = PAGES[page]
    pairs = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=50))
    wrong = wrong_times(known, pairs, now or datetime.now(UTC))
    good = {key: value for key, value in pairs.items() if key not in wrong and is_known(known, key, value)}
    gone = tuple(f"{key}={value}"[:80] for key, value in pairs.items() if key not in good)
    return Checked(urlencode(good, safe=":/,;"), gone)


def is_known(page: ListPage, key: str, value: str) -> bool:
    if key in page.keys:
        return page.keys[key](value)
    if key in page.places:
        return text(value)
    if key == "by":
        return is_sort(page, value)
    if key == "hide":
        return is_hidden(page, value)
    return key == "zone" or (page.has_time and key in TIME)


def wrong_times(page: ListPage, pairs: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    times = {key: value for key, value in pairs.items() if key in TIME}
    try:
        timespan.parse(times, now)
    except (timespan.WrongSpan, ValueError):
        return tuple(times)
    return ()


def is_sort(page: ListPage, value: str) -> bool:
    """As lib/sort.js writes it: -by-site.1"""
    said = re.fullmatch(r"-?([\w-]+?)\.(\d{1,3})", value, re.ASCII)
    return said is not None and said[1] in page.tables and int(said[2]) < len(page.tables[said[1]])


def is_hidden(page: ListPage, value: str) -> bool:
    """As lib/columns.js writes it: alert-list:who,next"""
    parts = [part.partition(":") for part in value.split(";")]
    return all(
        table in page.tables and set(names.split(",")) <= set(page.tables[table][1:]) for table, _, names in parts
    )


class Sight:
    """What a person sees of places, read when it is first asked for."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(Site.objects.visible_to(self.user).values_list("code", flat=True))

    @cached_property
    def regions(self) -> frozenset[str]:
        return frozenset(Site.objects.visible_to(self.user).values_list("region__code", flat=True))

    def sees(self, kind: str, name: str) -> bool:
        if kind == "region":
            return name in self.regions
        if kind == "device":
            number = int(name) if name.isascii() and name.isdecimal() and len(name) < 19 else 0
            return Device.objects.visible_to(self.user).filter(pk=number).exists()
        if kind == "container":
            site, _, code = name.partition("/")
            return Container.objects.visible_to(self.user).filter(site__code=site, code=code).exists()
        return name in self.codes

    def covers(self, page: str, query: str) -> bool:
        """False where the query names a place that the person does not see: not even its name is shown then."""
        pairs = dict(parse_qsl(query))
        places = PAGES[page].places if page in PAGES else ()
        return all(self.sees(pairs.get("scope", key), pairs[key]) for key in places if pairs.get(key))
