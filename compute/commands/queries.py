"""What orders and commands say, for pages and API. Orders that come in were filtered by visible_to(user) before."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, Q, QuerySet

from cango_ops.base.models import AuditEvent, User
from compute.commands import hold
from compute.commands.states import FINAL
from compute.models import Command, Hold, Order
from sites import rights
from sites.models import Site

C = Command.State
# Of an order's machines: nothing left yet, on its way, and what it came to.
WAITING: Final = (C.REQUESTED, C.APPROVED, C.CLAIMED)
RECENT: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Counts:
    """An order's commands by state."""

    by_state: dict[str, int] = field(default_factory=dict)

    def of(self, *states: str) -> int:
        return sum(self.by_state.get(state, 0) for state in states)

    @property
    def machines(self) -> int:
        return sum(self.by_state.values())

    @property
    def waiting(self) -> int:
        return self.of(*WAITING)

    @property
    def told(self) -> int:
        return self.of(C.SENT, C.ACKNOWLEDGED)

    @property
    def confirmed(self) -> int:
        return self.of(C.CONFIRMED)

    @property
    def failed(self) -> int:
        return self.of(C.FAILED)

    @property
    def unknown(self) -> int:
        return self.of(C.UNKNOWN)

    @property
    def left_out(self) -> int:
        """Never sent, and never will be."""
        return self.of(C.STOPPED, C.EXPIRED)

    @property
    def ended(self) -> int:
        return self.of(*FINAL, C.UNKNOWN)


@dataclass(frozen=True)
class May:
    """What the person may do about one order now. why_not: in words, where approving is not theirs."""

    approve: bool = False
    refuse: bool = False
    stop: bool = False
    retry: bool = False
    settle: bool = False
    why_not: str = ""


def counts(orders: Collection[Order]) -> dict[int, Counts]:
    """By order; one query for all of them."""
    found: dict[int, dict[str, int]] = {order.pk: {} for order in orders}
    rows = Command.objects.filter(order__in=list(found)).order_by().values_list("order_id", "state")
    for order_id, state, count in rows.annotate(count=Count("pk")):
        found[order_id][state] = count
    return {order_id: Counts(by_state) for order_id, by_state in found.items()}


def with_people(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.select_related("site", "requested_by").prefetch_related("approvals__approver")


def waiting(orders: QuerySet[Order]) -> QuerySet[Order]:
    return with_people(orders.filter(state=Order.State.REQUESTED))


def running(orders: QuerySet[Order]) -> QuerySet[Order]:
    return with_people(orders.filter(state=Order.State.APPROVED))


def ended(orders: QuerySet[Order], since: datetime | None, most: int) -> QuerySet[Order]:
    """The last ones, those since then alone where a time is given."""
    rows = orders.filter(ended_at__gte=since) if since else orders.exclude(ended_at=None)
    return with_people(rows.order_by("-ended_at"))[:most]


def unknowns(orders: QuerySet[Order], most: int) -> list[Command]:
    """Commands of which nobody knows what became of them, the oldest first."""
    rows = Command.objects.filter(state=C.UNKNOWN, order__in=orders)
    return list(rows.select_related("order__site").order_by("ended_at")[:most])


def holds(user: User) -> list[Hold]:
    """Those that stand over a site which the person sees. Every page asks; mostly none stands, which one look tells."""
    if not hold.standing().exists():
        return []
    sites = Site.objects.visible_to(user)
    over = Q(site__in=sites) | Q(operator__in=sites.values("operator")) | hold.EVERYWHERE
    return list(hold.standing().filter(over, Exists(sites)))


def may(user: User, orders: Iterable[Order], counted: dict[int, Counts]) -> dict[int, May]:
    """By order; one query for all of them."""
    rows = list(orders)
    here = rights.at_each_site(user, {order.site_id: order.site for order in rows}.values())
    return {order.pk: of_one(user, order, here[order.site.code], counted[order.pk]) for order in rows}


def of_one(user: User, order: Order, held: Collection[str], counted: Counts) -> May:
    operates, approves = rights.OPERATE in held, rights.APPROVE in held
    asks = order.state == Order.State.REQUESTED
    is_own = order.requested_by_id == user.pk
    has_said = any(one.approver_id == user.pk for one in order.approvals.all())
    why_not = "" if not asks else reason_not(approves=approves, is_own=is_own, has_said=has_said)
    is_open = asks or order.state == Order.State.APPROVED
    return May(
        approve=asks and not why_not,
        refuse=asks and (approves or is_own),
        stop=operates and is_open and (order.state == Order.State.APPROVED and counted.waiting > 0),
        retry=operates and not is_open and counted.failed > 0,
        settle=operates and counted.unknown > 0,
        why_not=why_not,
    )


def reason_not(*, approves: bool, is_own: bool, has_said: bool) -> str:
    if is_own:
        return "You requested it, so somebody else approves it."
    if not approves:
        return "Your role at this site does not allow approving."
    return "You have approved it; one more person is needed." if has_said else ""


def history(order: Order, most: int) -> list[AuditEvent]:
    """The newest steps of an order, as they stand in the audit chain."""
    return list(AuditEvent.objects.filter(target=f"order/{order.pk}").order_by("-sequence")[:most])


@dataclass(frozen=True)
class Metered:
    """What the site's meters said around an order. less_w: how much less they say; None where one is missing.
    words: which reading was taken afterwards."""

    before_w: float | None
    after_w: float | None
    less_w: float | None
    words: str = ""


def metered(order: Order) -> Metered:
    before, after = order.meter_before_w, order.meter_after_w
    less_w = before - after if before is not None and after is not None else None
    return Metered(before, after, less_w, order.meter_words)
