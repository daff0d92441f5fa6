"""A plan: what runs in each step. Everything else (import, profit) follows from it and is worked out by `reprice`."""

from dataclasses import dataclass, field

import numpy as np

from compute.switching.inputs import Floats, Limits, Site, Unit


@dataclass(frozen=True, eq=False)
class Plan:
    """modules: per unit an array (its modes, steps) of how many modules run in each mode; the rest is off.

    standing: of units with power limits, how many modules have each mode, those that are off too. A unit that is not
    in it keeps its limits as they are.
    """

    modules: dict[str, Floats]
    charge_mw: Floats
    discharge_mw: Floats
    solar_used_mw: Floats
    standing: dict[str, Floats] = field(default_factory=dict)


def unit_load_mw(plan: Plan, unit: Unit) -> Floats:
    load: Floats = unit.facility_mw @ plan.modules[unit.id]
    return load


def standing_of(plan: Plan, unit: Unit, limits: Limits) -> Floats:
    """Modules that have each mode, in each step."""
    found = plan.standing.get(unit.id)
    if found is not None:
        return found
    return np.repeat(np.array(limits.standing)[:, None], plan.modules[unit.id].shape[1], axis=1)


def load_mw(site: Site, plan: Plan) -> Floats:
    """Base load and all units; the battery is not load."""
    total = site.base_load_mw.copy()
    for unit in site.units:
        total += unit_load_mw(plan, unit)
    return total


def net_mw(site: Site, plan: Plan) -> Floats:
    """What crosses the meter: import above zero, export below."""
    return load_mw(site, plan) + plan.charge_mw - plan.discharge_mw - plan.solar_used_mw


def mode_indexes(plan: Plan, unit: Unit) -> list[int]:
    """The mode of a unit that switches as one, in each step; 0 is off."""
    weights = np.arange(1, len(unit.modes) + 1)
    return [int(index) for index in np.rint(weights @ plan.modules[unit.id])]


def of_mode_indexes(unit: Unit, indexes: list[int]) -> Floats:
    """The modules array of a unit that switches as one, from its modes."""
    running = np.array([[float(index == mode) for index in indexes] for mode in range(1, len(unit.modes) + 1)])
    return running.reshape(len(unit.modes), len(indexes))
