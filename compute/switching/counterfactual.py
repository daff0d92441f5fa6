"""What a decision earns: the plan against the same plan without it, everything continuous worked out anew.

The gain is the difference of two re-priced plans, never a dual: duals do not know what a start costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from compute.switching.inputs import BATTERY, Floats, Site, Unit
from compute.switching.model import Layout, add_site
from compute.switching.plan import Plan
from compute.switching.planning import doubt, plan_of, tidied
from compute.switching.reprice import Priced, reprice
from compute.switching.sheet import Arrays, Sheet
from compute.switching.solve import Effort, solve

STILL_MW = 1e-3


@dataclass(frozen=True)
class Block:
    """Steps from first to before until in which the units run otherwise than at present; BATTERY may be among them."""

    first: int
    until: int
    units: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """The plan, and the best without the block. gain_usd: what the block earns; None where there is no other choice."""

    block: Block
    chosen: Priced
    without: Priced | None
    without_plan: Plan | None

    @property
    def gain_usd(self) -> float | None:
        return None if self.without is None else self.chosen.profit_usd - self.without.profit_usd


def kept(site: Site, present: dict[str, Floats]) -> dict[str, Floats]:
    """The present modules in each mode, per unit, as if they ran on through all steps."""
    return {name: np.repeat(np.asarray(modules)[:, None], site.steps, axis=1) for name, modules in present.items()}


def blocks(site: Site, plan: Plan, present: dict[str, Floats]) -> list[Block]:
    """Where the plan leaves the present state: a block for each run of steps with the same units rising and falling."""
    staying = kept(site, present)
    ways = np.array([way(unit, plan.modules[unit.id] - staying[unit.id]) for unit in site.units])
    found: list[Block] = []
    first = 0
    for step in range(1, site.steps + 1):
        if step < site.steps and (ways[:, step] == ways[:, first]).all():
            continue
        moved = tuple(unit.id for unit, sign in zip(site.units, ways[:, first], strict=True) if sign)
        if moved:
            found.append(Block(first, step, moved))
        first = step
    return found


def way(unit: Unit, change: Floats) -> Floats:
    """1 where a unit draws more than at present, -1 where less, 0 where it stays."""
    power = unit.facility_mw @ change
    signs: Floats = np.sign(power) * (np.abs(power) > STILL_MW)
    return signs


def without_block(
    site: Site,
    plan: Plan,
    block: Block,
    present: dict[str, Floats],
    effort: Effort = Effort(),  # noqa: B008 - frozen
) -> Counterfactual:
    """Holds the block's units in their present state, all other whole decisions as planned, and solves what is left.

    Where that breaks a rule (a minimum time cut in two), the other units and steps are decided anew as well.
    """
    chosen = reprice(site, plan)
    for throughout in (False, True) if site.battery is not None else (False,):
        sheet = Sheet()
        layout = add_site(sheet, site, throughout=throughout)
        held = pinned(sheet.arrays(), site, layout, kept(site, present), block)
        for attempt in (others_as_planned(held, site, layout, plan, block), held):
            solution = solve(attempt, effort)
            if len(solution.values):
                other = tidied(site, plan_of(site, layout, solution.values))
                priced = reprice(site, other)
                if not doubt(priced, solution):
                    return Counterfactual(block, chosen, priced, other)
    return Counterfactual(block, chosen, None, None)


def keeping(site: Site, plan: Plan, present: dict[str, Floats]) -> Counterfactual:
    """The plan against running on as now through all steps; no gain where the rules do not let it run on."""
    everything = Block(0, site.steps, tuple(unit.id for unit in site.units))
    return without_block(site, plan, everything, present)


def pinned(arrays: Arrays, site: Site, layout: Layout, modules: dict[str, Floats], block: Block) -> Arrays:
    """The model with the block's units at those modules in the block's steps."""
    span = slice(block.first, block.until)
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for unit, columns in zip(site.units, layout.units, strict=True):
        if unit.id in block.units:
            places = columns.modes[:, span]
            lower[places] = upper[places] = modules[unit.id][:, span]
    if BATTERY in block.units and layout.battery is not None and site.battery is not None:
        takes = site.battery.now_mw
        for flow, mw in ((layout.battery.charge, max(takes, 0.0)), (layout.battery.discharge, max(-takes, 0.0))):
            lower[flow[span]] = upper[flow[span]] = mw
    return replace(arrays, lower=lower, upper=upper)


def others_as_planned(arrays: Arrays, site: Site, layout: Layout, plan: Plan, block: Block) -> Arrays:
    """The model with every whole decision outside the block where the plan has it, so that it is a linear one."""
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    whole = arrays.whole.copy()
    inside = np.zeros(site.steps, dtype=bool)
    inside[block.first : block.until] = True
    for unit, columns in zip(site.units, layout.units, strict=True):
        free = inside if unit.id in block.units else np.zeros(site.steps, dtype=bool)
        running = plan.modules[unit.id]
        places, values = (columns.modes, running) if columns.on is None else (columns.on, running.sum(axis=0))
        if arrays.whole[places].any():
            lower[places[..., ~free]] = upper[places[..., ~free]] = np.rint(values[..., ~free])
            whole[places] = 0
    return replace(arrays, lower=lower, upper=upper, whole=whole)


def largest(found: Sequence[Counterfactual]) -> Counterfactual | None:
    """The block that earns most of those that can be compared."""
    known = [each for each in found if each.gain_usd is not None]
    return max(known, key=lambda each: each.gain_usd or 0.0, default=None)
