"""One sentence for the duty manager: what is done when, what earns what, the gain, and what would turn it over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np

from compute.switching.counterfactual import Block, Counterfactual
from compute.switching.inputs import BATTERY, Floats, Site, Unit
from compute.switching.plan import Plan, standing_of
from compute.switching.words import dollars, power_text

LEAST_MW, LEAST_USD, LEAST_MODULES = 1e-5, 0.01, 0.5


@dataclass(frozen=True)
class Limited:
    """So many machines come under that limit."""

    modules: int
    limit_w: int
    is_lower: bool


@dataclass(frozen=True)
class Part:
    """A unit's share of a change. change_mw: above zero it draws more than at present. usd_per_mwh: what a MWh of
    facility power earns in its hands during the block, AI at the demand that there is; where only limits change, what
    the MWh earns that they give or take (is_of_limits). limits: which of its machines are told another one in the
    block's first step."""

    unit: str
    is_ai: bool
    change_mw: float
    usd_per_mwh: float
    limits: tuple[Limited, ...] = ()
    is_of_limits: bool = False


@dataclass(frozen=True)
class BreakEven:
    """Where the gain is zero, each with everything else as it is; None where it never is.

    Schedules stay as they are, only prices move: near the edge the true border lies a little further out.
    """

    hashprice_usd_per_ph_day: float | None
    power_usd_mwh: float | None
    ai_usd_per_node_h: float | None


@dataclass(frozen=True)
class Explanation:
    """power_usd_mwh: mean price of imported energy during the block. above: for each border, whether the decision
    turns over when the price rises past it (else when it falls). stored_mw: what the battery takes more."""

    block: Block
    parts: tuple[Part, ...]
    power_usd_mwh: float
    gain_usd: float
    break_even: BreakEven
    above: tuple[bool, bool, bool]
    stored_mw: float = 0.0


