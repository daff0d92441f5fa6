"""Why a block is in a plan: what earns what, the gain, and what would turn it over. In words: sentence.py."""

from dataclasses import dataclass

import numpy as np

from compute.switching.counterfactual import Block, Counterfactual
from compute.switching.inputs import BATTERY, Floats, Site, Unit
from compute.switching.plan import Plan, standing_of

LEAST_MW, LEAST_USD, LEAST_MODULES = 1e-5, 0.01, 0.5
# A border beyond these is none: nobody waits for a hashprice ten times as high, and no market asks for so much power.
REACH = 10.0
MOST_USD_MWH = 5_000.0


@dataclass(frozen=True)
class Limited:
    """So many machines come under that limit."""

    modules: int
    limit_w: int
    is_lower: bool


@dataclass(frozen=True)
class Part:
    """A unit's share of a change. change_mw: above zero it draws more than at present. usd_per_mwh: what a MWh of
    facility power earns in its hands during the block; of AI those that come or go, at the demand that there is; where
    only limits change, what the MWh earns that they give or take (is_of_limits). limits: which of its machines are told
    another one in the block's first step.
    """

    unit: str
    is_ai: bool
    change_mw: float
    usd_per_mwh: float
    limits: tuple[Limited, ...] = ()
    is_of_limits: bool = False


@dataclass(frozen=True)
class BreakEven:
    """Where the gain is zero, each with everything else as it is, as means over the block; None where it never is, or
    only beyond what prices do.

    Schedules stay as they are, only prices move: near the edge the true border lies a little further out.
    """

    hashprice_usd_per_ph_day: float | None
    power_usd_mwh: float | None
    ai_usd_per_node_h: float | None


@dataclass(frozen=True)
class Explanation:
    """power_usd_mwh: mean price of imported energy during the block, first_usd_mwh: of its first step. above: for each
    border, whether the decision turns over when the price rises past it (else when it falls). stored_mw: what the
    battery takes more."""

    block: Block
    parts: tuple[Part, ...]
    power_usd_mwh: float
    first_usd_mwh: float
    gain_usd: float
    break_even: BreakEven
    above: tuple[bool, bool, bool]
    stored_mw: float = 0.0


def explain(site: Site, plan: Plan, found: Counterfactual) -> Explanation:
    """Why a block is in the plan. Raises ValueError when there is nothing to compare it with."""
    if found.without is None or found.without_plan is None or found.gain_usd is None:
        raise ValueError("the rules leave no other choice: there is no gain to explain")
    span = slice(found.block.first, found.block.until)
    slopes = gain_slopes(site, found)
    return Explanation(
        block=found.block,
        parts=parts_of(site, plan, found.without_plan, found.block),
        power_usd_mwh=means(site, found.block)[1] or 0.0,
        first_usd_mwh=float(site.grid.import_price_usd_mwh[found.block.first]),
        gain_usd=found.gain_usd,
        break_even=break_even(site, found, slopes),
        above=(slopes[0] < 0, slopes[1] < 0, slopes[2] < 0),
        stored_mw=stored_mw(site, plan, found.without_plan, span) if BATTERY in found.block.units else 0.0,
    )


def stored_mw(site: Site, plan: Plan, other: Plan, span: slice) -> float:
    takes = (plan.charge_mw - plan.discharge_mw - other.charge_mw + other.discharge_mw)[span]
    return float(np.average(takes, weights=site.hours[span]))


def parts_of(site: Site, plan: Plan, other: Plan, block: Block) -> tuple[Part, ...]:
    """Units whose draw differs in the block, the largest change first."""
    span = slice(block.first, block.until)
    hours = site.hours[span]
    parts = []
    for unit in site.units:
        change = unit.facility_mw @ (plan.modules[unit.id] - other.modules[unit.id])[:, span]
        mean = float(change @ hours / hours.sum())
        if abs(mean) > LEAST_MW:
            limits, of_limits = limited(unit, plan, block.first), are_limits_alone(unit, plan, other, span)
            earned = part_worth(site, unit, plan, other, span)
            parts.append(Part(unit.id, unit.ai is not None, mean, earned, limits, of_limits))
    return tuple(sorted(parts, key=lambda part: -abs(part.change_mw)))


