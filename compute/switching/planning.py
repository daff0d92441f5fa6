"""A site's plan: the optimum where the solver finds and proves it, else the next best that keeps every rule.

Order: the solver's plan, the last plan, the merit order, the safe state. Each is re-priced by `reprice`, which shares
nothing with the model, and leaves only if it breaks no rule. A plan that the solver had to break off gives way to the
first of the others that earns more.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from compute.switching.inputs import Floats, Site, Switching
from compute.switching.limit_rows import standing_at
from compute.switching.merit_order import merit_order, safe_state
from compute.switching.model import Layout, add_site
from compute.switching.plan import Plan, net_mw
from compute.switching.reprice import Priced, reprice
from compute.switching.sheet import Arrays, Sheet
from compute.switching.solve import Effort, Outcome, Solution, solve
from compute.switching.windows import LONGEST_WHOLE, guide_of, in_windows

AGREES_SHARE, AGREES_USD = 1e-6, 0.01
WHOLE_ENOUGH = 1e-9
IN_WINDOWS = "planned window by window:"


class Source(Enum):
    SOLVER = "solver"
    LAST_PLAN = "last plan"
    MERIT_ORDER = "merit order"
    SAFE_STATE = "safe state"


@dataclass(frozen=True, eq=False)
class Planned:
    """What became of planning. plan is None only when nothing keeps the rules. gap_usd: nobody can earn more than
    this beside the plan; None where nothing proves it. words: why it is not the solver's optimum, else empty."""

    outcome: Outcome
    source: Source | None
    plan: Plan | None
    priced: Priced | None
    gap_usd: float | None
    words: str = ""


def plan_site(site: Site, effort: Effort = Effort(), last: Plan | None = None) -> Planned:  # noqa: B008 - frozen
    """The best plan of a site that keeps every rule."""
    optimised = optimise(site, effort) if site.steps <= LONGEST_WHOLE else optimise_long(site, effort)
    if optimised.outcome in (Outcome.OPTIMAL, Outcome.INFEASIBLE):
        return optimised
    for source, plan in stand_ins(site, last):
        priced = reprice(site, plan)
        if optimised.priced is not None and priced.profit_usd <= optimised.priced.profit_usd:
            continue
        if not priced.broken:
            return stood_in(optimised, source, plan, priced)
    return optimised


def stood_in(optimised: Planned, source: Source, plan: Plan, priced: Priced) -> Planned:
    """A stand-in's plan; the solver's bound holds for it too, where the solver came that far."""
    gap = None
    if optimised.gap_usd is not None and optimised.priced is not None:
        gap = optimised.gap_usd + optimised.priced.profit_usd - priced.profit_usd
    return Planned(Outcome.FEASIBLE, source, plan, priced, gap, optimised.words)


def stand_ins(site: Site, last: Plan | None) -> Iterator[tuple[Source, Plan]]:
    if last is not None:
        yield Source.LAST_PLAN, last
    yield Source.MERIT_ORDER, merit_order(site)
    yield Source.SAFE_STATE, safe_state(site)


def optimise(site: Site, effort: Effort, *, throughout: bool = False) -> Planned:
    """The solver's plan, doubted; without a plan when it found none or its plan does not hold. throughout: see
    `add_site`."""
    if not site.steps:
        return nothing_to_decide(site)
    sheet = Sheet()
    layout = add_site(sheet, site, throughout=throughout)
    arrays = sheet.arrays()
    if why := impossible(site):
        return Planned(Outcome.INFEASIBLE, None, None, None, None, why)
    solution = solve(arrays, effort)
    if not len(solution.values):
        words = no_way(site) if solution.outcome is Outcome.INFEASIBLE else solution.words
        return Planned(solution.outcome, None, None, None, None, words)
    plan = tidied(site, plan_of(site, layout, settled(arrays, solution, effort)))
    priced = reprice(site, plan)
    if why := doubt(priced, solution):
        if site.battery is not None and not throughout:
            # It may have charged and discharged at once, to be empty when power is paid for being taken.
            return optimise(site, effort, throughout=True)
        return Planned(Outcome.FAILED, None, None, None, None, why)
    gap = max(0.0, solution.bound_usd - priced.profit_usd) if math.isfinite(solution.bound_usd) else None
    words = "" if solution.outcome is Outcome.OPTIMAL else solution.words
    return Planned(solution.outcome, Source.SOLVER, plan, priced, gap, words)


def optimise_long(site: Site, effort: Effort) -> Planned:
    """A plan made window by window, with the bound of the whole horizon's linear model; see `windows`."""
    if why := impossible(site):
        return Planned(Outcome.INFEASIBLE, None, None, None, None, why)
    if any(unit.limits is not None for unit in site.units):
        words = f"power limits are not planned over more than {LONGEST_WHOLE} steps"
        return Planned(Outcome.FAILED, None, None, None, None, words)
    guide = guide_of(site, effort)
    if isinstance(guide, Solution):
        return Planned(guide.outcome, None, None, None, None, guide.words)
    plan = in_windows(site, guide, effort, lambda window, less: plan_site(window, less).plan)
    if plan is None:
        return Planned(Outcome.FAILED, None, None, None, None, "a window of the long horizon found no plan")
    priced = reprice(site, plan)
    if priced.broken:
        return Planned(Outcome.FAILED, None, None, None, None, f"{IN_WINDOWS} it breaks a rule: {priced.broken[0]}")
    gap = max(0.0, guide.bound_usd - priced.profit_usd)
    if gap <= max(effort.gap_usd, effort.gap_share * abs(priced.profit_usd)):
        return Planned(Outcome.OPTIMAL, Source.SOLVER, plan, priced, gap)
    words = f"{IN_WINDOWS} {site.steps} steps are too many for one whole model"
    return Planned(Outcome.FEASIBLE, Source.SOLVER, plan, priced, gap, words)


