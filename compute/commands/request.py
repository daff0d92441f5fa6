"""Asks for an order: previews it, rules how many must approve, and writes it with a command for each machine."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.live.publish import publish
from compute.commands import hold, policies, standing_orders, waves
from compute.commands.approve import open_for_sending
from compute.commands.policy import Ruling, Wish, rule
from compute.commands.preview import Line, Preview, preview
from compute.commands.refusal import Refused
from compute.commands.topics import topics_of
from compute.models import Command, Order, Verb
from sites import rights
from sites.models import Site

CONSOLE: Final = "console"
NOT_AFTER_S: Final = 900.0
LONGEST_S: Final = 86_400.0
LOCK: Final = 4_202_002


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for. request_id: made by the sender; sent twice, it is one order.

    hours: how long it is meant to last.   valid_s: after that nothing of it leaves any more.
    retry_of: the order whose failed commands these are.   wave_size: None takes the verb's.
    """

    request_id: uuid.UUID
    site: Site
    verb: str
    device_ids: tuple[int, ...]
    reason: str
    limit_w: int | None = None
    hours: float | None = None
    valid_s: float = NOT_AFTER_S
    source: str = "person"
    retry_of: Order | None = None
    wave_size: int | None = None


def request(wanted: Wanted, actor: User | None) -> Order:
    """The order. actor: None is the console itself. Raises Refused with the reason in words."""
    check(wanted, actor)
    with transaction.atomic():
        alone_with(wanted.request_id)
        found = earlier(wanted, actor)
        return found or new(wanted, actor)


