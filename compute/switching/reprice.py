"""Prices a plan and holds it against every rule, from the inputs alone: it shares nothing with the model.

A plan that breaks a rule, or earns another amount than its maker said, does not leave.
"""

from dataclasses import dataclass, fields

import numpy as np

from compute.switching.inputs import SLACK_H, Floats, Site, Unit
from compute.switching.limit_rules import limit_faults, moves_usd
from compute.switching.plan import Plan, load_mw, net_mw
from compute.switching.ready import reserve_usd

TOLERANCE = 1e-5


@dataclass(frozen=True)
class Money:
    """Dollars of the horizon; costs are negative. battery_end is what the battery's content is worth at the end,
    battery_ready what it is expected to earn before by being there. limits: what moving machines from one power limit
    to another costs."""

    mining: float = 0.0
    ai: float = 0.0
    sla: float = 0.0
    starts: float = 0.0
    stops: float = 0.0
    energy: float = 0.0
    exported: float = 0.0
    coincident: float = 0.0
    demand_charge: float = 0.0
    take_or_pay: float = 0.0
    demand_response: float = 0.0
    reserve: float = 0.0
    wear: float = 0.0
    battery_ready: float = 0.0
    battery_end: float = 0.0
    limits: float = 0.0

    @property
    def total(self) -> float:
        return float(sum(getattr(self, each.name) for each in fields(self)))


@dataclass(frozen=True, eq=False)
class Priced:
    """A plan with what follows from it. broken: the rules it breaks, in words; empty for a good plan."""

    money: Money
    import_mw: Floats
    export_mw: Floats
    load_mw: Floats
    soc_mwh: Floats
    broken: tuple[str, ...]

    @property
    def profit_usd(self) -> float:
        return self.money.total


def reprice(site: Site, plan: Plan) -> Priced:
    """What the plan earns and which rules it breaks."""
    if faults := shape_faults(site, plan):
        nothing = np.zeros(site.steps)
        return Priced(Money(), nothing, nothing, nothing, nothing, tuple(faults))
    net = net_mw(site, plan)
    imported, exported = np.maximum(net, 0.0), np.maximum(-net, 0.0)
    soc = soc_mwh(site, plan)
    money = Money(
        **revenue(site, plan),
        **switching_costs(site, plan),
        **grid_costs(site, imported, exported),
        **contract_costs(site, imported),
        reserve=reserve_usd(site, plan),
        **battery_costs(site, plan, soc),
        limits=moves_usd(site, plan),
    )
    broken = [
        *machine_faults(site, plan),
        *limit_faults(site, plan),
        *power_faults(site, plan, imported, exported),
        *battery_faults(site, plan, soc),
    ]
    return Priced(money, imported, exported, load_mw(site, plan), soc, tuple(broken))


def revenue(site: Site, plan: Plan) -> dict[str, float]:
    """Nodes beyond the demand earn nothing; nodes short of the SLA cost."""
    mining = ai = sla = 0.0
    for unit in site.units:
        running = plan.modules[unit.id]
        if unit.ai is None:
            mining += float((unit.hash_ph @ running * site.hashprice_usd_per_ph_day / 24 * site.hours).sum())
            continue
        nodes = unit.nodes @ running
        sold = np.minimum(nodes, unit.ai.demand_nodes)
        ai += float((sold * unit.ai.price_usd_per_node_h * site.hours).sum())
        if unit.ai.sla is not None:
            short = np.maximum(unit.ai.sla.min_nodes - nodes, 0.0)
            sla -= float((short * site.hours).sum()) * unit.ai.sla.penalty_usd_per_node_h
    return {"mining": mining, "ai": ai, "sla": sla}


def switching_costs(site: Site, plan: Plan) -> dict[str, float]:
    starts = stops = 0.0
    for unit in site.units:
        change = np.diff(plan.modules[unit.id].sum(axis=0), prepend=unit.on_before)
        starts -= unit.start_cost_usd * float(change[change > 0].sum())
        stops += unit.stop_cost_usd * float(change[change < 0].sum())
    return {"starts": starts, "stops": stops}


def grid_costs(site: Site, imported: Floats, exported: Floats) -> dict[str, float]:
    grid = site.grid
    peak = 0.0 if grid.coincident_usd_per_mw is None else float(grid.coincident_usd_per_mw @ imported)
    return {
        "energy": -float((grid.import_price_usd_mwh * imported * site.hours).sum()),
        "exported": float((grid.export_price_usd_mwh * exported * site.hours).sum()),
        "coincident": -peak,
    }


def contract_costs(site: Site, imported: Floats) -> dict[str, float]:
    demand = block_cost = response = 0.0
    for charge in site.grid.demand_charges:
        highest = max([charge.peak_so_far_mw, *imported[charge.in_window].tolist()])
        demand -= charge.usd_per_mw * (highest - charge.peak_so_far_mw)
    block = site.grid.take_or_pay
    if block is not None and not block.resale:
        block_cost -= block.price_usd_mwh * max(0.0, block.mwh - float(imported @ site.hours))
    for event in site.dr_events:
        under = min(event.cap_mw, max(0.0, event.baseline_mw - float(imported[event.step])))
        response += event.pay_usd_mwh * float(site.hours[event.step]) * under
    return {"demand_charge": demand, "take_or_pay": block_cost, "demand_response": response}


def soc_mwh(site: Site, plan: Plan) -> Floats:
    """Energy in the battery at the end of each step; zeros where there is no battery."""
    if site.battery is None:
        return np.zeros(site.steps)
    flow = plan.charge_mw * site.battery.eta_charge - plan.discharge_mw / site.battery.eta_discharge
    return site.battery.soc0_mwh + np.cumsum(flow * site.hours)