def nothing_to_decide(site: Site) -> Planned:
    nothing = np.zeros(0)
    plan = Plan({unit.id: np.zeros((len(unit.modes), 0)) for unit in site.units}, nothing, nothing, nothing)
    return Planned(Outcome.OPTIMAL, Source.SOLVER, plan, reprice(site, plan), 0.0)


def impossible(site: Site) -> str:
    """What makes every plan break a rule, where it can be said without solving; else empty."""
    most = site.grid.import_limit_mw + site.solar_mw + (site.battery.discharge_mw if site.battery else 0.0)
    if (site.base_load_mw > site.limit_mw).any():
        return "the base load alone is above the site limit"
    if (site.base_load_mw > most).any():
        return "the base load is above everything that can be drawn"
    return ""


def no_way(site: Site) -> str:
    """Where no plan keeps the rules: what the least that can run breaks."""
    broken = reprice(site, safe_state(site)).broken
    return f"with everything off that may be off, {broken[0]}" if broken else "no plan keeps every rule"


def settled(arrays: Arrays, solution: Solution, effort: Effort) -> Floats:
    """The values with whole columns exactly whole: the rest is solved again where rounding moved anything."""
    whole = np.flatnonzero(arrays.whole)
    rounded = np.rint(solution.values[whole])
    if np.abs(rounded - solution.values[whole]).max(initial=0.0) <= WHOLE_ENOUGH:
        return solution.values
    again = solve(fixed(arrays, solution.values), effort)
    return again.values if len(again.values) else solution.values


def fixed(arrays: Arrays, values: Floats) -> Arrays:
    """The linear model that is left when every whole column stays where the values have it."""
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    whole = np.flatnonzero(arrays.whole)
    lower[whole] = upper[whole] = np.rint(values[whole])
    parts = {**vars(arrays), "lower": lower, "upper": upper, "whole": np.zeros_like(arrays.whole)}
    return Arrays(**parts)


def plan_of(site: Site, layout: Layout, values: Floats) -> Plan:
    nothing = np.zeros(site.steps)
    modules = {
        unit.id: values[columns.modes].clip(0.0, unit.count)
        for unit, columns in zip(site.units, layout.units, strict=True)
    }
    for unit in site.units:
        if unit.switching is Switching.MODE:
            modules[unit.id] = np.rint(modules[unit.id])
    battery = layout.battery
    return Plan(
        modules=modules,
        charge_mw=values[battery.charge] if battery else nothing,
        discharge_mw=values[battery.discharge] if battery else nothing,
        solar_used_mw=values[layout.meter.solar].clip(0.0, site.solar_mw),
        standing={
            unit.id: standing_at(unit, values[columns.limits.levels])
            for unit, columns in zip(site.units, layout.units, strict=True)
            if columns.limits is not None
        },
    )


def tidied(site: Site, plan: Plan) -> Plan:
    """The same plan with charge and discharge netted: both at once can be a tie of the model, never a deed.

    What crosses the grid's side stays; the battery then loses less than the model had it lose, so that later charging
    stops where it is full.
    """
    battery = site.battery
    if battery is None or not ((plan.charge_mw > 0) & (plan.discharge_mw > 0)).any():
        return plan
    flow = plan.charge_mw - plan.discharge_mw
    charge = np.minimum(np.maximum(flow, 0.0), battery.charge_mw)
    discharge = np.minimum(np.maximum(-flow, 0.0), battery.discharge_mw)
    content = battery.soc0_mwh
    for step, hours in enumerate(site.hours):
        charge[step] = min(charge[step], max(0.0, battery.capacity_mwh - content) / battery.eta_charge / hours)
        content += (charge[step] * battery.eta_charge - discharge[step] / battery.eta_discharge) * hours
    netted = replace(plan, charge_mw=charge, discharge_mw=discharge)
    return spilled(site, netted, np.maximum(-net_mw(site, plan), 0.0))


def spilled(site: Site, plan: Plan, exported_mw: Floats) -> Plan:
    """The same plan exporting no more than that, as far as solar power can be let go."""
    beyond = np.maximum(np.maximum(-net_mw(site, plan), 0.0) - exported_mw, 0.0)
    return replace(plan, solar_used_mw=plan.solar_used_mw - np.minimum(beyond, plan.solar_used_mw))


def doubt(priced: Priced, solution: Solution) -> str:
    """Why the solver's plan is not believed; empty when it is. Earning more than it said is no reason."""
    if priced.broken:
        return "the solver's plan breaks a rule: " + priced.broken[0]
    missing = solution.profit_usd - priced.profit_usd
    if missing > AGREES_USD + AGREES_SHARE * abs(solution.profit_usd):
        return f"the solver's plan earns ${missing:.2f} less than the solver said"
    return ""
