"""What the page of orders shows: who waits for whom, what runs, what nobody knows, what came of the others."""

from dataclasses import dataclass
from datetime import datetime

from cango_ops.base import clock
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.models import User
from compute.commands import queries
from compute.models import Command, Hold
from compute.web.orders.rows import Row, rows

MOST_UNKNOWN = 50
MOST_ENDED = 30
HERE = Crumb("Commands", "/commands/")


@dataclass(frozen=True)
class QueuePage:
    title: str
    crumbs: tuple[Crumb, ...]
    holds: list[Hold]
    waiting: list[Row]
    running: list[Row]
    ended: list[Row]
    unknowns: list[Command]
    as_of: datetime


def queue_page(user: User) -> QueuePage:
    now = clock.now()
    waiting, running = list(queries.waiting(user)), list(queries.running(user))
    ended = list(queries.ended(user, now, MOST_ENDED))
    found = {one.order.pk: one for one in rows(user, [*waiting, *running, *ended])}
    unknowns = queries.unknowns(user, MOST_UNKNOWN)
    return QueuePage(
        title=answer(len(waiting), len(running), len(unknowns)),
        crumbs=(COMPANY, HERE),
        holds=queries.holds(user),
        waiting=[found[order.pk] for order in waiting],
        running=[found[order.pk] for order in running],
        ended=[found[order.pk] for order in ended],
        unknowns=unknowns,
        as_of=now,
    )


def answer(waiting: int, running: int, unknown: int) -> str:
    if not (waiting or running or unknown):
        return "No order waits or runs"
    parts = [f"{waiting} wait{'s' if waiting == 1 else ''} for approval", f"{running} running"]
    if unknown:
        parts.append(f"{unknown} machine{'s' if unknown > 1 else ''} to look at")
    return ", ".join(parts)
