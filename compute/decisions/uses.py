"""A plan as people look at it: megawatts by use in each step, and what a megawatt-hour of each use earns. Pure."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from compute.decisions.alternatives import usd_per_mwh
from compute.decisions.tier_power import tiers
from compute.switching.inputs import Floats, Site, Unit
from compute.switching.plan import Plan, unit_load_mw
from compute.switching.reprice import Priced

KEPT = 4


@dataclass(frozen=True)
class Worth:
    """One use of a MWh now. usd_per_mwh: revenue; margin: less what the MWh costs; mw: what runs of mw_most."""

    use: str
    name: str
    usd_per_mwh: float
    margin_usd_per_mwh: float
    mw: float
    mw_most: float
    words: str = ""


def schedule(site: Site, plan: Plan, priced: Priced) -> dict[str, Any]:
    """Columns over the steps, with what a MWh is worth and the power of each tier. stored: above zero charges, below
    zero discharges.

    idle: what machines that stand ready could draw within the limit, and do not.
    """
    everything = site.base_load_mw + sum(float(unit.facility_mw.max(initial=0.0)) * unit.count for unit in site.units)
    idle = np.maximum(np.minimum(site.limit_mw, everything) - priced.load_mw, 0.0)
    columns = {
        "hours": site.hours,
        "mining_mw": of_kind(site, plan, is_ai=False) + site.base_load_mw,
        "ai_mw": of_kind(site, plan, is_ai=True),
        "sold_mw": priced.export_mw,
        "stored_mw": plan.charge_mw - plan.discharge_mw,
        "idle_mw": idle,
        "import_mw": priced.import_mw,
        "load_mw": priced.load_mw,
        "price_usd_mwh": site.grid.import_price_usd_mwh,
        "hashprice": site.hashprice_usd_per_ph_day,
    }
    found: dict[str, Any] = {
        name: [round(value, KEPT) + 0.0 for value in column.tolist()] for name, column in columns.items()
    }
    return found | {"worth": [asdict(one) for one in worth_now(site)], "tiers": tiers(site, plan)}


def of_kind(site: Site, plan: Plan, *, is_ai: bool) -> Floats:
    total = np.zeros(site.steps)
    for unit in site.units:
        if (unit.ai is not None) == is_ai:
            total += unit_load_mw(plan, unit)
    return total


def first_hour_usd(site: Site, priced: Priced, plan: Plan) -> float:
    """What the first hour of a plan earns, power paid; starts, stops and charges by the month left out."""
    left, total = 1.0, 0.0
    for step in range(site.steps):
        share = min(1.0, left / float(site.hours[step]))
        total += share * step_usd(site, priced, plan, step)
        left -= share * float(site.hours[step])
        if left <= 0:
            break
    return total


def step_usd(site: Site, priced: Priced, plan: Plan, step: int) -> float:
    hours = float(site.hours[step])
    earned = sum(earned_usd_per_h(site, unit, plan.modules[unit.id][:, step], step) for unit in site.units)
    grid = site.grid
    bought = float(priced.import_mw[step] * grid.import_price_usd_mwh[step])
    sold = float(priced.export_mw[step] * grid.export_price_usd_mwh[step])
    return (earned - bought + sold) * hours


def earned_usd_per_h(site: Site, unit: Unit, running: Floats, step: int) -> float:
    if unit.ai is None:
        return float(unit.hash_ph @ running) * float(site.hashprice_usd_per_ph_day[step]) / 24
    nodes = float(unit.nodes @ running)
    return min(nodes, float(unit.ai.demand_nodes[step])) * float(unit.ai.price_usd_per_node_h[step])


def worth_now(site: Site) -> list[Worth]:
    """Every use of a MWh in the first step, the best margin first."""
    price = float(site.grid.import_price_usd_mwh[0])
    found = [one for unit in site.units if unit.count > 0 for one in of_modes(site, unit, price)]
    if site.grid.export_limit_mw > 0:
        sale = float(site.grid.export_price_usd_mwh[0])
        found.append(Worth("sold", "sell to the grid", sale, sale - price, 0.0, site.grid.export_limit_mw))
    if site.battery is not None:
        left = max(0.0, site.battery.capacity_mwh - site.battery.soc0_mwh)
        value = later_value(site)
        most = min(site.battery.charge_mw, left / max(float(site.hours[0]), 0.25))
        found.append(Worth("stored", "store for later", value, value - price, 0.0, most))
    found.append(Worth("idle", "leave it", 0.0, 0.0, 0.0, float(site.limit_mw[0])))
    return sorted(found, key=lambda one: -one.margin_usd_per_mwh)


def of_modes(site: Site, unit: Unit, price: float) -> list[Worth]:
    """Where modes are orders, each by itself."""
    if unit.limits is None:
        return [of_unit(site, unit, price)]
    worth, power = usd_per_mwh(site, unit, 0), unit.facility_mw
    return [
        Worth(
            "mining", f"{unit.id}, {mode.name}", float(worth[at]), float(worth[at]) - price,
            float(power[at] * unit.limits.running[at]), float(power[at] * unit.count),
        )
        for at, mode in enumerate(unit.modes)
    ]  # fmt: skip


def of_unit(site: Site, unit: Unit, price: float) -> Worth:
    """In the mode that earns most a MWh; nodes that nobody buys earn nothing, and the words say so."""
    best = usd_per_mwh(site, unit, 0)
    mode = int(best.argmax())
    revenue, words = float(best[mode]), ""
    if unit.ai is not None:
        demand = float(unit.ai.demand_nodes[0])
        nodes = "node is" if unit.count == 1 else "nodes are"
        words = f"{min(demand, unit.count):,.0f} of {unit.count:,.0f} {nodes} asked for"
    elif len(unit.modes) > 1:
        words = f"in mode {unit.modes[mode].name}"
    most = float(unit.facility_mw.max())
    use = "mining" if unit.ai is None else "ai"
    return Worth(use, unit.id, revenue, revenue - price, most * unit.on_before, most * unit.count, words)


def later_value(site: Site) -> float:
    """What a MWh stored now brings at the dearest hour ahead, losses and wear paid."""
    battery = site.battery
    if battery is None:
        return 0.0
    dearest = float(site.grid.import_price_usd_mwh.max(initial=0.0))
    return (dearest * battery.eta_discharge - battery.wear_usd_per_mwh_discharged) * battery.eta_charge
