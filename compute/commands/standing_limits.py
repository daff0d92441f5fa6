"""What confirmed power limits leave behind: which machines an order holds down, and what each stood under before.

A person's order stands until a person changes it. What a decision lowered may be raised again by decisions, to what the
machine stood under before the first of them, and no higher.
"""

from collections.abc import Iterable

from compute.commands.preview import Preview
from compute.models import Command, DeviceNow, Verb


def now_of(seen: Preview, verb: str) -> dict[int, int | None]:
    """What the machines of a preview say that they stand under, where the order is about that."""
    if verb != Verb.POWER_LIMIT:
        return {}
    devices = [line.device.pk for line in seen.lines]
    return dict(DeviceNow.objects.filter(device__in=devices).values_list("device_id", "power_limit_w"))


def keep(confirmed: Iterable[Command]) -> None:
    """Of commands with their orders that were just confirmed."""
    for command in confirmed:
        if command.order.verb == Verb.POWER_LIMIT and command.device_id is not None:
            keep_one(command, command.device_id, command.order.limit_w or 0)


def keep_one(command: Command, device_id: int, limit_w: int) -> None:
    row = DeviceNow.objects.filter(device=device_id)
    own = row.values_list("own_limit_w", flat=True).first()
    before = own if own is not None else command.limit_before_w
    holds_down = before is not None and limit_w < before
    # What somebody tried again for a decision is the decision's still.
    by_decision = (command.order.retry_of or command.order).source.startswith("decision/")
    row.update(
        ordered_limit_w=limit_w if holds_down else None, own_limit_w=before if holds_down and by_decision else None
    )
