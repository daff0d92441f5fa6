"""One round of planning a site: the plan, what going on as now would earn, and whether a decision is due. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import numpy as np

from compute.decisions.alternatives import Alternative, alternatives, keeping, plan_usd
from compute.decisions.change import Change, change_of
from compute.switching.counterfactual import Counterfactual
from compute.switching.explain import BreakEven, explain
from compute.switching.hysteresis import Memory, Offer, Rules, Verdict, judge
from compute.switching.inputs import BATTERY, Ai, Site
from compute.switching.merit_order import merit_order
from compute.switching.plan import Plan
from compute.switching.planning import Planned, plan_site
from compute.switching.sentence import sentence
from compute.switching.solve import Effort
from compute.switching.words import dollars

EFFORT = Effort(time_limit_s=10.0, gap_usd=1.0)
RULES = Rules()


@dataclass(frozen=True, eq=False)
class Round:
    """planned.plan is None where no plan keeps the rules. found: the plan against going on as now, None where the
    plan goes on as now or nothing can be compared. verdict: None where nothing was to be judged."""

    site: Site
    planned: Planned
    merit_usd: float | None
    change: Change | None = None
    found: Counterfactual | None = None
    verdict: Verdict | None = None
    memory: Memory = Memory()  # noqa: RUF009 - frozen

    @property
    def gain_usd(self) -> float:
        return (self.found.gain_usd or 0.0) if self.found else 0.0

    @property
    def is_due(self) -> bool:
        return self.verdict is not None and self.verdict.changes


def plan_round(
    site: Site, last: Plan | None, memory: Memory, now_h: float, rules: Rules = RULES, effort: Effort = EFFORT
) -> Round:
    """Plans a site from its present state. last: the plan of the round before, moved on; a stand-in for the solver."""
    planned = plan_site(site, effort, last)
    merit = plan_usd(site, merit_order(site))
    if planned.plan is None:
        return Round(site, planned, merit, memory=Memory(started_h=memory.started_h))
    change = change_of(site, planned.plan)
    if not change.moves:
        return Round(site, planned, merit, change, memory=Memory(started_h=memory.started_h))
    found = keeping(site, planned.plan, change.units, change.steps, effort)
    if found.gain_usd is None:
        return Round(site, planned, merit, change, found, memory=Memory(started_h=memory.started_h))
    verdict = judge(rules, memory, offer(site, change, found), now_h)
    return Round(site, planned, merit, change, found, verdict, verdict.memory)


def offer(site: Site, change: Change, found: Counterfactual) -> Offer:
    """Demand response and a coincident peak in the first step order what saves power."""
    called = any(event.step == 0 for event in site.dr_events)
    peak = site.grid.coincident_usd_per_mw is not None and bool(site.grid.coincident_usd_per_mw[0] > 0)
    return Offer(
        direction=change.direction,
        gain_usd=found.gain_usd or 0.0,
        margin_usd=0.0 if found.without is None else found.without.profit_usd,
        price_usd_mwh=float(site.grid.import_price_usd_mwh[0]),
        is_ordered=change.mw < 0 and (called or peak),
        starts=any(move.after > move.before for move in change.moves if move.unit != BATTERY),
    )


@dataclass(frozen=True)
class Told:
    """What the duty manager reads beside the change. turns: whose nodes go first, where any go."""

    sentence: str
    break_even: BreakEven
    above: tuple[bool, bool, bool]
    alternatives: list[Alternative]
    turns: str = ""


def told(
    this: Round, begin_local: datetime, effort: Effort = EFFORT, places: Mapping[str, str] = MappingProxyType({})
) -> Told:
    """places: where the machines of a unit stand whose limits change. Raises ValueError where there is nothing to
    compare with."""
    if this.found is None or this.planned.plan is None or this.change is None:
        raise ValueError("nothing changes")
    explained = explain(this.site, this.planned.plan, this.found)
    others = alternatives(this.site, this.planned.plan, this.change.units, this.change.steps, effort)
    turns = turns_of(this.site) if any(move.use == "ai" for move in this.change.moves) else ""
    words = sentence(this.site, explained, begin_local, places)
    return Told(words, explained.break_even, explained.above, others, turns)


def turns_of(site: Site) -> str:
    """Whose nodes go to sleep before whose, by what an hour without one costs. Empty without a choice."""
    worth = [(lost_usd(unit.ai), unit.id) for unit in site.units if unit.ai is not None]
    if len(worth) < 2:
        return ""
    told = [f"{name} ({dollars(usd, cents=True)})" for usd, name in sorted(worth)]
    return f"nodes go in this order, by what an hour of one is worth: {', '.join(told)}"


def lost_usd(ai: Ai) -> float:
    return float(ai.price_usd_per_node_h[0]) + (ai.sla.penalty_usd_per_node_h if ai.sla else 0.0)


def moved_on(plan: Plan, site: Site, hours: float) -> Plan | None:
    """A plan made so many hours ago as one of the site's steps now, its last step going on; None where it is for
    other units or has no step left."""
    old = np.cumsum(step_hours(plan, site))
    if set(plan.modules) != {unit.id for unit in site.units} or not len(old) or hours >= old[-1]:
        return None
    if any(plan.modules[unit.id].shape[0] != len(unit.modes) for unit in site.units):
        return None
    begins = hours + np.concatenate(([0.0], np.cumsum(site.hours)))[:-1]
    places = np.minimum(np.searchsorted(old, begins + 1e-9), len(old) - 1)
    moved = {name: modules[:, places] for name, modules in plan.modules.items()}
    standing = {name: limits[:, places] for name, limits in plan.standing.items()}
    nothing = np.zeros(site.steps)
    return replace(plan, modules=moved, standing=standing, charge_mw=nothing, discharge_mw=nothing,
                   solar_used_mw=np.minimum(plan.solar_used_mw[places], site.solar_mw))  # fmt: skip


def step_hours(plan: Plan, site: Site) -> np.ndarray:
    """The lengths of an earlier plan's steps: horizons of the same length are cut alike."""
    return site.hours if len(plan.charge_mw) == site.steps else np.zeros(0)
