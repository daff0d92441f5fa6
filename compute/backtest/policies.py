"""Rules by which a site may be run: each takes what is known at a step and says what to run in it.

A rule is a list of bids: who asks for power, how much, and what a MWh in his hands is worth. AI is served
first, then the dearest bid, down to the price of power and up to the limits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np

from compute.switching.carry import State, after
from compute.switching.inputs import SLACK_H, Ai, Battery, Floats, Mode, Site, Unit

MUST = float("inf")


@dataclass(frozen=True, eq=False)
class Deed:
    """What runs in one step. modules: per unit the modules in each of its modes."""

    modules: tuple[Floats, ...]
    charge_mw: float = 0.0
    discharge_mw: float = 0.0


# What is known at a step, and what importing a MWh cost in the last step whose price is known: what to run in it.
Policy: TypeAlias = Callable[[Site, float | None], Deed]
Rule: TypeAlias = Callable[[Site], Deed]


def by_rule(rule: Rule) -> Policy:
    """A rule that learns nothing."""
    return lambda site, paid: rule(site)


def moved(state: State, site: Site, deed: Deed) -> State:
    soc = state.soc_mwh
    if site.battery is not None:
        flow = deed.charge_mw * site.battery.eta_charge - deed.discharge_mw / site.battery.eta_discharge
        soc = min(max(soc + flow * float(site.hours[0]), 0.0), site.battery.capacity_mwh)
    on = [float(modules.sum()) for modules in deed.modules]
    return after(state, site.units, on, float(site.hours[0]), soc)


class Turn(IntEnum):
    """Who is served before whom, whatever he pays."""

    HELD = 0
    AI = 1
    REST = 2


@dataclass(frozen=True)
class Bid:
    """A unit asks to have so many modules at one of its levels, each for so much more power."""

    usd_per_mwh: float
    mw: float
    up_to: float
    place: int
    level: int
    turn: Turn = Turn.REST


@dataclass(frozen=True)
class Level:
    """A way of running that is worth asking for: more for a MWh than the next larger one. At PUE."""

    mode: int
    mw: float
    amount: float


def levels(unit: Unit) -> list[Level]:
    """The upper edge of revenue over power, from small to large; what lies under it no rule would choose."""
    points = [Level(-1, 0.0, 0.0)]
    order = sorted(range(len(unit.modes)), key=lambda mode: float(unit.facility_mw[mode]))
    for mode in order:
        point = Level(mode, float(unit.facility_mw[mode]), made(unit.modes[mode]))
        while len(points) > 1 and slope(points[-2], point) >= slope(points[-2], points[-1]):
            points.pop()
        if point.mw > points[-1].mw:
            points.append(point)
    return points[1:]


def made(mode: Mode) -> float:
    return mode.hash_ph or mode.nodes


def slope(low: Level, high: Level) -> float:
    return (high.amount - low.amount) / (high.mw - low.mw) if high.mw > low.mw else 0.0


def always(site: Site) -> Deed:
    """Everything runs at full power, AI first, the most efficient machines next, up to the limit."""
    return served(site, [bid for bids in full_bids(site, unconditional=True) for bid in bids], -MUST)


def threshold(site: Site) -> Deed:
    """Each efficiency tier runs at full power while a MWh earns more than it costs: the strike price of the trade."""
    return served(site, [bid for bids in full_bids(site, unconditional=False) for bid in bids], price_now(site))


def merit(site: Site) -> Deed:
    """Efficiency and power mode in one order, AI by its demand, peaks priced in, a rule for the battery."""
    price = price_now(site) + peak_price_now(site)
    deed = served(site, [bid for bids in fine_bids(site) for bid in bids], price)
    if site.battery is None:
        return deed
    charge, discharge = battery_rule(site, site.battery, load_mw(site, deed))
    return Deed(deed.modules, charge, discharge)


def price_now(site: Site) -> float:
    return float(site.grid.import_price_usd_mwh[0])


def peak_price_now(site: Site) -> float:
    peak = site.grid.coincident_usd_per_mw
    return 0.0 if peak is None else float(peak[0] / site.hours[0])


def full_bids(site: Site, *, unconditional: bool) -> Iterator[list[Bid]]:
    """One bid a tier, in its largest mode. GPUs under contract run whole, the others follow their demand."""
    for place, unit in enumerate(site.units):
        steps = levels(unit)
        if not steps:
            continue
        if unit.ai is not None:
            whole = [*held_bids(place, unit, steps[0].mw, 0), Bid(MUST, steps[0].mw, unit.count, place, 0, Turn.AI)]
            yield whole if unit.ai.sla is not None else ai_bids(site, place, unconditional)
            continue
        worth = steps[-1].amount * float(site.hashprice_usd_per_ph_day[0]) / 24 / steps[-1].mw
        yield [
            *held_bids(place, unit, steps[-1].mw, len(steps) - 1),
            Bid(worth, steps[-1].mw, unit.count, place, len(steps) - 1),
        ]


def fine_bids(site: Site) -> Iterator[list[Bid]]:
    """A bid for each step from one power mode to the next."""
    for place, unit in enumerate(site.units):
        if unit.ai is not None:
            yield ai_bids(site, place, unconditional=False)
            continue
        below, bids = Level(-1, 0.0, 0.0), []
        for at, level in enumerate(levels(unit)):
            if not at:
                bids += held_bids(place, unit, level.mw, 0)
            worth = slope(below, level) * float(site.hashprice_usd_per_ph_day[0]) / 24
            bids.append(Bid(worth, level.mw - below.mw, unit.count, place, at))
            below = level
        yield bids


def ai_bids(site: Site, place: int, unconditional: bool) -> list[Bid]:
    """Nodes that a contract demands are worth their penalty too; the rest of the demand its price."""
    unit = site.units[place]
    steps = levels(unit)
    if unit.ai is None or not steps or not steps[0].amount:
        return []
    nodes, mw = steps[0].amount, steps[0].mw
    price, owed, penalty = ai_now(unit.ai)
    owed = min(owed / nodes, unit.count)
    wanted = min(float(unit.ai.demand_nodes[0]) / nodes, unit.count)
    worth = MUST if unconditional else price * nodes / mw
    return [
        *held_bids(place, unit, mw, 0),
        Bid(MUST if unconditional else (price + penalty) * nodes / mw, mw, min(owed, wanted), place, 0, turn=Turn.AI),
        Bid(MUST if unconditional else penalty * nodes / mw, mw, owed, place, 0, turn=Turn.AI),
        Bid(worth, mw, wanted, place, 0, turn=Turn.AI),
    ]


def ai_now(ai: Ai) -> tuple[float, float, float]:
    """Price, nodes owed and penalty of the first step."""
    price = float(ai.price_usd_per_node_h[0])
    return (price, 0.0, 0.0) if ai.sla is None else (price, float(ai.sla.min_nodes[0]), ai.sla.penalty_usd_per_node_h)


def held_bids(place: int, unit: Unit, mw: float, level: int) -> list[Bid]:
    """Modules that a minimum time keeps on."""
    held = sum(modules for age_h, modules in unit.started if age_h < unit.min_up_h - SLACK_H)
    return [Bid(MUST, mw, held, place, level, Turn.HELD)] if held > 0 else []


def served(site: Site, bids: list[Bid], price_usd_mwh: float) -> Deed:
    """The dearest bids above the price, up to the limits of site and meter, as modules in modes."""
    room = min(float(site.limit_mw[0]), site.grid.import_limit_mw + float(site.solar_mw[0])) - float(
        site.base_load_mw[0]
    )
    steps = [levels(unit) for unit in site.units]
    asked = [np.zeros(len(each)) for each in steps]
    for bid in sorted(bids, key=lambda bid: (bid.turn, -bid.usd_per_mwh)):
        if bid.usd_per_mwh <= price_usd_mwh:
            continue
        most = min(bid.up_to, may_run(site.units[bid.place])) - asked[bid.place][bid.level]
        modules = max(0.0, min(most, room / bid.mw))
        asked[bid.place][bid.level] += modules
        room -= modules * bid.mw
    return Deed(tuple(in_modes(unit, each, at) for unit, each, at in zip(site.units, steps, asked, strict=True)))


def may_run(unit: Unit) -> float:
    """Modules that no minimum time keeps off."""
    return unit.count - sum(modules for age_h, modules in unit.stopped if age_h < unit.min_down_h - SLACK_H)


def in_modes(unit: Unit, steps: list[Level], asked: Floats) -> Floats:
    """Modules that reached a level and no higher one, by mode."""
    modules = np.zeros(len(unit.modes))
    reached = np.maximum.accumulate(asked[::-1])[::-1]
    for at, level in enumerate(steps):
        above = reached[at + 1] if at + 1 < len(steps) else 0.0
        modules[level.mode] = reached[at] - above
    return modules


def load_mw(site: Site, deed: Deed) -> float:
    units = zip(site.units, deed.modules, strict=True)
    return float(site.base_load_mw[0]) + sum(float(unit.facility_mw @ modules) for unit, modules in units)


def battery_rule(site: Site, battery: Battery, load_mw: float) -> tuple[float, float]:
    """Charges with the room that curtailed machines leave while power is below their strike price, gives back in the
    dearest hours of the horizon above it."""
    hours, now = float(site.hours[0]), price_now(site) + peak_price_now(site)
    strike = lowest_strike(site)
    paid_back = strike / (battery.eta_charge * battery.eta_discharge) + battery.wear_usd_per_mwh_discharged
    if now > paid_back and now >= dear_price(site, battery):
        most = battery.soc0_mwh * battery.eta_discharge / hours
        export = site.grid.export_limit_mw if float(site.grid.export_price_usd_mwh[0]) > paid_back else 0.0
        return 0.0, min(battery.discharge_mw, most, load_mw + export)
    if now < strike:
        free = (battery.capacity_mwh - battery.soc0_mwh) / battery.eta_charge / hours
        return max(0.0, min(battery.charge_mw, free, site.grid.import_limit_mw - load_mw)), 0.0
    return 0.0, 0.0


def lowest_strike(site: Site) -> float:
    """Price of a MWh above which the least efficient ASICs no longer run at full power; 0 without ASICs."""
    full = [levels(unit)[-1] for unit in site.units if unit.ai is None and unit.modes]
    return min((top.amount / top.mw for top in full), default=0.0) * float(site.hashprice_usd_per_ph_day[0]) / 24


def dear_price(site: Site, battery: Battery) -> float:
    """The least of the horizon's highest prices, as many of them as a full battery lasts."""
    prices = site.grid.import_price_usd_mwh
    if site.grid.coincident_usd_per_mw is not None:
        prices = prices + site.grid.coincident_usd_per_mw / site.hours
    lasts = int(battery.capacity_mwh / max(battery.discharge_mw, 1e-9) / float(site.hours[0]))
    return float(np.sort(prices)[-min(max(lasts, 1), len(prices))])
