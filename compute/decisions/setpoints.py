"""The orders of a move of the site's batteries: a setpoint for each that can be told one, until the decision's end."""

import math
import uuid
from functools import partial
from typing import Any

from cango_ops.base import clock
from cango_ops.base.models import User
from cango_ops.units import W_PER_MW
from compute.commands.setpoint import WantedSetpoint, request_setpoint
from compute.decisions.asking import Ask, refuse, source_of
from compute.decisions.batteries import Room, shared
from compute.decisions.behind_the_meter import SOC_GOOD_FOR
from compute.models import Decision, Order
from compute.switching.inputs import BATTERY
from sites.models import Battery


def setpoints_of(decision: Decision, one: dict[str, Any], valid: float) -> list[Ask]:
    """An order for each battery that can be told, by how much it can still take or give."""
    fresh = clock.now() - SOC_GOOD_FOR
    rows = Battery.objects.filter(site=decision.site, address__isnull=False, power_w__isnull=False, soc_at__gte=fresh)
    batteries = list(rows.select_related("site").order_by("name"))
    takes = one["to"]
    parts = shared(abs(takes), [room_of(row, takes) for row in batteries])
    told = [(row, math.copysign(part, -takes)) for row, part in zip(batteries, parts, strict=True)]
    moved = [(row, mw) for row, mw in told if mw or row.power_w]
    if not moved:
        return [partial(refuse, "no battery of the site can be told anything")]
    return [partial(setpoint_of, decision, row, mw, valid) for row, mw in moved]


def room_of(row: Battery, takes: float) -> Room:
    content = row.soc_mwh or 0.0
    if takes > 0:
        return Room(float(row.charge_mw), (float(row.capacity_mwh) - content) / row.eta_charge)
    return Room(float(row.discharge_mw), content * row.eta_discharge)


def setpoint_of(decision: Decision, battery: Battery, gives_mw: float, valid: float, actor: User | None) -> Order:
    """Until the decision's end; afterwards the battery rests by itself."""
    wanted = WantedSetpoint(
        request_id=uuid.uuid5(decision.request_id, f"{BATTERY}/{battery.pk}"),
        battery=battery,
        power_w=round(gives_mw * W_PER_MW),
        hours=valid / 3600,
        reason=f"decision {decision.pk}: {decision.sentence}"[:300],
        valid_s=min(valid, 900.0),
        source=source_of(decision),
    )
    return request_setpoint(wanted, actor)