def limited(unit: Unit, plan: Plan, step: int) -> tuple[Limited, ...]:
    """Limits that more, or fewer, machines have in this step than before it: those that gain."""
    if unit.limits is None:
        return ()
    standing = standing_of(plan, unit, unit.limits)
    change = standing[:, step] - (standing[:, step - 1] if step else np.array(unit.limits.standing))
    centre = float(np.arange(len(change)) @ change)
    return tuple(
        Limited(round(float(count)), mode.limit_w, centre < 0)
        for mode, count in zip(unit.modes, change, strict=True)
        if count >= LEAST_MODULES and mode.limit_w is not None
    )


def are_limits_alone(unit: Unit, plan: Plan, other: Plan, span: slice) -> bool:
    """Whether as many machines run in both plans, only under other limits."""
    mine, theirs = (each.modules[unit.id].sum(axis=0)[span] for each in (plan, other))
    return unit.limits is not None and np.allclose(mine, theirs, atol=LEAST_MODULES)


def part_worth(site: Site, unit: Unit, plan: Plan, other: Plan, span: slice) -> float:
    """Of all that runs; of AI, and where as many run either way, of the power that comes or goes."""
    mine, theirs = plan.modules[unit.id], other.modules[unit.id]
    if unit.ai is not None or are_limits_alone(unit, plan, other, span):
        return worth(site, unit, mine, span, theirs)
    busier = mine if float((unit.facility_mw @ (mine - theirs))[span] @ site.hours[span]) > 0 else theirs
    return worth(site, unit, busier, span)


def worth(site: Site, unit: Unit, modules: Floats, span: slice, beside: Floats | None = None) -> float:
    """Dollars that a MWh of facility power earns in the unit's hands; beside: of what is more, or less, than those."""
    hours = site.hours[span]
    others = np.zeros_like(modules) if beside is None else beside
    used = float(unit.facility_mw @ (modules - others)[:, span] @ hours)
    if not abs(used) > 0:
        return 0.0
    return (earned(site, unit, modules, span) - earned(site, unit, others, span)) / used


def earned(site: Site, unit: Unit, modules: Floats, span: slice) -> float:
    if unit.ai is None:
        return float((unit.hash_ph @ modules[:, span]) @ site.usd_per_ph[span])
    sold = np.minimum(unit.nodes @ modules[:, span], unit.ai.demand_nodes[span])
    return float(sold * unit.ai.price_usd_per_node_h[span] @ site.hours[span])


def gain_slopes(site: Site, found: Counterfactual) -> tuple[float, float, float]:
    """How the gain moves with all hashprices x (1 + s), with all power prices + s, with all AI prices x (1 + s)."""
    chosen, without = found.chosen, found.without
    if without is None:
        return 0.0, 0.0, 0.0
    energy_mwh = float((chosen.import_mw - without.import_mw - chosen.export_mw + without.export_mw) @ site.hours)
    return (
        chosen.money.mining - without.money.mining,
        -energy_mwh,
        chosen.money.ai - without.money.ai,
    )


def break_even(site: Site, found: Counterfactual, slopes: tuple[float, float, float]) -> BreakEven:
    gain = found.gain_usd or 0.0
    mining, energy, ai = (-gain / slope if abs(slope) > LEAST_USD else None for slope in slopes)
    hashprice, power, node = means(site, found.block)
    return BreakEven(
        hashprice_usd_per_ph_day=scaled(hashprice, mining),
        power_usd_mwh=moved(power, energy),
        ai_usd_per_node_h=scaled(node, ai),
    )


def scaled(mean: float | None, share: float | None) -> float | None:
    """A price that has risen by a share of itself, where prices do that."""
    return mean * (1 + share) if mean is not None and share is not None and -1 < share <= REACH - 1 else None


def moved(mean: float | None, by_usd: float | None) -> float | None:
    """A price of power that has moved. Below zero it is told where power is below zero anyway."""
    if mean is None or by_usd is None:
        return None
    border = mean + by_usd
    return border if min(0.0, mean - abs(mean)) <= border <= MOST_USD_MWH else None


def means(site: Site, block: Block) -> tuple[float, float, float | None]:
    """Hashprice, power and a node-hour of the block's GPU units, each as its mean over the block."""
    span = slice(block.first, block.until)
    hours = site.hours[span]
    prices = [unit.ai.price_usd_per_node_h[span] for unit in site.units if unit.ai and unit.id in block.units]
    return (
        float(np.average(site.hashprice_usd_per_ph_day[span], weights=hours)),
        float(np.average(site.grid.import_price_usd_mwh[span], weights=hours)),
        float(np.average(np.mean(prices, axis=0), weights=hours)) if prices else None,
    )
