"""What orders leave behind: which machines one holds asleep or down, and what each stood under before.

A person's limit stands until a person changes it. What a decision lowered may be raised again by decisions, to what the
machine stood under before the first of them, and no higher. A sleep stands until the machine is told to wake, or is
seen at work for so long that somebody else must have woken it.
"""

from datetime import datetime, timedelta
from typing import Final

from compute.commands.preview import Preview
from compute.models import Command, DeviceNow, Verb
from compute.models.device import State

# Longer than a site's map is kept by the collector.
SEEN_AWAKE_FOR: Final = timedelta(minutes=10)


def now_of(seen: Preview, verb: str) -> dict[int, int | None]:
    """What the machines of a preview say that they stand under, where the order is about that."""
    if verb != Verb.POWER_LIMIT:
        return {}
    devices = [line.device.pk for line in seen.lines]
    return dict(DeviceNow.objects.filter(device__in=devices).values_list("device_id", "power_limit_w"))


def keep(command: Command, now: datetime, *, has_worked: bool = True) -> None:
    """Of a command with its order whose end was just seen. A machine that did not wake is not asleep by order any
    more."""
    row = DeviceNow.objects.filter(device=command.device_id) if command.device_id is not None else None
    if row is None:
        return
    verb = command.order.verb
    if verb == Verb.WAKE:
        row.update(ordered_asleep_at=None)
    elif verb == Verb.SLEEP and has_worked:
        row.update(ordered_asleep_at=now)
    elif verb == Verb.POWER_LIMIT and has_worked:
        keep_limit(command, command.order.limit_w or 0)


def keep_limit(command: Command, limit_w: int) -> None:
    row = DeviceNow.objects.filter(device=command.device_id)
    own = row.values_list("own_limit_w", flat=True).first()
    before = own if own is not None else command.limit_before_w
    holds_down = before is not None and limit_w < before
    # What somebody tried again for a decision is the decision's still.
    by_decision = (command.order.retry_of or command.order).source.startswith("decision/")
    row.update(
        ordered_limit_w=limit_w if holds_down else None, own_limit_w=before if holds_down and by_decision else None
    )


def let_go(now: datetime) -> int:
    """Of machines that work though an order put them to sleep; how many."""
    awake = DeviceNow.objects.filter(
        ordered_asleep_at__lte=now - SEEN_AWAKE_FOR,
        since__lte=now - SEEN_AWAKE_FOR,
        state__in=(State.OK, State.WARNING),
    )
    return awake.update(ordered_asleep_at=None)
