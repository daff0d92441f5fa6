"""What browsers follow of orders: "orders", the queue, and "order/ID"."""

from collections.abc import Collection

from cango_ops.base.models import User
from compute.models import Order
from sites.models import Site

QUEUE = "orders"
# That a hold was placed or lifted: every page follows it.
HOLD = "hold"


def topics_of(order: Order) -> tuple[str, str]:
    return QUEUE, f"order/{order.pk}"


def visible_queue(user: User, names: Collection[str]) -> set[str]:
    """One topic for all: that something changed may be known by whoever sees a site."""
    return {""} if Site.objects.visible_to(user).exists() else set()


def visible_orders(user: User, names: Collection[str]) -> set[str]:
    ids = [int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 19]
    return {str(pk) for pk in Order.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)}
