"""The rule that stands in for the solver, and is shown beside it: who earns most per MWh takes power first.

Each module in its turn takes its own best schedule (start costs, minimum times) in the power that is left; then the
battery its own beside that load. Where a demand charge is due, the whole is tried under several ceilings of import.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from compute.switching.inputs import SLACK_H, Floats, Limits, Site, Switching, Unit
from compute.switching.limit_groups import as_standing, limited_anew, shared_out
from compute.switching.plan import Plan, load_mw
from compute.switching.reprice import Priced, reprice
from compute.switching.run_length import NEVER, Durations, Start, best_run, durations
from compute.switching.storage_rule import battery_schedule, solar_use_mw

CEILINGS = (0.0, 0.25, 0.5, 0.75)
LEAST = 1e-6


@dataclass(frozen=True)
class Group:
    """Modules of one unit that enter the horizon in the same way. mode: the one that they have, where only an order
    would give them another."""

    unit: Unit
    modules: float
    start: Start
    mode: int | None = None


@dataclass(eq=False)
class Room:
    """What is still free in each step, and what already stands there."""

    power_mw: Floats
    nodes: Floats
    load_mw: Floats
    running: dict[str, Floats]


def merit_order(site: Site) -> Plan:
    """The best of the rule's plans under a few ceilings of import; it keeps the rules wherever that is possible.

    Power limits stay as they are, or each unit takes from the first step on the one that pays best by itself.
    """
    sites = [site, *limited_anew(site)]
    plans = [under_ceiling(each, ceiling) for each in sites for ceiling in ceilings(site)]
    return max(plans, key=lambda plan: rank_of(reprice(site, plan)))


def rank_of(priced: Priced) -> tuple[bool, float]:
    return not priced.broken, priced.profit_usd


def ceilings(site: Site) -> Iterator[Floats]:
    """The import limit, and lower ones in the windows of demand charges."""
    limit = np.full(site.steps, site.grid.import_limit_mw)
    yield limit
    for charge in site.grid.demand_charges:
        highest = min(site.grid.import_limit_mw, float(site.limit_mw.max(initial=0.0)), most_load_mw(site))
        for share in CEILINGS:
            ceiling = charge.peak_so_far_mw + share * max(0.0, highest - charge.peak_so_far_mw)
            yield np.where(charge.in_window, np.minimum(limit, ceiling), limit)


def most_load_mw(site: Site) -> float:
    units = sum(float(unit.facility_mw.max(initial=0.0)) * unit.count for unit in site.units)
    return units + float(site.base_load_mw.max(initial=0.0))


def safe_state(site: Site) -> Plan:
    """Everything off that may be off, what must run in its smallest mode, the battery at rest."""
    nothing = np.zeros(site.steps)
    dark = replace(site, hashprice_usd_per_ph_day=nothing - 1.0, units=tuple(unpaid(unit) for unit in site.units))
    room = room_of(dark, np.full(site.steps, site.grid.import_limit_mw))
    for group in ranked(dark):
        place(dark, room, group)
    return with_battery(replace(site, battery=None), room, np.full(site.steps, site.grid.import_limit_mw))


def unpaid(unit: Unit) -> Unit:
    if unit.ai is None:
        return unit
    nothing = np.zeros_like(unit.ai.demand_nodes)
    return replace(unit, ai=replace(unit.ai, demand_nodes=nothing, sla=None))


def under_ceiling(site: Site, ceiling_mw: Floats) -> Plan:
    room = room_of(site, ceiling_mw)
    for group in ranked(site):
        place(site, room, group)
    return with_battery(site, room, ceiling_mw)


def room_of(site: Site, ceiling_mw: Floats) -> Room:
    """Everything free but what the minimum times already claim, which its owner gets back when its turn comes."""
    drawn = np.minimum(site.limit_mw, ceiling_mw + site.solar_mw) - site.base_load_mw
    nodes = np.full(site.steps, np.inf) if site.nodes_limit is None else site.nodes_limit.copy()
    room = Room(
        power_mw=drawn,
        nodes=nodes,
        load_mw=site.base_load_mw.copy(),
        running={unit.id: np.zeros((len(unit.modes), site.steps)) for unit in site.units},
    )
    for unit in site.units:
        for group in groups(site, unit):
            claim(room, group, -1.0)
    return room


def claim(room: Room, group: Group, sign: float) -> None:
    """Takes (-1) or gives back (+1) the least power of modules that must stay on."""
    if group.start.is_on and group.unit.modes:
        at = slice(0, group.start.held_until)
        room.power_mw[at] += sign * group.modules * float(group.unit.facility_mw[least_mode(group)])


def least_mode(group: Group) -> int:
    return int(group.unit.facility_mw.argmin()) if group.mode is None else group.mode


def groups(site: Site, unit: Unit) -> Iterator[Group]:
    """The modules by how they enter: held on, free and on, held off, free and off; those of each power limit."""
    if unit.limits is not None:
        yield from limit_groups(site, unit, unit.limits)
        return
    free_on, free_off = unit.on_before, unit.count - unit.on_before
    for is_on, past, least_h in ((True, unit.started, unit.min_up_h), (False, unit.stopped, unit.min_down_h)):
        for age_h, modules in past:
            until = int(np.searchsorted(site.begin_h, least_h - age_h - SLACK_H))
            if until and modules > LEAST:
                free_on, free_off = (free_on - modules, free_off) if is_on else (free_on, free_off - modules)
                yield Group(unit, modules, Start(is_on, until))
    if free_on > LEAST:
        yield Group(unit, free_on, Start(is_on=True))
    if free_off > LEAST:
        yield Group(unit, free_off, Start(is_on=False))


def limit_groups(site: Site, unit: Unit, limits: Limits) -> Iterator[Group]:
    """Of those that a minimum time holds, the strongest first."""
    asleep = [have - on for have, on in zip(limits.standing, limits.running, strict=True)]
    entries = (
        (True, list(limits.running), unit.started, unit.min_up_h),
        (False, asleep, unit.stopped, unit.min_down_h),
    )
    for is_on, left, past, least_h in entries:
        for age_h, modules in past:
            until = int(np.searchsorted(site.begin_h, least_h - age_h - SLACK_H))
            for mode, taken in shared_out(left, modules if until else 0.0):
                yield Group(unit, taken, Start(is_on, until), mode)
        for mode, modules in enumerate(left):
            if modules > LEAST:
                yield Group(unit, modules, Start(is_on), mode)


def ranked(site: Site) -> list[Group]:
    """Groups by the best revenue per MWh that one of their modules can make, highest first."""
    found = [group for unit in site.units if unit.modes for group in groups(site, unit)]
    return sorted(found, key=lambda group: -usd_per_mwh(site, group))


def usd_per_mwh(site: Site, group: Group) -> float:
    """In the best mode that the group can take."""
    unit = group.unit
    earned = revenue(site, unit, np.zeros(site.steps)).sum(axis=1)
    used = np.maximum(unit.facility_mw, LEAST) * max(float(site.hours.sum()), LEAST)
    return float((earned / used).max() if group.mode is None else (earned / used)[group.mode])


def revenue(site: Site, unit: Unit, nodes_on: Floats) -> Floats:
    """Dollars that one more module earns in each mode and step beside the nodes already on."""
    if unit.ai is None:
        return np.outer(unit.hash_ph, site.usd_per_ph)
    more = nodes_on + unit.nodes[:, None]
    sold = np.minimum(more, unit.ai.demand_nodes) - np.minimum(nodes_on, unit.ai.demand_nodes)
    earned = sold * unit.ai.price_usd_per_node_h * site.hours
    if unit.ai.sla is not None:
        owed = unit.ai.sla.min_nodes
        mended = np.maximum(owed - nodes_on, 0.0) - np.maximum(owed - more, 0.0)
        earned = earned + mended * unit.ai.sla.penalty_usd_per_node_h * site.hours
    return earned


def place(site: Site, room: Room, group: Group) -> None:
    """Gives the group's modules their schedules, as many at a time as the same schedule fits."""
    claim(room, group, 1.0)
    lasting = durations(site, group.unit)
    left = group.modules
    while left > LEAST:
        size = min(left, 1.0)
        chosen = best_modes(site, room, group, lasting, size)
        taken = how_many(room, group.unit, chosen, left)
        if group.unit.ai is not None or taken < size:
            taken = size
        put(room, group.unit, chosen, taken)
        left -= taken


