"""What the page of orders shows: who waits for whom, what runs, what nobody knows, what came of the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from cango_ops.base import clock
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.models import User
from compute.commands import queries
from compute.models import Command, Order, Verb
from compute.web.choices import Choice, choices
from compute.web.orders.rows import Row, rows
from sites.models import Site

MOST_UNKNOWN = 50
MOST_ENDED = 30
O = Order.State  # noqa: E741
HERE = Crumb("Commands", "/commands/")
ANY: Final = "any"
BY_ITSELF: Final = "automatic"
STATES: Final = {
    ANY: "Any", O.REQUESTED.value: "Waiting", O.APPROVED.value: "Running",
    **{state.value: str(state.label) for state in (O.DONE, O.REFUSED, O.STOPPED, O.EXPIRED)},
}  # fmt: skip
VERBS: Final = {ANY: "any", **{verb.value: verb.label.lower() for verb in Verb}}


@dataclass(frozen=True)
class Asked:
    """What narrows the page. state, verb: ANY or one.   person: an e-mail, BY_ITSELF or nothing."""

    state: str = ANY
    site: str = ""
    verb: str = ANY
    person: str = ""

    @property
    def wanted(self) -> dict[str, Any]:
        """As conditions on orders."""
        found: dict[str, Any] = {"state": self.state} if self.state != ANY else {}
        found |= {"site__code": self.site} if self.site else {}
        found |= {"verb": self.verb} if self.verb != ANY else {}
        if self.person == BY_ITSELF:
            return found | {"is_automatic": True}
        return found | ({"requested_by__email": self.person} if self.person else {})


@dataclass(frozen=True)
class QueuePage:
    """people: who asked for orders, by e-mail.   kept: what the form of choices sends along."""

    title: str
    crumbs: tuple[Crumb, ...]
    waiting: list[Row]
    running: list[Row]
    ended: list[Row]
    unknowns: list[Command]
    asked: Asked
    states: list[Choice]
    verbs: dict[str, str]
    sites: list[str]
    people: dict[str, str]
    kept: dict[str, str]
    as_of: datetime

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked.wanted)

    @property
    def shows_ended(self) -> bool:
        return self.asked.state not in (O.REQUESTED, O.APPROVED)

    @property
    def most(self) -> int:
        return MOST_ENDED


def queue_page(user: User, asked: Asked, query: Mapping[str, str]) -> QueuePage:
    now, seen = clock.now(), Order.objects.visible_to(user)
    orders = seen.filter(**asked.wanted)
    waiting, running = list(queries.waiting(orders)), list(queries.running(orders))
    ended = list(queries.ended(orders, None if asked.wanted else now - queries.RECENT, MOST_ENDED))
    found = {one.order.pk: one for one in rows(user, [*waiting, *running, *ended])}
    unknowns = queries.unknowns(orders, MOST_UNKNOWN)
    return QueuePage(
        title=answer(len(waiting), len(running), len(unknowns), is_narrowed=bool(asked.wanted)),
        crumbs=(COMPANY, HERE),
        waiting=[found[order.pk] for order in waiting],
        running=[found[order.pk] for order in running],
        ended=[found[order.pk] for order in ended],
        unknowns=unknowns,
        asked=asked,
        states=choices(query, "state", STATES, asked.state),
        verbs=VERBS,
        sites=list(Site.objects.visible_to(user).values_list("code", flat=True)),
        people=people_of(seen),
        kept={key: query[key] for key in ("state", "zone") if query.get(key)},
        as_of=now,
    )


def people_of(orders: QuerySet[Order]) -> dict[str, str]:
    """Who asked for them, by name; and the console itself."""
    users = User.objects.filter(pk__in=orders.exclude(requested_by=None).order_by().values("requested_by"))
    return {BY_ITSELF: "the console itself"} | {one.email: str(one) for one in users.order_by("email")}


def answer(waiting: int, running: int, unknown: int, *, is_narrowed: bool = False) -> str:
    if not (waiting or running or unknown):
        return "No such order waits or runs" if is_narrowed else "No order waits or runs"
    parts = [f"{waiting} wait{'s' if waiting == 1 else ''} for approval", f"{running} running"]
    if unknown:
        parts.append(f"{unknown} machine{'s' if unknown > 1 else ''} to look at")
    return ", ".join(parts)
