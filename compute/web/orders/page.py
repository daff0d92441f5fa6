"""What the page of one order shows: how far it is, every machine of it, and its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from cango_ops.base import clock
from cango_ops.base.crumbs import COMPANY, Crumb, site
from cango_ops.base.models import AuditEvent, User
from compute.commands import hold, queries
from compute.commands.queries import Metered
from compute.models import Command, Hold, Order
from compute.web.choices import Choice, choices
from compute.web.orders.queue import HERE
from compute.web.orders.rows import DRAWN, Row, row

MOST = 300
MOST_STEPS = 60
ALL = "all"


@dataclass(frozen=True)
class Machine:
    """One command, ready to print."""

    command: Command
    drawn: str
    url: str


@dataclass(frozen=True)
class Step:
    """One audit event in words."""

    event: AuditEvent
    words: str
    machines: int


@dataclass(frozen=True)
class OrderPage:
    title: str
    crumbs: tuple[Crumb, ...]
    row: Row
    holds: list[Hold]
    skipped: list[tuple[str, int]]
    metered: Metered
    machines: list[Machine]
    hidden: int
    states: list[Choice]
    steps: list[Step]
    as_of: datetime


def order_page(user: User, order: Order, asked: Mapping[str, str], state: str) -> OrderPage:
    counted = queries.counts([order])[order.pk]
    one = row(order, counted, queries.may(user, [order], {order.pk: counted})[order.pk])
    shown = commands(order, state)[: MOST + 1]
    words = {ALL: f"All {counted.machines:,}"} | {
        value: f"{Command.State(value).label} {count:,}" for value, count in sorted(counted.by_state.items())
    }
    return OrderPage(
        title=f"{one.what}: {one.word.lower()}",
        crumbs=(COMPANY, HERE, site(order.site.code, order.site.name), Crumb(str(order.pk), f"/commands/{order.pk}/")),
        row=one,
        holds=list(hold.over(order.site)) if order.state in (Order.State.REQUESTED, Order.State.APPROVED) else [],
        skipped=sorted(order.skipped.items()),
        metered=queries.metered(order),
        machines=[machine(command) for command in shown[:MOST]],
        hidden=max(0, (counted.machines if state == ALL else counted.of(state)) - MOST),
        states=choices(asked, "state", words, state, "machines"),
        steps=[step(event) for event in queries.history(order, MOST_STEPS)],
        as_of=clock.now(),
    )


def commands(order: Order, state: str) -> QuerySet[Command]:
    rows = order.commands.order_by("wave", "pk")
    return rows if state == ALL else rows.filter(state=state)


def machine(command: Command) -> Machine:
    return Machine(
        command, DRAWN[Command.State(command.state)], f"/sites/{command.place}/" if command.device_id else ""
    )


def step(event: AuditEvent) -> Step:
    detail: dict[str, Any] = event.detail
    listed = detail.get("commands")
    rest = [f"{name.replace('_', ' ')} {value}" for name, value in detail.items() if name in SHOWN and value != ""]
    verb = event.verb.replace("command.", "machines ").replace("order.", "order ").replace("back.", "back to ")
    return Step(event, ", ".join([verb, *rest]), len(listed) if isinstance(listed, list) else 0)


SHOWN = ("epoch", "reason", "approvals", "needed", "ruling")