def best_modes(site: Site, room: Room, group: Group, lasting: Durations, size: float) -> np.ndarray:
    """The mode of one module in each step; 0 is off."""
    unit = group.unit
    money = margins(site, room, unit)
    fits = (unit.facility_mw[:, None] * size <= room.power_mw + LEAST) & (unit.nodes[:, None] * size <= room.nodes)
    if group.mode is not None:
        fits[np.arange(len(fits)) != group.mode] = False
    if group.start.is_on:
        fits[least_mode(group), : group.start.held_until] = True
    money = np.where(fits, money, NEVER)
    runs = best_run(money.max(axis=0), unit, lasting, group.start)
    return runs * (money.argmax(axis=0) + 1)


def margins(site: Site, room: Room, unit: Unit) -> Floats:
    """Revenue less energy of one more module, in each mode and step."""
    nodes_on = unit.nodes @ room.running[unit.id]
    power = unit.facility_mw[:, None]
    cost = energy_usd_mwh(site, room.load_mw + power / 2) * power * site.hours
    return revenue(site, unit, nodes_on) - cost


def energy_usd_mwh(site: Site, load_mw: Floats) -> Floats:
    """What the next MWh costs at a load: solar first, at what its sale would bring, then the grid."""
    grid = site.grid
    price = grid.import_price_usd_mwh.copy()
    if grid.coincident_usd_per_mw is not None:
        price += grid.coincident_usd_per_mw / site.hours
    for event in site.dr_events:
        price[event.step] += event.pay_usd_mwh
    if grid.take_or_pay is not None and not grid.take_or_pay.resale:
        price -= block_credit(site, grid.take_or_pay.mwh, grid.take_or_pay.price_usd_mwh)
    sale = np.maximum(grid.export_price_usd_mwh, 0.0) * (grid.export_limit_mw > 0)
    return np.where(load_mw < site.solar_mw, np.minimum(price, sale), price)


