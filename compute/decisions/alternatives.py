"""What else could be done, priced by solving again with the change forbidden or turned the other way. Pure.

Displayed dollars come from such second solves, never from duals: those know nothing of start costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from compute.switching.inputs import Floats, Site, Unit
from compute.switching.model import add_site
from compute.switching.plan import Plan
from compute.switching.planning import plan_of, tidied
from compute.switching.reprice import Priced, reprice
from compute.switching.sheet import Arrays, Sheet
from compute.switching.solve import Effort, solve

DUST = 1e-6


@dataclass(frozen=True, eq=False)
class Forced:
    """The best plan in which some units run as told for the first steps; None where no plan can."""

    plan: Plan | None
    priced: Priced | None

    @property
    def profit_usd(self) -> float | None:
        return None if self.priced is None else self.priced.profit_usd


def forced(
    site: Site, running: Mapping[str, Floats], steps: int, effort: Effort, *, battery_rests: bool = False
) -> Forced:
    """running: unit to how many modules run in each of its modes. battery_rests: it neither charges nor discharges
    in these steps."""
    sheet = Sheet()
    layout = add_site(sheet, site)
    arrays = sheet.arrays()
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for unit, columns in zip(site.units, layout.units, strict=True):
        if unit.id in running:
            held = columns.modes[:, :steps]
            lower[held] = upper[held] = running[unit.id][:, None]
    if battery_rests and layout.battery is not None:
        for flow in (layout.battery.charge, layout.battery.discharge):
            upper[flow[:steps]] = 0.0
    return solved(site, layout, Arrays(**{**vars(arrays), "lower": lower, "upper": upper}), effort)


def solved(site: Site, layout: object, arrays: Arrays, effort: Effort) -> Forced:
    solution = solve(arrays, effort)
    if not len(solution.values):
        return Forced(None, None)
    plan = tidied(site, plan_of(site, layout, solution.values))  # type: ignore[arg-type]
    priced = reprice(site, plan)
    return Forced(None, None) if priced.broken else Forced(plan, priced)


def now_running(unit: Unit) -> Floats:
    """What runs before the first step: modules that are on are taken to run in the unit's strongest mode."""
    running = np.zeros(len(unit.modes))
    running[int(unit.facility_mw.argmax())] = unit.on_before
    return running


def keep(site: Site, steps: int, effort: Effort) -> Forced:
    """The best that can be made of going on as now for so many steps. A limit that today's load breaks is no rule."""
    running = {unit.id: now_running(unit) for unit in site.units}
    load = float(site.base_load_mw[:steps].max(initial=0.0)) + sum(
        float(unit.facility_mw @ running[unit.id]) for unit in site.units
    )
    roomy = replace(site, limit_mw=np.maximum(site.limit_mw, load), ramp=None)
    return forced(roomy, running, steps, effort, battery_rests=True)


def always_on(site: Site) -> Plan:
    """Everything on in its strongest mode as far as the limit allows, the dearest per MWh first; the battery rests."""
    room = np.minimum(site.limit_mw, site.grid.import_limit_mw + site.solar_mw) - site.base_load_mw
    modules = {}
    for unit in sorted(site.units, key=lambda one: -worth(site, one)):
        strongest = int(unit.facility_mw.argmax())
        fits = np.clip(room / max(float(unit.facility_mw[strongest]), DUST), 0.0, unit.count)
        modules[unit.id] = np.zeros((len(unit.modes), site.steps))
        modules[unit.id][strongest] = fits
        room = room - fits * unit.facility_mw[strongest]
    nothing = np.zeros(site.steps)
    return Plan(modules, nothing, nothing, site.solar_mw.copy() * 0.0)


def worth(site: Site, unit: Unit) -> float:
    """Dollars a MWh that a unit earns now at its best, before power."""
    if not site.steps:
        return 0.0
    return float(usd_per_mwh(site, unit, 0).max(initial=0.0))


def usd_per_mwh(site: Site, unit: Unit, step: int) -> Floats:
    """Dollars a MWh of each of a unit's modes in a step, before power."""
    power = np.maximum(unit.facility_mw, DUST)
    if unit.ai is None:
        return unit.hash_ph * site.hashprice_usd_per_ph_day[step] / 24 / power
    return unit.nodes * unit.ai.price_usd_per_node_h[step] / power
