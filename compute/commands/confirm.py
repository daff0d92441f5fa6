"""Ends commands by what is seen: readings of the machine after it, and the site's meter for the order as a whole.

What is unknown is read back, never repeated. It stays unknown while the machine says nothing, and somebody may say
what they found on the spot.
"""

import time
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from cango_ops.base import audit, clock, jobs, leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move as move_order
from cango_ops.live.publish import publish
from cango_ops.units import W_PER_MW
from compute.collector.read_now import read_devices
from compute.commands import evidence, moves, settling, standing_orders
from compute.commands.evidence import NO, YES, BatteryNow, Said, Told
from compute.commands.moves import NOW
from compute.commands.refusal import Refused
from compute.commands.states import FINAL, TO_CONFIRM
from compute.commands.topics import topics_of
from compute.models import Command, Order
from compute.telemetry import queries
from sites import rights
from sites.metering import queries as metering

CLERK: Final = "clerk"
LEASE: Final = "commands/confirm"
LEASE_S: Final = 60.0
READ_EVERY: Final = timedelta(seconds=30)
# Later in vain: the sweeps go on asking by themselves.
READ_FOR: Final = timedelta(minutes=20)
READ_AT_ONCE: Final = 500
READ_PATIENCE_S: Final = 15.0
# Longer than any machine takes to settle, and the meter's next reading.
METER_WAIT: Final = timedelta(minutes=25)
C = Command.State


def confirm_commands() -> None:
    """Looks at everything that waits for evidence."""
    with jobs.run("compute.confirm_commands") as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another process looks")
            return
        job.count(read_back=read_back())
        for state, count in judge_all().items():
            job.count(**{state: count})
        for order in unfinished():
            finish(order)
        job.count(measured=settling.measure(clock.now()), awake=standing_orders.let_go(clock.now()))


# Reading back


def read_back() -> int:
    """Asks the machines of unknown commands what they do; how many."""
    now = database_now()
    due = Command.objects.filter(state=C.UNKNOWN, ended_at__gte=now - READ_FOR).exclude(device=None)
    due = due.filter(Q(read_back_at=None) | Q(read_back_at__lte=now - READ_EVERY))
    rows = dict(due.values_list("pk", "device_id")[:READ_AT_ONCE])
    if rows:
        Command.objects.filter(pk__in=rows).update(read_back_at=now)
        until = time.monotonic() + READ_PATIENCE_S
        read_devices(list(rows.values()), stop=lambda: time.monotonic() > until)
    return len(rows)


# Judging


def judge_all() -> dict[str, int]:
    """How many went to which state."""
    waiting = Command.objects.filter(state__in=TO_CONFIRM).exclude(device=None).select_related("order", "device")
    by_box: dict[int, list[Command]] = {}
    for command in waiting.order_by("device__container_id", "pk"):
        assert command.device is not None
        by_box.setdefault(command.device.container_id, []).append(command)
    gone = Command.objects.filter(state=C.ACKNOWLEDGED, device=None, battery=None).select_related("order__site")
    lost = [(command, Said(evidence.NOTHING, "it left the site map")) for command in gone]
    counts = write([*lost, *batteries_said()], clock.now())
    for box, commands in by_box.items():
        cells = {cell.device_id: cell for cell in queries.cells(box)}
        seen = [(command, evidence.said(told(command), cells.get(command.device_id or 0))) for command in commands]
        for state, count in write(seen, clock.now()).items():
            counts[state] = counts.get(state, 0) + count
    return counts


def batteries_said() -> list[tuple[Command, Said]]:
    waiting = Command.objects.filter(state__in=TO_CONFIRM).exclude(battery=None)
    found = []
    for command in waiting.select_related("order__site", "battery").order_by("pk"):
        row, at = command.battery, command.sent_at or command.ended_at or clock.now()
        assert row is not None
        rated_w = float(max(row.charge_mw, row.discharge_mw)) * W_PER_MW
        now = BatteryNow(row.soc_at, row.power_w, row.setpoint_w, rated_w)
        found.append((command, evidence.of_battery(command.order.setpoint_w or 0, at, now)))
    return found


def told(command: Command) -> Told:
    device = command.device
    assert device is not None
    # A command without a time of sending never left; nothing after its end can be its doing.
    at = command.sent_at or command.ended_at or clock.now()
    order = command.order
    return Told(order.verb, order.limit_w, at, device.nameplate_w, device.nameplate_ths, command.before_w)


