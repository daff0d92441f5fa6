"""Where a decision would flip: the power price, the hashprice, the price of a node. Pure.

By the margin of a MWh in the running step: strike = hashprice * hash / (24 * power), and the other way round.
"""

from typing import Any

from compute.decisions.alternatives import DUST, usd_per_mwh
from compute.decisions.change import Change
from compute.switching.inputs import Site, Unit


def break_evens(site: Site, change: Change) -> list[dict[str, Any]]:
    """Rows {name, unit, now, flips_at, words} of everything that a moved unit hangs on."""
    moved = {move.unit for move in change.moves}
    price = float(site.grid.import_price_usd_mwh[0])
    rows = []
    for unit in site.units:
        if unit.id in moved and unit.modes:
            best = usd_per_mwh(site, unit, 0)
            strike = float(best.max())
            rows.append(row("power", f"power for {unit.id}", "USD/MWh", price, strike))
            rows.append(output_row(site, unit, int(best.argmax()), price))
    return rows


def output_row(site: Site, unit: Unit, mode: int, price: float) -> dict[str, Any]:
    """The price of what the unit makes at which it just pays for its power."""
    power = max(float(unit.facility_mw[mode]), DUST)
    if unit.ai is None:
        now = float(site.hashprice_usd_per_ph_day[0])
        return row("hashprice", f"hashprice for {unit.id}", "USD/PH/day", now, 24 * power * price / unit.hash_ph[mode])
    now = float(unit.ai.price_usd_per_node_h[0])
    return row("node", f"{unit.id}", "USD/node-h", now, power * price / unit.nodes[mode])


def row(kind: str, name: str, unit: str, now: float, flips_at: float) -> dict[str, Any]:
    return {"kind": kind, "name": name, "unit": unit, "now": round(now, 4), "flips_at": round(float(flips_at), 4)}
