"""What else could be done, each priced by its own solve, never by duals: those know nothing of start costs. Pure."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from compute.switching.counterfactual import Block, Counterfactual, without_block
from compute.switching.inputs import BATTERY, Floats, Site, Unit
from compute.switching.merit_order import merit_order
from compute.switching.plan import Plan
from compute.switching.reprice import reprice
from compute.switching.solve import Effort

DUST = 1e-6


@dataclass(frozen=True)
class Alternative:
    """Another way. loss_usd: how much less it earns than the plan; None where the rules do not allow it."""

    name: str
    profit_usd: float | None
    loss_usd: float | None

    def as_json(self) -> dict[str, Any]:
        cents = {"profit_usd": self.profit_usd, "loss_usd": self.loss_usd}
        return {"name": self.name} | {key: None if usd is None else round(usd, 2) for key, usd in cents.items()}


def present(site: Site) -> dict[str, Floats]:
    """What runs before the first step; where modes are no orders, modules are taken to run in the strongest one."""
    return {unit.id: running(unit) for unit in site.units}


def running(unit: Unit) -> Floats:
    if unit.limits is not None:
        return np.array(unit.limits.running)
    modules = np.zeros(len(unit.modes))
    modules[int(unit.facility_mw.argmax())] = unit.on_before
    return modules


def roomy(site: Site) -> Site:
    """The site with limits that what runs now keeps: going on as now must always be possible to compare with."""
    load = float(site.base_load_mw.max(initial=0.0)) + sum(
        float(unit.facility_mw @ running(unit)) for unit in site.units
    )
    drawn = load + (max(site.battery.now_mw, 0.0) if site.battery else 0.0)
    grid = replace(site.grid, import_limit_mw=max(site.grid.import_limit_mw, drawn))
    return replace(site, limit_mw=np.maximum(site.limit_mw, load), grid=grid, ramp=None)


def keeping(site: Site, plan: Plan, units: tuple[str, ...], steps: int, effort: Effort) -> Counterfactual:
    """The plan against the best in which these units go on as now for so many steps.

    A battery that cannot go on so long as it does now, full or empty before the end, is compared with one at rest.
    """
    block = Block(0, max(1, steps), units)
    found = without_block(roomy(site), plan, block, present(site), effort)
    if found.without is not None or site.battery is None or BATTERY not in units:
        return found
    resting = replace(site, battery=replace(site.battery, now_mw=0.0))
    return without_block(roomy(resting), plan, block, present(site), effort)


def alternatives(site: Site, plan: Plan, units: tuple[str, ...], steps: int, effort: Effort) -> list[Alternative]:
    """Going on as now with each of the moved units alone, the merit order, and everything on."""
    best = reprice(site, plan).profit_usd
    found = [of_profit("the merit order", plan_usd(site, merit_order(site)), best)]
    found.append(of_profit("everything on", plan_usd(site, always_on(site)), best))
    if len(units) > 1:
        for name in units:
            other = keeping(site, plan, (name,), steps, effort).without
            found.append(of_profit(f"leave {name} as it is", other.profit_usd if other else None, best))
    return found


def of_profit(name: str, profit: float | None, best: float) -> Alternative:
    return Alternative(name, profit, None if profit is None else best - profit)


def plan_usd(site: Site, plan: Plan) -> float | None:
    priced = reprice(site, plan)
    return None if priced.broken else priced.profit_usd


def always_on(site: Site) -> Plan:
    """Everything on in its strongest mode, or under the limit that it has, as far as the site's limit allows, the
    dearest per MWh first.

    Nodes that nobody asks for stay off, and the battery rests.
    """
    room = np.minimum(site.limit_mw, site.grid.import_limit_mw + site.solar_mw) - site.base_load_mw
    modules = {unit.id: np.zeros((len(unit.modes), site.steps)) for unit in site.units}
    for unit in sorted(site.units, key=lambda one: -worth(site, one)):
        for mode, count in standing(unit):
            most = np.full(site.steps, count) if unit.ai is None else np.minimum(unit.ai.demand_nodes, count)
            fits = np.clip(room / max(float(unit.facility_mw[mode]), DUST), 0.0, most)
            modules[unit.id][mode] = fits
            room = room - fits * unit.facility_mw[mode]
    nothing = np.zeros(site.steps)
    load = site.base_load_mw + sum((unit.facility_mw @ modules[unit.id] for unit in site.units), np.zeros(site.steps))
    return Plan(modules, nothing, nothing, np.minimum(site.solar_mw, load))


def standing(unit: Unit) -> list[tuple[int, float]]:
    """(mode, modules) of everything that a unit could run without an order about limits."""
    if unit.limits is None:
        return [(int(unit.facility_mw.argmax()), unit.count)]
    return list(enumerate(unit.limits.standing))[::-1]


def worth(site: Site, unit: Unit) -> float:
    """Dollars a MWh that a unit earns now at its best, before power."""
    return float(usd_per_mwh(site, unit, 0).max(initial=0.0)) if site.steps else 0.0


def usd_per_mwh(site: Site, unit: Unit, step: int) -> Floats:
    """Dollars a MWh of each of a unit's modes in a step, before power."""
    power = np.maximum(unit.facility_mw, DUST)
    if unit.ai is None:
        return unit.hash_ph * site.hashprice_usd_per_ph_day[step] / 24 / power
    return unit.nodes * unit.ai.price_usd_per_node_h[step] / power
