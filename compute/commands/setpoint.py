"""Asks for a setpoint of a battery: ruled on, approved, sent, held and confirmed like every other order.

It is absolute and ends by itself: a battery that nobody talks to any more rests.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction

from cango_ops.base import audit, clock
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.live.publish import publish
from cango_ops.units import W_PER_MW
from compute.commands import hold, policies, waves
from compute.commands.approve import open_for_sending
from compute.commands.policy import Ruling, Wish, rule
from compute.commands.preview import CENT, energy_usd
from compute.commands.refusal import Refused
from compute.commands.request import CONSOLE, LONGEST_S, NOT_AFTER_S, alone_with
from compute.commands.topics import topics_of
from compute.models import Command, Order, Verb
from sites import rights
from sites.metering import queries as metering
from sites.models import Battery

LONGEST_H: Final = 24.0
FRESH_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class WantedSetpoint:
    """power_w: above zero it gives, below zero it takes.   hours: then it rests.   valid_s: then nothing leaves."""

    request_id: uuid.UUID
    battery: Battery
    power_w: int
    hours: float
    reason: str
    valid_s: float = NOT_AFTER_S
    source: str = "person"


def request_setpoint(wanted: WantedSetpoint, actor: User | None) -> Order:
    """The order. actor: None is the console itself. Raises Refused with the reason in words."""
    check(wanted, actor)
    with transaction.atomic():
        alone_with(wanted.request_id)
        return earlier(wanted, actor) or new(wanted, actor)


def check(wanted: WantedSetpoint, actor: User | None) -> None:
    battery = wanted.battery
    if actor is not None and not rights.may(actor, rights.OPERATE, battery.site):
        raise Refused("your role at this site does not allow it", is_right=True)
    if battery.address is None:
        raise Refused("nobody can tell this battery anything: it has no address")
    if battery.soc_at is None or battery.power_w is None or clock.now() - battery.soc_at > FRESH_FOR:
        raise Refused("the battery has not said lately what it does")
    if not -battery.charge_mw * W_PER_MW <= wanted.power_w <= battery.discharge_mw * W_PER_MW:
        raise Refused("the battery can neither give nor take so much")
    if not 0 < wanted.hours <= LONGEST_H:
        raise Refused(f"hours must be above 0 and at most {LONGEST_H:g}")
    if not 0 < wanted.valid_s <= LONGEST_S:
        raise Refused("an order is valid for a day at most")
    if not wanted.reason.strip():
        raise Refused("say why")


def earlier(wanted: WantedSetpoint, actor: User | None) -> Order | None:
    """The order of the same request, made before. Raises Refused where the id belongs to another one."""
    found = Order.objects.filter(request_id=wanted.request_id).select_related("site").first()
    if found is None:
        return None
    same = (found.site_id, found.verb, found.setpoint_w, found.requested_by_id)
    if same != (wanted.battery.site_id, Verb.SETPOINT, wanted.power_w, actor.pk if actor else None):
        raise Refused("this request id belongs to another order")
    return found


def new(wanted: WantedSetpoint, actor: User | None) -> Order:
    now = database_now()  # before it is looked whether a hold stands: one placed after that covers the order
    site, less_w = wanted.battery.site, wanted.power_w - (wanted.battery.power_w or 0.0)
    wish = Wish(abs(less_w) / 1000, wanted.hours, risk(wanted), is_held=hold.is_held(site))
    ruling = rule(policies.limits_of(site, actor), wish)
    if ruling.approvals is None:
        raise Refused(ruling.why)
    try:
        with transaction.atomic():
            order = write(wanted, actor, ruling, less_w, wish.risk_usd, now)
    except IntegrityError as why:
        raise Refused("another command to this battery is open") from why
    if not ruling.approvals:
        open_for_sending(order, order.requested_at)
    publish(*topics_of(order))
    audit.record(
        actor or CONSOLE, "order.requested", f"order/{order.pk}",
        {
            "site": site.code, "verb": order.verb, "setpoint_w": order.setpoint_w, "hours": wanted.hours,
            "promised_w": round(less_w), "approvals_needed": order.approvals_needed, "ruling": ruling.why,
            "reason": order.reason, "request_id": str(order.request_id),
        },
    )  # fmt: skip
    return order


def write(
    wanted: WantedSetpoint, actor: User | None, ruling: Ruling, less_w: float, risk_usd: Decimal | None, now: datetime
) -> Order:
    site = wanted.battery.site
    order = Order.objects.create(
        request_id=wanted.request_id, site=site, verb=Verb.SETPOINT, setpoint_w=wanted.power_w, source=wanted.source,
        is_automatic=actor is None, requested_by=actor, requested_at=now, reason=wanted.reason.strip()[:300],
        ruling=ruling.why, approvals_needed=ruling.approvals or 0, not_after=now + timedelta(seconds=wanted.valid_s),
        promised_w=less_w, hours=wanted.hours, risk_usd=risk_usd, wave_size=waves.SIZES[Verb.SETPOINT], waves=1,
        meter_before_w=metering.power_now([site.pk])[site.pk].power_w, meter_before_at=now,
    )  # fmt: skip
    Command.objects.create(
        order=order, battery=wanted.battery, place=f"{site.code}/{wanted.battery.name}", wave=1, expected_w=less_w,
        before_w=wanted.battery.power_w,
    )  # fmt: skip
    return order


def risk(wanted: WantedSetpoint) -> Decimal | None:
    """What it may cost at most: the energy taken at the price of now, the wear of what is given."""
    mwh = abs(wanted.power_w) / W_PER_MW * wanted.hours
    if wanted.power_w < 0:
        return energy_usd(wanted.battery.site, mwh)
    return (Decimal(str(mwh)) * wanted.battery.wear_usd_per_mwh).quantize(CENT)
