"""What a decision shows of its borders: rows of what each price is, and where the decision turns over. Pure."""

from typing import Any

from compute.decisions.round import Round, Told
from compute.switching.counterfactual import Block
from compute.switching.explain import means


def rows(this: Round, told: Told) -> list[dict[str, Any]]:
    """now: in the first step.   mean: over the time of the change, which the border is about."""
    if this.found is None:
        return []
    at = (told.break_even.hashprice_usd_per_ph_day, told.break_even.power_usd_mwh, told.break_even.ai_usd_per_node_h)
    names = (("hashprice", "$/PH/day"), ("power", "$/MWh"), ("AI node", "$/node-h"))
    now, mean = (means(this.site, block) for block in (first_of(this.found.block), this.found.block))
    return [
        {
            "name": name, "unit": unit, "now": rounded(first), "mean": rounded(usual), "flips_at": round(border, 2),
            "rising": above,
        }
        for (name, unit), first, usual, border, above in zip(names, now, mean, at, told.above, strict=True)
        if border is not None
    ]  # fmt: skip


def first_of(block: Block) -> Block:
    return Block(block.first, block.first + 1, block.units)


def rounded(usd: float | None) -> float | None:
    return None if usd is None else round(usd, 2)
