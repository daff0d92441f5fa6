"""Takes commands for sending, under the sender's lease: whose epoch stands in the row may send it, and nobody else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count

from cango_ops.base import leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import Lease
from cango_ops.base.switchboard.reach import Reach
from cango_ops.base.transitions import move as move_order
from cango_ops.live.publish import publish
from compute.commands import moves, waves
from compute.commands.approve import end
from compute.commands.hold import NOT_HELD
from compute.commands.moves import NOW
from compute.commands.refusal import Refused
from compute.commands.states import UNDER_WAY
from compute.commands.topics import QUEUE, topics_of
from compute.commands.waves import Tally
from compute.models import Command, Order
from compute.protocols.orders import STORAGE
from sites import ranges

SENDER: Final = "sender"
# A command whose answer was lost with its sender is judged by readings of the next twenty minutes.
READ_BACK_WITHIN_S: Final = 1200.0
C = Command.State

# "command" is compute_command, "placed" its order, "place" its site.
MAY_LEAVE: Final = f"placed.state = 'approved' AND placed.not_after > clock_timestamp() AND {NOT_HELD}"
CLAIM: Final = f"""
UPDATE compute_command SET state = 'claimed', epoch = %(epoch)s, claimed_at = clock_timestamp()
WHERE state = 'approved' AND id IN (
    SELECT command.id
    FROM compute_order AS placed
    JOIN sites_site AS place ON place.id = placed.site_id
    JOIN compute_command AS command ON command.order_id = placed.id
    WHERE command.state = 'approved' AND command.wave <= placed.wave AND {MAY_LEAVE}
    ORDER BY command.wave, command.id LIMIT %(most)s FOR UPDATE OF command SKIP LOCKED
)
RETURNING id, order_id
"""  # noqa: S608
ROWS: Final = (
    "pk", "order_id", "device_id", "device__container_id", "device__address", "device__port", "device__language",
    "order__verb", "order__limit_w", "order__site_id", "battery_id", "battery__address", "battery__port",
    "battery__unit_id", "order__setpoint_w", "order__hours",
)  # fmt: skip
REST_AFTER_H: Final = 1.0


@dataclass(frozen=True)
class Job:
    """One command that this sender has. device_id, battery_id: both None when it left the site map meanwhile.

    reach: its site's.   good_for_s: after that a battery rests again by itself.
    """

    pk: int
    order_id: int
    device_id: int | None
    container_id: int | None
    address: str
    port: int
    language: str
    verb: str
    limit_w: int | None
    site_id: int
    # What it remembers of addresses has no hash; which job it is does not hang on it.
    reach: Reach = field(hash=False)
    battery_id: int | None = None
    unit_id: int = 1
    setpoint_w: int | None = None
    good_for_s: int = 0


def claim(lease: Lease, most: int) -> list[Job]:
    """At most so many commands whose wave is open and that nothing holds. Raises LeaseLost."""
    with transaction.atomic():
        leases.hold(lease)
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, {"epoch": lease.epoch, "most": most})
            hit = cursor.fetchall()
        tell({C.CLAIMED: [pk for pk, _ in hit]}, dict(hit), lease)
    rows = list(Command.objects.filter(pk__in=[pk for pk, _ in hit]).order_by("pk").values(*ROWS))
    reaches = ranges.reaches({row["order__site_id"] for row in rows})
    return [job_of(row, reaches[row["order__site_id"]]) for row in rows]


def job_of(row: Mapping[str, Any], reach: Reach) -> Job:
    is_battery = row["battery_id"] is not None
    kind = "battery" if is_battery else "device"
    return Job(
        pk=row["pk"], order_id=row["order_id"], device_id=row["device_id"], container_id=row["device__container_id"],
        address=row[f"{kind}__address"], port=row[f"{kind}__port"],
        language=STORAGE if is_battery else row["device__language"], verb=row["order__verb"],
        limit_w=row["order__limit_w"], site_id=row["order__site_id"], reach=reach, battery_id=row["battery_id"],
        unit_id=row["battery__unit_id"] or 1, setpoint_w=row["order__setpoint_w"],
        good_for_s=round((row["order__hours"] or REST_AFTER_H) * 3600),
    )  # fmt: skip


def recover(lease: Lease) -> None:
    """What a sender before us left: claimed never left and waits again, sent may have arrived and is unknown."""
    with transaction.atomic():
        leases.hold(lease)
        left = older(lease, C.CLAIMED), older(lease, C.SENT)
        waiting = moves.move(list(left[0]), C.CLAIMED, C.APPROVED)
        lost = moves.move(
            list(left[1]), C.SENT, C.UNKNOWN, ended_at=NOW, reason="the sender ended before an answer came",
            confirm_by=database_now() + timedelta(seconds=READ_BACK_WITHIN_S),
        )  # fmt: skip
        tell({"back.approved": waiting, "back.unknown": lost}, left[0] | left[1], lease)


def older(lease: Lease, state: str) -> dict[int, int]:
    """Command to order, of those claimed under an epoch that is over."""
    return dict(Command.objects.filter(epoch__lt=lease.epoch, state=state).values_list("pk", "order_id"))


def tell(hits: Mapping[str, Collection[int]], order_of: Mapping[int, int], lease: Lease) -> None:
    """Tells browsers and the audit chain what came to which state, as the last step of the writing transaction.

    Browsers first: every transaction here takes the topics' rows before the chain's lock.
    """
    orders = {order_of[pk] for ids in hits.values() for pk in ids}
    if orders:
        publish(QUEUE, *(f"order/{order_id}" for order_id in orders))
    for state, ids in hits.items():
        for order_id in sorted({order_of[pk] for pk in ids}):
            of_it = [pk for pk in sorted(ids) if order_of[pk] == order_id]
            moves.note(SENDER, order_id, state, of_it, epoch=lease.epoch)


def give_back(jobs: Collection[Job], lease: Lease) -> None:
    """These were claimed and did not leave: they wait again."""
    if not jobs:
        return
    with transaction.atomic():
        hit = moves.move([job.pk for job in jobs], C.CLAIMED, C.APPROVED, epoch=lease.epoch)
        tell({"back.approved": hit}, {job.pk: job.order_id for job in jobs}, lease)


def is_due() -> bool:
    """Whether an order is running that has not sent everything."""
    return Command.objects.filter(order__state=Order.State.APPROVED, state__in=(C.APPROVED, C.CLAIMED, C.SENT)).exists()


def open_waves(lease: Lease) -> None:
    """Lets the next wave of each running order go once the one before is over; ends the order where it went badly."""
    for order in Order.objects.filter(state=Order.State.APPROVED).select_related("site"):
        if order.wave < order.waves:
            with transaction.atomic():
                leases.hold(lease)
                open_next(order)


def open_next(order: Order) -> None:
    now = database_now()
    if order.wave:
        tally = tally_of(order)
        early = order.wave_opened_at and now < order.wave_opened_at + timedelta(seconds=order.wave_gap_s)
        if early or not waves.is_over(tally):
            return
        bad = waves.brake(tally)
        if bad:
            brake(order, bad)
            return
    if move_order(order, "wave", order.wave, order.wave + 1, wave_opened_at=now):
        publish(*topics_of(order))


def brake(order: Order, why: str) -> None:
    try:
        end(order, Order.State.APPROVED, Order.State.STOPPED, SENDER, f"stopped by itself: {why}")
    except Refused:  # a person was first
        return


def tally_of(order: Order) -> Tally:
    """Of the waves that were let go."""
    counts = dict(
        order.commands.filter(wave__lte=order.wave).order_by().values_list("state").annotate(count=Count("pk"))
    )
    left = sum(counts.get(state, 0) for state in UNDER_WAY)
    return Tally(left, sum(counts.values()) - left, counts.get(C.FAILED, 0) + counts.get(C.UNKNOWN, 0))
