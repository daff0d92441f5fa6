"""A horizon too long for one whole model, planned window by window: a year of hours in seconds.

The linear model of the whole horizon comes first. It bounds what any plan can earn, and says what single windows cannot
know: the peak worth paying for, what a MWh of the take-or-pay block is worth, and what the battery's content is worth
at each window's end. Then each window is solved with whole columns from the state that the one before left, with a look
beyond its own end.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from compute.switching.carry import State, after, entering, state_of
from compute.switching.inputs import Ai, DemandCharge, Floats, Grid, Ramp, Site, Sla, Unit
from compute.switching.model import Layout, add_site
from compute.switching.plan import Plan, load_mw, net_mw
from compute.switching.sheet import Sheet
from compute.switching.solve import Effort, Outcome, Solution, solve

LONGEST_WHOLE = 1_500
WINDOW, BEYOND = 72, 24
WINDOW_GAP_USD, WINDOW_GAP_SHARE, LEAST_S = 0.05, 1e-3, 0.2
# The plan of a window, None where there is none.
Planner: TypeAlias = Callable[[Site, Effort], Plan | None]


@dataclass(frozen=True, eq=False)
class Guide:
    """What the linear model of the whole says. peaks_mw: of each demand charge. block_usd_mwh: what a MWh taken saves
    of the block. content_usd_mwh: what a MWh in the battery is worth at each step's end."""

    bound_usd: float
    peaks_mw: tuple[float, ...]
    block_usd_mwh: float
    content_usd_mwh: Floats


def guide_of(site: Site, effort: Effort) -> Guide | Solution:
    """The guide, or how the linear model ended without one."""
    sheet = Sheet()
    layout = add_site(sheet, site)
    arrays = sheet.arrays()
    solution = solve(replace(arrays, whole=np.zeros_like(arrays.whole)), effort)
    if solution.outcome is not Outcome.OPTIMAL:
        return solution
    imported = solution.values[layout.meter.imported]
    peaks = tuple(highest(charge, imported, charge.peak_so_far_mw) for charge in site.grid.demand_charges)
    block = 0.0 if layout.block is None else float(solution.row_duals[layout.block][0])
    return Guide(solution.profit_usd, peaks, abs(block), content_usd_mwh(site, layout, solution))


def highest(charge: DemandCharge, imported: Floats, so_far_mw: float) -> float:
    return max(so_far_mw, float(imported[charge.in_window].max(initial=0.0)))


def content_usd_mwh(site: Site, layout: Layout, solution: Solution) -> Floats:
    """By the duals of the content's rows: what a MWh given to the battery in the next step would earn."""
    if layout.battery is None:
        return np.zeros(site.steps)
    given: Floats = solution.row_duals[layout.battery.rows]
    return np.append(given[1:], 0.0).clip(0.0)


def effort_of(site: Site, effort: Effort) -> Effort:
    """A window may take twice its part of the time: most take none of it."""
    share = 2 * effort.time_limit_s * WINDOW / site.steps
    return Effort(max(LEAST_S, share), max(WINDOW_GAP_USD, effort.gap_usd), max(WINDOW_GAP_SHARE, effort.gap_share))


def steps_beyond(site: Site) -> int:
    """How far a window looks beyond its end: a minimum time that begins in it must be able to end."""
    longest_h = max((max(unit.min_up_h, unit.min_down_h) for unit in site.units), default=0.0)
    return max(BEYOND, math.ceil(longest_h / float(site.hours.min())))


def in_windows(site: Site, guide: Guide, effort: Effort, plan_window: Planner) -> Plan | None:
    """The plan of the whole horizon; None where a window found none."""
    less, beyond = effort_of(site, effort), steps_beyond(site)
    state, peaks, parts = state_of(site), guide.peaks_mw, list[Plan]()
    load_before = site.ramp.load_before_mw if site.ramp else 0.0
    for at in range(0, site.steps, WINDOW):
        own = min(WINDOW, site.steps - at)
        window = window_of(site, guide, peaks, slice(at, min(at + own + beyond, site.steps)))
        if window.ramp is not None:
            window = replace(window, ramp=Ramp(window.ramp.mw_per_h, load_before))
        window = entering(window, state)
        plan = plan_window(window, less)
        if plan is None:
            return None
        imported = np.maximum(net_mw(window, plan), 0.0)[:own]
        peaks = tuple(
            highest(replace(charge, in_window=charge.in_window[:own]), imported, peak)
            for charge, peak in zip(window.grid.demand_charges, peaks, strict=True)
        )
        load_before = float(load_mw(window, plan)[own - 1])
        parts.append(first_steps(plan, own))
        state = moved(state, window, parts[-1])
    return joined(parts)