def verdict(command: Command, seen: Said, now: datetime) -> str | None:
    """The state that the evidence leads to, or None: to be looked at again."""
    if seen.says == YES:
        return C.CONFIRMED
    if command.confirm_by is None or now < command.confirm_by:
        return None
    if seen.says == NO:
        return C.FAILED
    return C.UNKNOWN if command.state == C.ACKNOWLEDGED else None


def write(seen: Collection[tuple[Command, Said]], now: datetime) -> dict[str, int]:
    hits: dict[str, list[Command]] = {}
    with transaction.atomic():
        for command, said in seen:
            new = verdict(command, said, now)
            if new is None:
                continue
            reason = said.words if new == C.CONFIRMED else f"not seen to take effect: {said.words}"
            if moves.move([command.pk], command.state, new, ended_at=NOW, reason=reason[:200]):
                Command.objects.filter(pk=command.pk).update(after_w=said.power_w)
                if new != C.UNKNOWN:
                    standing_orders.keep(command, now, has_worked=new == C.CONFIRMED)
                hits.setdefault(new, []).append(command)
        tell(hits)
    return {state: len(commands) for state, commands in hits.items()}


def tell(hits: dict[str, list[Command]]) -> None:
    orders = {command.order_id: command.order for commands in hits.values() for command in commands}
    publish(*{topic for order in orders.values() for topic in topics_of(order)})
    for state, commands in hits.items():
        for order_id in sorted({command.order_id for command in commands}):
            moves.note(CLERK, order_id, state, [one.pk for one in commands if one.order_id == order_id])


def settle(command: Command, actor: User, *, has_worked: bool, words: str) -> None:
    """A person says what became of an unknown command. Raises Refused."""
    order = command.order
    if not rights.may(actor, rights.OPERATE, order.site):
        raise Refused("your role at this site does not allow it", is_right=True)
    new = C.CONFIRMED if has_worked else C.FAILED
    reason = f"{actor} on the spot: {words.strip() or ('it did' if has_worked else 'it did not')}"[:200]
    with transaction.atomic():
        if not moves.move([command.pk], C.UNKNOWN, new, ended_at=NOW, reason=reason):
            raise Refused("it is not unknown any more")
        standing_orders.keep(command, clock.now(), has_worked=has_worked)
        publish(*topics_of(order))
        audit.record(actor, f"command.{new}", f"order/{order.pk}", {"commands": [command.pk], "reason": reason})


# The order as a whole


def unfinished() -> QuerySet[Order]:
    """Running orders, and ended ones whose meter is still to be read."""
    unread = Q(meter_after_at=None, ended_at__gte=clock.now() - METER_WAIT, state__in=("done", "stopped"))
    return Order.objects.filter(Q(state=Order.State.APPROVED) | unread).select_related("site")


def finish(order: Order) -> None:
    if order.state == Order.State.APPROVED:
        close(order)
    elif order.ended_at:
        read_meter(order)


def close(order: Order) -> None:
    """Done, when nothing of it can change any more but by a late reading."""
    now = clock.now()
    open_ones = order.commands.exclude(state__in=FINAL)
    late = Q(state=C.UNKNOWN, confirm_by__lte=now) | Q(state=C.UNKNOWN, confirm_by=None)
    if open_ones.exclude(late).exists():
        return
    with transaction.atomic():
        if move_order(order, "state", Order.State.APPROVED, Order.State.DONE, ended_at=database_now()):
            publish(*topics_of(order))
            audit.record(CLERK, "order.done", f"order/{order.pk}", {})


def read_meter(order: Order) -> None:
    """The first reading of the meters after the machines have settled; a site without one keeps None."""
    power = metering.power_now([order.site_id])[order.site_id]
    if power.power_w is None or power.observed_at is None or order.ended_at is None:
        return
    rest = settling.rest_of(order, order.ended_at)
    if power.observed_at <= rest.at:
        return
    words = f"read {(power.observed_at - rest.last_sent_at).total_seconds():.0f} s after the last command: {rest.words}"
    Order.objects.filter(pk=order.pk, meter_after_at=None).update(
        meter_after_w=power.power_w, meter_after_at=power.observed_at, meter_words=words[:200]
    )
    publish(*topics_of(order))