def block_credit(site: Site, mwh: float, price_usd_mwh: float) -> float:
    """What each MWh saves of a block; nothing once everything on would take more than the block."""
    most = min(most_load_mw(site), float(site.limit_mw.max(initial=0.0))) * float(site.hours.sum())
    return price_usd_mwh * min(1.0, mwh / most) if most > 0 else 0.0


def how_many(room: Room, unit: Unit, chosen: np.ndarray, left: float) -> float:
    """Modules that fit side by side on the same schedule."""
    draw = np.concatenate(([0.0], unit.facility_mw))[chosen]
    used = draw > 0
    fit = min(left, float((room.power_mw[used] / draw[used]).min(initial=left)))
    return fit if unit.switching is Switching.MACHINE else float(np.floor(fit + LEAST))


def put(room: Room, unit: Unit, chosen: np.ndarray, modules: float) -> None:
    at = np.flatnonzero(chosen)
    mode = chosen[at] - 1
    room.running[unit.id][mode, at] += modules
    room.power_mw[at] -= unit.facility_mw[mode] * modules
    room.load_mw[at] += unit.facility_mw[mode] * modules
    if unit.ai is not None:
        room.nodes[at] -= unit.nodes[mode] * modules


def with_battery(site: Site, room: Room, ceiling_mw: Floats) -> Plan:
    """The plan of the modules placed, with battery and solar by their own rules."""
    charge = discharge = np.zeros(site.steps)
    plan = Plan(room.running, charge, discharge, np.zeros(site.steps))
    load = load_mw(site, plan)
    if site.battery is not None and site.steps:
        charge, discharge = battery_schedule(site, site.battery, load, ceiling_mw)
    net = load + charge - discharge
    solar = [float(solar_use_mw(site, net[step : step + 1], step)[0]) for step in range(site.steps)]
    return Plan(room.running, charge, discharge, np.array(solar), as_standing(site))
