"""What a decision shows of its borders: rows of what each price is now and where the decision turns over. Pure."""

from typing import Any

from compute.decisions.round import Round, Told
from compute.switching.inputs import Site


def rows(this: Round, told: Told) -> list[dict[str, Any]]:
    now = prices_now(this.site)
    at = (told.break_even.hashprice_usd_per_ph_day, told.break_even.power_usd_mwh, told.break_even.ai_usd_per_node_h)
    names = (("hashprice", "$/PH/day"), ("power", "$/MWh"), ("AI node", "$/node-h"))
    return [
        {
            "name": name, "unit": unit, "now": None if value is None else round(value, 2), "flips_at": round(border, 2),
            "rising": above,
        }
        for (name, unit), value, border, above in zip(names, now, at, told.above, strict=True)
        if border is not None
    ]  # fmt: skip


def prices_now(site: Site) -> tuple[float, float, float | None]:
    nodes = [float(unit.ai.price_usd_per_node_h[0]) for unit in site.units if unit.ai]
    return (
        float(site.hashprice_usd_per_ph_day[0]),
        float(site.grid.import_price_usd_mwh[0]),
        max(nodes, default=None),
    )
