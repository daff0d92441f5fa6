"""The receding-horizon policy: the linear model of the horizon at every step, of which the first step is done."""

from dataclasses import replace

import numpy as np

from compute.backtest.policies import Deed, merit
from compute.switching.inputs import Battery, Floats, Site
from compute.switching.model import Layout, add_site
from compute.switching.planning import plan_of, tidied
from compute.switching.sheet import Arrays, Sheet
from compute.switching.solve import Again, Solution

# What a MWh in the battery is taken to have earned an hour by surprises before the first step, and for how long: most
# markets have some, and who waits for the first of them to learn it gives that one away.
BEFORE_USD_MWH_H, BEFORE_H = 1.5, 168.0


class Rolling:
    """Called step after step. Modules count as machines, so the model is linear and starts from the last solution."""

    def __init__(self) -> None:
        self._model: Arrays | None = None
        self._again: Again | None = None
        self._steps = 0
        self._surprises = Surprises()
        self.fallbacks = 0

    def __call__(self, site: Site) -> Deed:
        site = with_values(site, self._surprises)
        layout, solution = self._solved(site)
        if not len(solution.values):
            self.fallbacks += 1
            return merit(site)
        return first_step(site, layout, solution.values)

    def _solved(self, site: Site) -> tuple[Layout, Solution]:
        like = self._model if self._steps == site.steps else None
        sheet = Sheet(like)
        layout = add_site(sheet, site, one_way=False)
        arrays = sheet.arrays()
        if like is None or self._again is None:
            self._model, self._again, self._steps = arrays, Again(arrays), site.steps
        return layout, self._again.solve(arrays)


class Surprises:
    """What a MWh in the battery earned an hour, on average so far, by prices that were not expected an hour before."""

    def __init__(self) -> None:
        self._expected: float | None = None
        self._sum_usd_mwh, self._steps = 0.0, 0

    def told(self, site: Site, battery: Battery, content_usd_mwh: float) -> float:
        """USD for a MWh and hour; few steps say little, so that a usual week counts beside them."""

        def worth(price: float) -> float:
            given = price * battery.eta_discharge - battery.wear_usd_per_mwh_discharged
            return max(0.0, given - content_usd_mwh)

        prices, hours = site.grid.import_price_usd_mwh, site.hours
        if self._expected is not None:
            self._sum_usd_mwh += worth(float(prices[0])) - worth(self._expected)
        self._steps += 1
        self._expected = float(prices[1]) if site.steps > 1 else None
        earned = BEFORE_USD_MWH_H * BEFORE_H + self._sum_usd_mwh
        return max(0.0, earned) / (self._steps * float(hours[0]) + BEFORE_H)


def with_values(site: Site, surprises: Surprises) -> Site:
    """What is left in the battery replaces energy at the horizon's usual price; what is in it stands ready."""
    if site.battery is None:
        return site
    value = end_value(site, site.battery)
    ready = surprises.told(site, site.battery, value)
    return replace(site, battery=replace(site.battery, end_value_usd_mwh=value, ready_usd_mwh_h=ready))


def end_value(site: Site, battery: Battery) -> float:
    usual = float(np.median(site.grid.import_price_usd_mwh))
    return max(0.0, usual * battery.eta_discharge - battery.wear_usd_per_mwh_discharged)


def first_step(site: Site, layout: Layout, values: Floats) -> Deed:
    plan = tidied(site, plan_of(site, layout, values))
    return Deed(
        modules=tuple(plan.modules[unit.id][:, 0] for unit in site.units),
        charge_mw=float(plan.charge_mw[0]),
        discharge_mw=float(plan.discharge_mw[0]),
    )
