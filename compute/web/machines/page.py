"""What the list of machines shows: filtered, sorted, a page at a time by key: page 3,000 costs what page 1 does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet

from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.models import User
from compute.models import Device
from compute.models.device import State
from compute.web.choices import Choice, choices
from compute.web.device_states import covering, in_state, with_states
from sites.models import Site

ANY: Final = "any"
MOST: Final = 100
STATES: Final = {ANY: "Any", **{value: value for value in State.values}}
SORTS: Final = {"place": "Place", "model": "Model", "language": "Language"}
# Parameters that narrow the list by a text that must be met as a whole, and the column of each.
TEXTS: Final = {"container": "container__code", "model": "model", "language": "language"}


@dataclass(frozen=True)
class MachinesPage:
    """next_url: of the page after this one, empty at the end. asked: the texts that narrow the list."""

    title: str
    crumbs: tuple[Crumb, ...]
    rows: list[Any]
    states: list[Choice]
    sorts: list[Choice]
    sites: list[str]
    site: str
    asked: dict[str, str]
    next_url: str
    json_url: str


def machines_page(user: User, asked: Mapping[str, str], state: str, sort: str) -> MachinesPage:
    seen = Site.objects.visible_to(user)
    narrowed = in_the_state(narrow(Device.objects.visible_to(user), asked), state, seen)
    rows = list(after(narrowed, asked.get("after", ""), sort)[: MOST + 1])
    shown = with_states(rows[:MOST], covering({row.site_id for row in rows}))
    keys = {key: value for key, value in asked.items() if key != "after"}
    wanted = {key: asked[key] for key in ("site", *TEXTS) if asked.get(key)} | (
        {"state": state} if state != ANY else {}
    )
    count = narrowed.count()
    return MachinesPage(
        title=f"{count:,} machine{'s' if count != 1 else ''}" if count else "No machine is like that",
        crumbs=(COMPANY, Crumb("Machines", "/machines/")), rows=shown, states=choices(keys, "state", STATES, state),
        sorts=choices(keys, "sort", SORTS, sort), sites=list(seen.values_list("code", flat=True)),
        site=asked.get("site", ""), asked={key: asked.get(key, "") for key in TEXTS},
        next_url=f"?{urlencode(keys | {'after': rows[MOST - 1].pk}, safe=':')}" if len(rows) > MOST else "",
        json_url=f"/api/v1/devices/{'?' if wanted else ''}{urlencode(wanted)}",
    )  # fmt: skip


def narrow(devices: QuerySet[Device], asked: Mapping[str, str]) -> QuerySet[Device]:
    if asked.get("site"):
        devices = devices.filter(site__code=asked["site"])
    return devices.filter(**{column: asked[key] for key, column in TEXTS.items() if asked.get(key)})


def in_the_state(devices: QuerySet[Device], state: str, seen: QuerySet[Site]) -> QuerySet[Device]:
    return devices if state == ANY else devices.filter(in_state(state, covering(seen.values_list("pk", flat=True))))


def after(devices: QuerySet[Device], last: str, sort: str) -> QuerySet[Device]:
    """The rows behind the machine of that number, in the order asked for. Raises BadRequest."""
    key = "pk" if sort == "place" else sort
    rows = devices.select_related("site", "container", "now").order_by(*dict.fromkeys((key, "pk")))
    if not last:
        return rows
    if not (last.isascii() and last.isdecimal() and len(last) < 19):
        raise BadRequest("after is the number of the machine before the page.")
    if key == "pk":
        return rows.filter(pk__gt=int(last))
    before = devices.filter(pk=int(last)).values_list(key, flat=True).first()
    if before is None:
        raise BadRequest("after names no machine of this list.")
    return rows.filter(Q(**{f"{key}__gt": before}) | Q(**{key: before, "pk__gt": int(last)}))