def battery_costs(site: Site, plan: Plan, soc: Floats) -> dict[str, float]:
    if site.battery is None or not site.steps:
        return {}
    wear = site.battery.wear_usd_per_mwh_discharged * float(plan.discharge_mw @ site.hours)
    ready = site.battery.ready_usd_mwh_h * float(soc @ site.hours)
    return {"wear": -wear, "battery_ready": ready, "battery_end": site.battery.end_value_usd_mwh * float(soc[-1])}


def shape_faults(site: Site, plan: Plan) -> list[str]:
    """Missing units, wrong lengths, and what is no number."""
    wanted = {unit.id: (len(unit.modes), site.steps) for unit in site.units}
    if set(plan.modules) != set(wanted):
        return ["the plan is not for these units"]
    parts: dict[str, tuple[Floats, tuple[int, ...]]] = {}
    parts |= {name: (plan.modules[name], shape) for name, shape in wanted.items()}
    parts |= {f"limits of {name}": (plan.standing[name], wanted.get(name, ())) for name in plan.standing}
    for name in ("charge_mw", "discharge_mw", "solar_used_mw"):
        parts[name] = (getattr(plan, name), (site.steps,))
    return [
        f"{name}: no number for every step"
        for name, (values, shape) in parts.items()
        if values.shape != shape or not np.isfinite(values).all()
    ]


def machine_faults(site: Site, plan: Plan) -> list[str]:
    found = []
    for unit in site.units:
        running = plan.modules[unit.id]
        found += count_faults(unit, running)
        found += minimum_time_faults(site, unit, running.sum(axis=0))
    return found


def count_faults(unit: Unit, running: Floats) -> list[str]:
    found = []
    if running.min(initial=0.0) < -TOLERANCE or running.sum(axis=0).max(initial=0.0) > unit.count + TOLERANCE:
        found.append(f"{unit.id}: fewer than no modules run, or more than there are")
    whole = {"mode": running, "module": running.sum(axis=0), "machine": np.zeros(0)}[unit.switching.value]
    if np.abs(whole - np.rint(whole)).max(initial=0.0) > TOLERANCE:
        found.append(f"{unit.id}: what switches as one is split")
    return found


def minimum_time_faults(site: Site, unit: Unit, on: Floats) -> list[str]:
    """Walks through the steps with the list of what still holds, as a foreman would."""
    found = []
    before, clock_h = unit.on_before, 0.0
    started = [(-age, modules) for age, modules in unit.started]
    stopped = [(-age, modules) for age, modules in unit.stopped]
    for step in range(site.steps):
        change = float(on[step]) - before
        (started if change > 0 else stopped).append((clock_h, abs(change)))
        started, stopped = still(started, clock_h, unit.min_up_h), still(stopped, clock_h, unit.min_down_h)
        if on[step] < held(started) - TOLERANCE:
            found.append(f"{unit.id}: stopped before its minimum time, step {step}")
        if unit.count - on[step] < held(stopped) - TOLERANCE:
            found.append(f"{unit.id}: started before its minimum time, step {step}")
        before, clock_h = float(on[step]), clock_h + float(site.hours[step])
    return found


def still(past: list[tuple[float, float]], now_h: float, least_h: float) -> list[tuple[float, float]]:
    """Those of the past switchings that a minimum time still holds."""
    return [(at_h, modules) for at_h, modules in past if now_h - at_h < least_h - SLACK_H]


def held(past: list[tuple[float, float]]) -> float:
    return sum(modules for _, modules in past)


def power_faults(site: Site, plan: Plan, imported: Floats, exported: Floats) -> list[str]:
    load = load_mw(site, plan)
    checks = [
        (load - site.limit_mw, "load is above the site limit"),
        (imported - site.grid.import_limit_mw, "import is above its limit"),
        (exported - site.grid.export_limit_mw, "export is above its limit"),
        (-plan.solar_used_mw, "solar use is below zero"),
        (plan.solar_used_mw - site.solar_mw, "more solar is used than there is"),
    ]
    if site.ramp is not None:
        moved = np.abs(np.diff(load, prepend=site.ramp.load_before_mw))
        checks.append((moved - site.ramp.mw_per_h * site.hours, "load moves faster than its ramp"))
    if site.nodes_limit is not None:
        nodes = sum((unit.nodes @ plan.modules[unit.id] for unit in site.units if unit.ai), np.zeros(site.steps))
        checks.append((nodes - site.nodes_limit, "more nodes are on than the site's share"))
    return said(checks)


def said(checks: list[tuple[Floats, str]]) -> list[str]:
    """The words of each check with its first step above zero."""
    return [
        f"{words}, step {int(np.argmax(~(excess <= TOLERANCE)))}"
        for excess, words in checks
        if (~(excess <= TOLERANCE)).any()
    ]


def battery_faults(site: Site, plan: Plan, soc: Floats) -> list[str]:
    battery = site.battery
    if battery is None:
        idle = not plan.charge_mw.any() and not plan.discharge_mw.any()
        return [] if idle else ["there is no battery to charge"]
    wanting = np.zeros(site.steps)
    wanting[-1:] = battery.soc_end_min_mwh - soc[-1:]
    checks = [
        (-plan.charge_mw, "charge is below zero"),
        (-plan.discharge_mw, "discharge is below zero"),
        (plan.charge_mw - battery.charge_mw, "charge is above its limit"),
        (plan.discharge_mw - battery.discharge_mw, "discharge is above its limit"),
        (np.minimum(plan.charge_mw, plan.discharge_mw), "the battery charges and discharges at once"),
        (-soc, "the battery is emptier than empty"),
        (soc - battery.capacity_mwh, "the battery is fuller than full"),
        (wanting, "the battery ends emptier than it may"),
    ]
    return said(checks)
