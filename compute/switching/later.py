"""The last plan, as it looks from a later window: what stands in first when there is no new one."""

import numpy as np

from compute.switching.inputs import Battery, Floats, Site
from compute.switching.plan import Plan, load_mw
from compute.switching.storage_rule import solar_use_mw


def later(plan: Plan, hours: Floats, site: Site, elapsed_h: float) -> Plan:
    """The plan of steps of those hours, moved onto the steps of a site that begins elapsed_h later.

    Modules run on as in the step into which a new step's beginning falls, after the plan's end as in its last; the
    battery does what was planned as far as its present content allows, and rests after the end.
    """
    at, is_planned = steps_at(hours, site.begin_h + elapsed_h)
    modules = {name: running[:, at] for name, running in plan.modules.items()}
    charge = discharge = np.zeros(site.steps)
    if site.battery is not None:
        flows = (np.where(is_planned, flow[at], 0.0) for flow in (plan.charge_mw, plan.discharge_mw))
        charge, discharge = as_content_allows(site, site.battery, *flows)
    standing = {name: limits[:, at] for name, limits in plan.standing.items()}
    moved = Plan(modules, charge, discharge, np.zeros(site.steps), standing)
    net = load_mw(site, moved) + charge - discharge
    solar = [float(solar_use_mw(site, net[step : step + 1], step)[0]) for step in range(site.steps)]
    return Plan(modules, charge, discharge, np.array(solar), standing)


def steps_at(hours: Floats, moments_h: Floats) -> tuple[np.ndarray, np.ndarray]:
    """The step of the plan at each moment, the last one after its end, and whether it is before the end."""
    ends = np.cumsum(hours)
    at = np.searchsorted(ends, moments_h + 1e-9, side="right")
    return np.minimum(at, len(hours) - 1), at < len(hours)


def as_content_allows(site: Site, battery: Battery, charge: Floats, discharge: Floats) -> tuple[Floats, Floats]:
    """The flows, each no more than what the battery can still take or give at its step."""
    charge, discharge, soc = charge.copy(), discharge.copy(), battery.soc0_mwh
    for step, hours in enumerate(site.hours):
        charge[step] = min(charge[step], max(0.0, battery.capacity_mwh - soc) / battery.eta_charge / hours)
        discharge[step] = min(discharge[step], soc * battery.eta_discharge / hours)
        soc += (charge[step] * battery.eta_charge - discharge[step] / battery.eta_discharge) * hours
        soc = min(max(soc, 0.0), battery.capacity_mwh)
    return charge, discharge
