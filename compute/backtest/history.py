"""A site's past: what really happened, and what was known of it in each hour."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from compute.backtest.persistence import Persistence, learnt
from compute.switching.carry import State, entering
from compute.switching.inputs import Ai, Floats, Grid, Site, Sla


@dataclass(frozen=True, eq=False)
class History:
    """truth: the site over all steps with the prices that were paid. clock_h: hours since the first step by the
    site's own clock; hours that are missing upstream leave a jump. peak_usd_per_mw: what a MW was expected to cost in
    a step that might have become the system's peak. missing: values that the series did not hold, by column."""

    truth: Site
    clock_h: Floats
    day_ahead_usd_mwh: Floats
    real_time_usd_mwh: Floats
    import_adder_usd_mwh: float
    export_discount_usd_mwh: float
    peak_usd_per_mw: Floats
    horizon: int
    missing: dict[str, int] = field(default_factory=dict)

    @cached_property
    def persistence(self) -> Persistence:
        return learnt(self.real_time_usd_mwh - self.day_ahead_usd_mwh, float(self.truth.hours[0]))

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


def expected_prices(history: History, at: int, until: int, lag: int) -> Floats:
    """Energy prices as seen from a step: real time where known, else day ahead and what is left of their gap.

    lag: steps until a real-time price is known; 0 knows the price of the step itself.
    """
    known = at - lag
    ahead = history.day_ahead_usd_mwh[at:until].copy()
    if known < 0:
        return ahead
    hours = history.clock_h[at:until] - history.clock_h[known]
    ahead += history.persistence.left_usd_mwh(known, hours)
    if lag == 0:
        ahead[0] = history.real_time_usd_mwh[at]
    return ahead


def paid_usd_mwh(history: History, at: int, lag: int) -> float | None:
    """What importing a MWh cost in the last step whose price is known; None before there is one."""
    return float(history.truth.grid.import_price_usd_mwh[at - lag]) if at >= lag else None


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
    return entering(part_of(truth, slice(at, until), grid), state)


def first_steps(truth: Site, steps: int) -> Site:
    peak = truth.grid.coincident_usd_per_mw
    grid = replace(
        truth.grid,
        import_price_usd_mwh=truth.grid.import_price_usd_mwh[:steps],
        export_price_usd_mwh=truth.grid.export_price_usd_mwh[:steps],
        coincident_usd_per_mw=None if peak is None else peak[:steps],
    )
    return part_of(truth, slice(0, steps), grid)


def part_of(truth: Site, span: slice, grid: Grid) -> Site:
    """Some of the steps of a site."""
    return Site(
        id=truth.id,
        hours=truth.hours[span],
        hashprice_usd_per_ph_day=truth.hashprice_usd_per_ph_day[span],
        base_load_mw=truth.base_load_mw[span],
        limit_mw=truth.limit_mw[span],
        grid=grid,
        solar_mw=truth.solar_mw[span],
        units=tuple(replace(unit, ai=ai_from(unit.ai, span)) if unit.ai else unit for unit in truth.units),
        battery=truth.battery,
    )


def ai_from(ai: Ai, span: slice) -> Ai:
    sla = Sla(ai.sla.min_nodes[span], ai.sla.penalty_usd_per_node_h) if ai.sla else None
    return Ai(ai.price_usd_per_node_h[span], ai.demand_nodes[span], sla)
