"""Power by tier and mode: what each draws now, what the plan gives it, and what a MWh earns in it. Pure."""

from typing import Any, Final

import numpy as np

from compute.decisions.alternatives import running, usd_per_mwh
from compute.switching.inputs import Floats, Site, Unit
from compute.switching.plan import Plan

KEPT: Final = 4
DUST: Final = 1e-9


def tiers(site: Site, plan: Plan) -> list[dict[str, Any]]:
    """Each unit with its modes, the weakest first.

    machines, mw: that run now.   asleep: under this limit, None where limits are no orders.   planned_mw: of each step.
    last_usd_per_mwh: what a MWh earns that goes from the next weaker mode into this one.
    """
    return [
        {"name": unit.id, "use": "mining" if unit.ai is None else "ai", "modes": modes(site, unit, plan)}
        for unit in site.units
        if unit.count > 0
    ]


def modes(site: Site, unit: Unit, plan: Plan) -> list[dict[str, Any]]:
    on, power = running(unit), unit.facility_mw
    planned = plan.modules[unit.id]
    worth, last = usd_per_mwh(site, unit, 0), last_usd_per_mwh(site, unit)
    return [
        {
            "name": mode.name, "limit_w": mode.limit_w, "machine_w": round(mode.power_mw * 1e6),
            "machine_ths": round(mode.hash_ph * 1000, 2), "machines": round(float(on[at])), "asleep": asleep(unit, at),
            "machines_planned": round(float(planned[at, 0])), "mw": rounded(on[at] * power[at]),
            "planned_mw": [rounded(one) for one in planned[at] * power[at]],
            "usd_per_mwh": rounded(worth[at]), "last_usd_per_mwh": rounded(last[at]),
        }
        for at, mode in enumerate(unit.modes)
    ]  # fmt: skip


def rounded(value: float) -> float:
    return round(float(value), KEPT) + 0.0


def asleep(unit: Unit, mode: int) -> int | None:
    if unit.limits is None:
        return None
    return round(unit.limits.standing[mode] - unit.limits.running[mode])


def last_usd_per_mwh(site: Site, unit: Unit) -> Floats:
    """Revenue over power of each mode beside the next weaker one; of the weakest beside rest."""
    power = unit.facility_mw
    usd = usd_per_mwh(site, unit, 0) * power
    found: Floats = np.diff(usd, prepend=0.0) / np.maximum(np.diff(power, prepend=0.0), DUST)
    return found
