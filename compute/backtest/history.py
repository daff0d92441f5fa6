"""A site's past: what really happened, and what was known of it in each hour."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from compute.switching.inputs import SLACK_H, Ai, Battery, Floats, Grid, Site, Sla, Unit

# How much of the gap between real time and day ahead is left after one hour, and after each further one.
AFTER_AN_HOUR, AND_EACH_MORE = 0.6, 0.5


@dataclass(frozen=True, eq=False)
class History:
    """truth: the site over all steps with the prices that were paid. clock_h: hours since the first step by the
    site's own clock; hours that are missing upstream leave a jump. peak_usd_per_mw: what a MW was expected to cost in
    a step that might have become the system's peak."""

    truth: Site
    clock_h: Floats
    day_ahead_usd_mwh: Floats
    real_time_usd_mwh: Floats
    import_adder_usd_mwh: float
    export_discount_usd_mwh: float
    peak_usd_per_mw: Floats
    horizon: int

    def first(self, steps: int) -> "History":
        """The same site's first steps alone."""
        return replace(
            self,
            truth=first_steps(self.truth, steps),
            clock_h=self.clock_h[:steps],
            day_ahead_usd_mwh=self.day_ahead_usd_mwh[:steps],
            real_time_usd_mwh=self.real_time_usd_mwh[:steps],
            peak_usd_per_mw=self.peak_usd_per_mw[:steps],
        )


@dataclass(frozen=True)
class State:
    """How the site enters a step. started, stopped: per unit (step, modules), as long as a minimum time holds them."""

    on: tuple[float, ...]
    started: tuple[tuple[tuple[float, float], ...], ...]
    stopped: tuple[tuple[tuple[float, float], ...], ...]
    soc_mwh: float


def first_state(site: Site) -> State:
    return State(
        on=tuple(unit.on_before for unit in site.units),
        started=tuple(unit.started for unit in site.units),
        stopped=tuple(unit.stopped for unit in site.units),
        soc_mwh=site.battery.soc0_mwh if site.battery else 0.0,
    )


def expected_prices(history: History, at: int, until: int, lag: int) -> Floats:
    """Energy prices as seen from a step: real time where known, else day ahead and what is left of their gap.

    lag: steps until a real-time price is known; 0 knows the price of the step itself.
    """
    known = at - lag
    ahead = history.day_ahead_usd_mwh[at:until].copy()
    if known < 0:
        return ahead
    gap = history.real_time_usd_mwh[known] - history.day_ahead_usd_mwh[known]
    hours = history.clock_h[at:until] - history.clock_h[known]
    left = AFTER_AN_HOUR * AND_EACH_MORE ** np.maximum(hours - 1.0, 0.0)
    ahead += gap * left
    if lag == 0:
        ahead[0] = history.real_time_usd_mwh[at]
    return ahead


def window(history: History, state: State, at: int, lag: int) -> Site:
    """The site as a policy sees it at a step: the horizon from there, with prices as they were expected."""
    truth = history.truth
    until = min(at + history.horizon, truth.steps)
    price = expected_prices(history, at, until, lag)
    grid = replace(
        truth.grid,
        import_price_usd_mwh=price + history.import_adder_usd_mwh,
        export_price_usd_mwh=price - history.export_discount_usd_mwh,
        coincident_usd_per_mw=history.peak_usd_per_mw[at:until],
    )
    units = tuple(unit_from(unit, state, place, slice(at, until)) for place, unit in enumerate(truth.units))
    battery = replace(truth.battery, soc0_mwh=state.soc_mwh) if truth.battery else None
    return part_of(truth, slice(at, until), grid, units, battery)


def first_steps(truth: Site, steps: int) -> Site:
    grid = replace(
        truth.grid,
        import_price_usd_mwh=truth.grid.import_price_usd_mwh[:steps],
        export_price_usd_mwh=truth.grid.export_price_usd_mwh[:steps],
        coincident_usd_per_mw=truth.grid.coincident_usd_per_mw[:steps]
        if truth.grid.coincident_usd_per_mw is not None
        else None,
    )
    units = tuple(replace(unit, ai=ai_from(unit.ai, slice(0, steps)) if unit.ai else None) for unit in truth.units)
    return part_of(truth, slice(0, steps), grid, units, truth.battery)


def part_of(truth: Site, span: slice, grid: Grid, units: tuple[Unit, ...], battery: Battery | None) -> Site:
    """Some of the steps of a site."""
    return Site(
        id=truth.id,
        hours=truth.hours[span],
        hashprice_usd_per_ph_day=truth.hashprice_usd_per_ph_day[span],
        base_load_mw=truth.base_load_mw[span],
        limit_mw=truth.limit_mw[span],
        grid=grid,
        solar_mw=truth.solar_mw[span],
        units=units,
        battery=battery,
    )


def unit_from(unit: Unit, state: State, place: int, span: slice) -> Unit:
    return replace(
        unit,
        on_before=state.on[place],
        started=state.started[place],
        stopped=state.stopped[place],
        ai=ai_from(unit.ai, span) if unit.ai else None,
    )


def ai_from(ai: Ai, span: slice) -> Ai:
    sla = Sla(ai.sla.min_nodes[span], ai.sla.penalty_usd_per_node_h) if ai.sla else None
    return Ai(ai.price_usd_per_node_h[span], ai.demand_nodes[span], sla)


def after(state: State, site: Site, on: Sequence[float], soc_mwh: float) -> State:
    """The state that a step of `site` with so many modules on leaves behind."""
    hour = float(site.hours[0])
    started, stopped = [], []
    for place, unit in enumerate(site.units):
        change = on[place] - state.on[place]
        begun = ((0.0, change),) if change > 0 else ()
        ended = ((0.0, -change),) if change < 0 else ()
        started.append(older(state.started[place] + begun, hour, unit.min_up_h))
        stopped.append(older(state.stopped[place] + ended, hour, unit.min_down_h))
    return State(tuple(on), tuple(started), tuple(stopped), soc_mwh)


def older(past: tuple[tuple[float, float], ...], hours: float, least_h: float) -> tuple[tuple[float, float], ...]:
    """The past as it looks so many hours later, without what holds no more."""
    return tuple((age + hours, modules) for age, modules in past if age + hours < least_h - SLACK_H)
