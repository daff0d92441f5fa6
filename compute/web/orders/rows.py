"""An order as it stands in lists: in words and numbers that are ready to print."""

from dataclasses import dataclass
from datetime import datetime

from cango_ops.base.models import User
from compute.commands import queries
from compute.commands.queries import Counts, May
from compute.models import Command, Order, Verb

O = Order.State  # noqa: E741
C = Command.State
# With which of the console's six states a command's or an order's is drawn.
DRAWN = {
    C.REQUESTED: "unknown", C.APPROVED: "maintenance", C.CLAIMED: "maintenance", C.SENT: "maintenance",
    C.ACKNOWLEDGED: "maintenance", C.CONFIRMED: "ok", C.FAILED: "critical", C.EXPIRED: "stale", C.UNKNOWN: "warning",
    C.STOPPED: "stale",
}  # fmt: skip
VERBS = {Verb.SLEEP: "Put to sleep", Verb.WAKE: "Wake", Verb.POWER_LIMIT: "Limit", Verb.SETPOINT: "Set"}


@dataclass(frozen=True)
class Row:
    """One order. what: in one line.   promised_w: its change of power without the sign; direction says which way."""

    order: Order
    what: str
    word: str
    drawn: str
    promised_w: float
    direction: str
    who: str
    approvals: str
    ends_at: datetime
    counts: Counts
    done: float
    may: May


def what_of(order: Order, machines: int) -> str:
    if order.setpoint_w is not None:
        does = "give" if order.setpoint_w > 0 else "take"
        return f"Have the battery at {order.site.code} {does} {abs(order.setpoint_w):,} W"
    many = f"{machines:,} machine{'s' if machines != 1 else ''}"
    limit = f" to {order.limit_w:,} W" if order.limit_w else ""
    return f"{VERBS[Verb(order.verb)]} {many} at {order.site.code}{limit}"


def approvals_of(order: Order) -> str:
    given = [str(one.approver) for one in order.approvals.all()]
    if not order.approvals_needed:
        return "ran by itself"
    return f"{len(given)} of {order.approvals_needed}" + (f": {', '.join(given)}" if given else "")


def drawn_of(order: Order, counts: Counts) -> str:
    if order.state == O.DONE:
        return "critical" if counts.failed else "warning" if counts.unknown else "ok"
    return {O.REQUESTED: "warning", O.APPROVED: "maintenance"}.get(O(order.state), "stale")


def row(order: Order, counts: Counts, may: May) -> Row:
    return Row(
        order=order,
        what=what_of(order, counts.machines),
        word=order.get_state_display(),
        drawn=drawn_of(order, counts),
        promised_w=abs(order.promised_w),
        direction="less" if order.promised_w >= 0 else "more",
        who=str(order.requested_by) if order.requested_by else f"the console ({order.source})",
        approvals=approvals_of(order),
        ends_at=order.not_after,
        counts=counts,
        done=counts.ended / counts.machines if counts.machines else 0.0,
        may=may,
    )


def rows(user: User, orders: list[Order]) -> list[Row]:
    """The same number of queries however many orders."""
    counted = queries.counts(orders)
    allowed = queries.may(user, orders, counted)
    return [row(order, counted[order.pk], allowed[order.pk]) for order in orders]