def explain(site: Site, plan: Plan, found: Counterfactual) -> Explanation:
    """Why a block is in the plan. Raises ValueError when there is nothing to compare it with."""
    if found.without is None or found.without_plan is None or found.gain_usd is None:
        raise ValueError("the rules leave no other choice: there is no gain to explain")
    span = slice(found.block.first, found.block.until)
    price = site.grid.import_price_usd_mwh
    slopes = gain_slopes(site, found)
    return Explanation(
        block=found.block,
        parts=parts_of(site, plan, found.without_plan, found.block),
        power_usd_mwh=float(np.average(price[span], weights=site.hours[span])),
        gain_usd=found.gain_usd,
        break_even=break_even(site, found, slopes, span),
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
    """Of all that runs; where as many run either way, of the power that limits give or take."""
    mine, theirs = plan.modules[unit.id], other.modules[unit.id]
    if are_limits_alone(unit, plan, other, span):
        return worth(site, unit, mine - theirs, span)
    busier = mine if float((unit.facility_mw @ (mine - theirs))[span] @ site.hours[span]) > 0 else theirs
    return worth(site, unit, busier, span)


def worth(site: Site, unit: Unit, modules: Floats, span: slice) -> float:
    """Dollars that a MWh of facility power earns in the unit's hands."""
    hours = site.hours[span]
    used = float(unit.facility_mw @ modules[:, span] @ hours)
    if not abs(used) > 0:
        return 0.0
    if unit.ai is None:
        return float((unit.hash_ph @ modules[:, span]) @ site.usd_per_ph[span]) / used
    sold = np.minimum(unit.nodes @ modules[:, span], unit.ai.demand_nodes[span])
    return float(sold * unit.ai.price_usd_per_node_h[span] @ hours) / used


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


def break_even(site: Site, found: Counterfactual, slopes: tuple[float, float, float], span: slice) -> BreakEven:
    gain, hours = found.gain_usd or 0.0, site.hours[span]
    mining, energy, ai = (-gain / slope if abs(slope) > LEAST_USD else None for slope in slopes)
    hashprice = float(np.average(site.hashprice_usd_per_ph_day[span], weights=hours))
    power = float(np.average(site.grid.import_price_usd_mwh[span], weights=hours))
    node = node_price(site, found.block, span)
    return BreakEven(
        hashprice_usd_per_ph_day=hashprice * (1 + mining) if mining is not None and mining > -1 else None,
        power_usd_mwh=power + energy if energy is not None else None,
        ai_usd_per_node_h=node * (1 + ai) if ai is not None and ai > -1 and node is not None else None,
    )


def node_price(site: Site, block: Block, span: slice) -> float | None:
    """Mean price of a node-hour of the block's GPU units; None without any."""
    prices = [unit.ai.price_usd_per_node_h[span] for unit in site.units if unit.ai and unit.id in block.units]
    return float(np.average(np.mean(prices, axis=0), weights=site.hours[span])) if prices else None


def sentence(
    site: Site, told: Explanation, begins_at: datetime, places: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The explanation in words. begins_at: the first step's beginning, in the zone whose clock is to be shown. places:
    by unit, where the machines stand whose limits change."""
    start, end = (clock(site, step, begins_at) for step in (told.block.first, told.block.until))
    words = [f"{start}-{end} {deed(told, places)}: {earnings(told)}", f"gain {dollars(told.gain_usd)}"]
    if flips := borders(told):
        words.append("flips if " + " or ".join(flips))
    return "; ".join(words)


def clock(site: Site, step: int, begins_at: datetime) -> str:
    """Wall clock at the beginning of a step, over clock changes; with the day where it is another one."""
    elapsed = timedelta(hours=float(site.hours[:step].sum()))
    at = (begins_at.astimezone(UTC) + elapsed).astimezone(begins_at.tzinfo)
    return f"{at:%H:%M}" if at.date() == begins_at.date() else f"{at:%d %b %H:%M}"


def deed(told: Explanation, places: Mapping[str, str]) -> str:
    up = [part for part in told.parts if part.change_mw > 0]
    down = [part for part in told.parts if part.change_mw < 0]
    rise, fall = sum(part.change_mw for part in up), -sum(part.change_mw for part in down)
    words = [limit_words(part, places.get(part.unit, "")) for part in told.parts if part.limits]
    if words:
        up, down = ([part for part in side if not part.limits] for side in (up, down))
        rise, fall = sum(part.change_mw for part in up), -sum(part.change_mw for part in down)
    if up and down:
        words.append(f"move {power_text(min(rise, fall))} from {names(down)} to {names(up)}")
    elif down:
        words.append(f"take {power_text(fall)} off {names(down)}")
    elif up:
        words.append(f"give {power_text(rise)} to {names(up)}")
    if abs(told.stored_mw) > LEAST_MW:
        words.append(f"put {power_text(told.stored_mw)} into the battery" if told.stored_mw > 0
                     else f"take {power_text(-told.stored_mw)} out of the battery")  # fmt: skip
    return " and ".join(words) or "run the battery and the meter as planned"


def limit_words(part: Part, place: str) -> str:
    told = " and ".join(f"{one.modules:,} to {one.limit_w:,} W" for one in part.limits)
    verb = "limit" if part.limits[0].is_lower else "raise"
    where = f" in {place}" if place else ""
    return f"{verb} {part.unit}{where}: {told} ({power_text(part.change_mw, signed=True)})"


def names(parts: list[Part]) -> str:
    return " and ".join(part.unit for part in parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def earnings(told: Explanation) -> str:
    each = [f"{earner(part)} {dollars(part.usd_per_mwh)}/MWh" for part in told.parts[:4]]
    return ", ".join([*each, f"power costs {dollars(told.power_usd_mwh)}"])


def earner(part: Part) -> str:
    return f"those watts of {part.unit} earn" if part.is_of_limits else f"{part.unit} earns"


def borders(told: Explanation) -> list[str]:
    at = told.break_even
    found = [
        ("hashprice", at.hashprice_usd_per_ph_day, "/PH/day", told.above[0]),
        ("power", at.power_usd_mwh, "/MWh", told.above[1]),
        ("AI", at.ai_usd_per_node_h, "/node-h", told.above[2]),
    ]
    return [
        f"{name} {'>' if above else '<'} {dollars(value, cents=True)}{unit}"
        for name, value, unit, above in found
        if value is not None
    ]