def window_of(site: Site, guide: Guide, peaks_mw: Sequence[float], span: slice) -> Site:
    """Some of the steps, with what the guide says of the others in prices and peaks."""
    is_last = span.stop == site.steps
    battery = site.battery
    if battery is not None and not is_last:
        worth = float(guide.content_usd_mwh[span.stop - 1])
        battery = replace(battery, soc_end_min_mwh=0.0, end_value_usd_mwh=worth)
    return replace(
        site,
        hours=site.hours[span],
        hashprice_usd_per_ph_day=site.hashprice_usd_per_ph_day[span],
        base_load_mw=site.base_load_mw[span],
        limit_mw=site.limit_mw[span],
        grid=grid_of(site.grid, guide, peaks_mw, span),
        solar_mw=site.solar_mw[span],
        units=tuple(unit_of(unit, span) for unit in site.units),
        battery=battery,
        dr_events=tuple(
            replace(event, step=event.step - span.start)
            for event in site.dr_events
            if span.start <= event.step < span.stop
        ),
        reserves=tuple(replace(one, usd_per_mw_h=one.usd_per_mw_h[span]) for one in site.reserves),
        nodes_limit=None if site.nodes_limit is None else site.nodes_limit[span],
    )


def grid_of(grid: Grid, guide: Guide, peaks_mw: Sequence[float], span: slice) -> Grid:
    peak = grid.coincident_usd_per_mw
    return replace(
        grid,
        import_price_usd_mwh=grid.import_price_usd_mwh[span] - guide.block_usd_mwh,
        export_price_usd_mwh=grid.export_price_usd_mwh[span],
        demand_charges=tuple(
            DemandCharge(charge.usd_per_mw, so_far, charge.in_window[span])
            for charge, so_far in zip(grid.demand_charges, peaks_mw, strict=True)
        ),
        take_or_pay=None,
        coincident_usd_per_mw=None if peak is None else peak[span],
    )


def unit_of(unit: Unit, span: slice) -> Unit:
    if unit.ai is None:
        return unit
    ai = unit.ai
    sla = Sla(ai.sla.min_nodes[span], ai.sla.penalty_usd_per_node_h) if ai.sla else None
    return replace(unit, ai=Ai(ai.price_usd_per_node_h[span], ai.demand_nodes[span], sla))


def first_steps(plan: Plan, steps: int) -> Plan:
    return Plan(
        {name: running[:, :steps] for name, running in plan.modules.items()},
        plan.charge_mw[:steps],
        plan.discharge_mw[:steps],
        plan.solar_used_mw[:steps],
    )


def moved(state: State, window: Site, done: Plan) -> State:
    """The state after the steps that were done of a window."""
    soc, battery = state.soc_mwh, window.battery
    for step in range(len(done.charge_mw)):
        hours = float(window.hours[step])
        if battery is not None:
            flow = done.charge_mw[step] * battery.eta_charge - done.discharge_mw[step] / battery.eta_discharge
            soc = min(max(soc + float(flow) * hours, 0.0), battery.capacity_mwh)
        on = [float(done.modules[unit.id][:, step].sum()) for unit in window.units]
        state = after(state, window.units, on, hours, soc)
    return state


def joined(parts: Sequence[Plan]) -> Plan:
    return Plan(
        {name: np.concatenate([part.modules[name] for part in parts], axis=1) for name in parts[0].modules},
        np.concatenate([part.charge_mw for part in parts]),
        np.concatenate([part.discharge_mw for part in parts]),
        np.concatenate([part.solar_used_mw for part in parts]),
    )