def alone_with(request_id: uuid.UUID) -> None:
    """The same request sent at the same moment waits here, and then finds the order made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [str(request_id), LOCK])


def new(wanted: Wanted, actor: User | None) -> Order:
    now = database_now()  # before it is looked whether a hold stands: one placed after that covers the order
    seen = preview(wanted.site, wanted.verb, wanted.device_ids, wanted.limit_w, wanted.hours)
    if not seen.lines:
        raise Refused("no machine of these can take it: " + in_words(seen.skipped))
    ruling = rule(policies.limits_of(wanted.site, actor), wish_of(wanted, seen))
    if ruling.approvals is None:
        raise Refused(ruling.why)
    return write(wanted, actor, seen, ruling, now)


def check(wanted: Wanted, actor: User | None) -> None:
    if actor is not None and not rights.may(actor, rights.OPERATE, wanted.site):
        raise Refused("your role at this site does not allow it", is_right=True)
    if wanted.verb not in Verb.values:
        raise Refused(f"no machine can be told {wanted.verb}")
    if (wanted.verb == Verb.POWER_LIMIT) != (wanted.limit_w is not None and wanted.limit_w > 0):
        raise Refused("a power limit needs watts above 0, and nothing else takes any")
    if not wanted.reason.strip():
        raise Refused("say why")
    if wanted.hours is not None and not 0 < wanted.hours <= 8784:
        raise Refused("hours must be above 0 and at most a year")
    if not 0 < wanted.valid_s <= LONGEST_S:
        raise Refused("an order is valid for a day at most")


def earlier(wanted: Wanted, actor: User | None) -> Order | None:
    """The order of the same request, made before. Raises Refused where the id belongs to another one."""
    found = Order.objects.filter(request_id=wanted.request_id).select_related("site").first()
    if found is None:
        return None
    same = (found.site_id, found.verb, found.limit_w, found.requested_by_id)
    if same != (wanted.site.pk, wanted.verb, wanted.limit_w, actor.pk if actor else None):
        raise Refused("this request id belongs to another order")
    return found


def wish_of(wanted: Wanted, seen: Preview) -> Wish:
    return Wish(seen.change_w / 1000, wanted.hours, seen.risk_usd, is_held=hold.is_held(wanted.site))


def write(wanted: Wanted, actor: User | None, seen: Preview, ruling: Ruling, now: datetime) -> Order:
    size = wanted.wave_size or waves.SIZES[wanted.verb]
    order = Order.objects.create(
        request_id=wanted.request_id, site=wanted.site, verb=wanted.verb, limit_w=wanted.limit_w,
        source=wanted.source, is_automatic=actor is None, requested_by=actor, requested_at=now,
        reason=wanted.reason.strip()[:300], ruling=ruling.why, approvals_needed=ruling.approvals or 0,
        not_after=now + timedelta(seconds=wanted.valid_s), promised_w=seen.promised_w, hours=wanted.hours,
        risk_usd=seen.risk_usd, skipped=seen.skipped, wave_size=size, wave_gap_s=waves.GAPS_S[wanted.verb],
        waves=waves.count(len(seen.lines), size), retry_of=wanted.retry_of, meter_before_w=seen.meter_w,
        meter_before_at=now,
    )  # fmt: skip
    seen = write_commands(order, wanted, seen)
    if not ruling.approvals:
        open_for_sending(order, now)
    publish(*topics_of(order))
    audit.record(
        actor or CONSOLE, "order.requested", f"order/{order.pk}",
        {
            "site": wanted.site.code, "verb": order.verb, "limit_w": order.limit_w, "machines": len(seen.lines),
            "promised_w": round(seen.promised_w), "approvals_needed": order.approvals_needed, "ruling": ruling.why,
            "reason": order.reason, "request_id": str(order.request_id),
        },
    )  # fmt: skip
    return order


def write_commands(order: Order, wanted: Wanted, seen: Preview) -> Preview:
    """A command for each machine that no other order took meanwhile; the preview without those."""
    before, stood = failed_before(wanted), standing_orders.now_of(seen, order.verb)
    Command.objects.bulk_create(
        [command(order, line, place, before, stood) for place, line in enumerate(seen.lines)],
        batch_size=1000,
        ignore_conflicts=True,
    )
    taken = set(Command.objects.filter(order=order).values_list("device_id", flat=True))
    lines = tuple(line for line in seen.lines if line.device.pk in taken)
    if not lines:
        raise Refused("another order took these machines a moment ago")
    if len(lines) < len(seen.lines):
        seen = replace(seen, lines=lines)
        order.promised_w = seen.promised_w
        order.save(update_fields=["promised_w"])
    return seen


def failed_before(wanted: Wanted) -> dict[int | None, int]:
    if wanted.retry_of is None:
        return {}
    failed = wanted.retry_of.commands.filter(state=Command.State.FAILED)
    return dict(failed.values_list("device_id", "pk"))


def command(
    order: Order, line: Line, place: int, before: dict[int | None, int], stood: dict[int, int | None]
) -> Command:
    device = line.device
    return Command(
        order=order, device=device, place=f"{order.site.code}/{device.container.code}/{device.slot}",
        wave=waves.wave_of(place, order.wave_size), expected_w=line.promise.less_w,
        before_w=line.promise.now_w, retry_of_id=before.get(device.pk), limit_before_w=stood.get(device.pk),
    )  # fmt: skip


def in_words(skipped: dict[str, int]) -> str:
    return "; ".join(f"{reason} ({count})" for reason, count in skipped.items()) or "none named"


def retry(order: Order, request_id: uuid.UUID, actor: User, reason: str) -> Order:
    """A new order for what failed, with approvals of its own; what is unknown is left alone. Raises Refused."""
    if order.verb == Verb.SETPOINT:
        raise Refused("ask for a new setpoint: what the battery holds has changed since")
    failed = retryable(order)
    if not failed:
        found = Order.objects.filter(request_id=request_id, retry_of=order).first()
        if found is not None:
            return found
        raise Refused("nothing of it failed that was not tried again; what is unknown is never repeated")
    return request(
        Wanted(
            request_id, order.site, order.verb, tuple(failed), reason, order.limit_w, order.hours, retry_of=order,
            wave_size=order.wave_size,
        ),
        actor,
    )  # fmt: skip


def retryable(order: Order) -> Sequence[int]:
    """Machines whose command failed and has no retry yet."""
    rows = order.commands.filter(state=Command.State.FAILED, retry=None).exclude(device=None)
    return list(rows.values_list("device_id", flat=True))
