"""A plan that must prove itself against a rule on the site's past, and lets the rule run the site where it cannot.

Both walk through the same hours: one runs the site, for the other is booked what it would have earned.
Only prices that were known by then are booked, so that nothing of the future enters.
"""

import math
from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from compute.backtest.history import first_steps
from compute.backtest.policies import Deed, Rule, moved
from compute.backtest.rolling import end_value
from compute.switching.carry import State, entering, state_of
from compute.switching.inputs import Site
from compute.switching.plan import Plan
from compute.switching.reprice import reprice

# The plan takes over with a lead of this share of what the rule has turned over (of a week at least), not before the
# first day is over, within which a battery only pays in advance, and gives back once it no longer leads.
LEAST_LEAD, LEAST_H, FIRST_H = 5e-4, 168.0, 24.0


@dataclass
class Account:
    """state: how it would stand now. usd: what was earned in the steps whose price is known."""

    state: State
    usd: float = 0.0


class Proven:
    """The rule begins; whoever has earned more so far runs the site."""

    def __init__(self, plan: Rule, rule: Rule) -> None:
        self._plan, self._rule = plan, rule
        self._plans = self._rules = Account(State((), (), (), 0.0))
        self._plan_leads = self._began = False
        self._turnover_usd = self._hours = 0.0
        self._open: deque[tuple[Site, Deed, Site, Deed]] = deque()

    def __call__(self, site: Site, paid_usd_mwh: float | None) -> Deed:
        self._take_over(site)
        planned, ruled = entering(site, self._plans.state), entering(site, self._rules.state)
        by_plan, by_rule = self._plan(planned), self._rule(ruled)
        self._plans.state = moved(self._plans.state, planned, by_plan)
        self._rules.state = moved(self._rules.state, ruled, by_rule)
        self._open.append((planned, by_plan, ruled, by_rule))
        if paid_usd_mwh is not None:
            self._settle(paid_usd_mwh)
        return by_plan if self._plan_leads else by_rule

    def _take_over(self, site: Site) -> None:
        """Whoever runs the site goes on from where it really is."""
        if not self._began:
            self._plans, self._rules = Account(state_of(site)), Account(state_of(site))
            self._began = True
        least = 0.0 if self._plan_leads else self._least_usd()
        self._plan_leads = self._lead_usd(site) > least
        (self._plans if self._plan_leads else self._rules).state = state_of(site)

    def _lead_usd(self, site: Site) -> float:
        """What is left in the plan's battery is not earned yet; what is missing there was taken from it."""
        content = min(0.0, self._plans.state.soc_mwh - self._rules.state.soc_mwh)
        worth = end_value(site, site.battery) if site.battery else 0.0
        return self._plans.usd - self._rules.usd + worth * content

    def _least_usd(self) -> float:
        if self._hours < FIRST_H:
            return math.inf
        return LEAST_LEAD * self._turnover_usd * max(1.0, LEAST_H / self._hours)

    def _settle(self, paid_usd_mwh: float) -> None:
        planned, by_plan, ruled, by_rule = self._open.popleft()
        self._plans.usd += earned_usd(planned, by_plan, paid_usd_mwh)
        usd = earned_usd(ruled, by_rule, paid_usd_mwh)
        self._rules.usd += usd
        self._turnover_usd += abs(usd)
        self._hours += float(ruled.hours[0])


def earned_usd(site: Site, deed: Deed, paid_usd_mwh: float) -> float:
    """What the first step earned at the price that was really paid; likely peaks at what they were expected to cost."""
    step = first_steps(site, 1)
    discount = step.grid.import_price_usd_mwh - step.grid.export_price_usd_mwh
    price = np.full(1, paid_usd_mwh)
    grid = replace(step.grid, import_price_usd_mwh=price, export_price_usd_mwh=price - discount)
    plan = Plan(
        modules={unit.id: deed.modules[place][:, None] for place, unit in enumerate(site.units)},
        charge_mw=np.full(1, deed.charge_mw),
        discharge_mw=np.full(1, deed.discharge_mw),
        solar_used_mw=np.zeros(1),
    )
    return reprice(replace(step, grid=grid), plan).profit_usd
