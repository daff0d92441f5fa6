"""The GPU nodes of a site as the engine takes them: a unit for each contract, and one for the hour's market. Pure.

Nodes are alike, so a unit is no set of machines but a promise. Those that are on are counted to the dearest promise
first; the hour's market has what is left, and is let go first whatever it pays.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import numpy as np

from cango_ops.units import W_PER_MW
from compute.decisions.facts import UNKNOWN, WARNING, Fact
from compute.decisions.fleet import Group
from compute.decisions.tiers import NODES, SPOT
from compute.market.demand import Sold, Spot
from compute.switching.inputs import Ai, Mode, Sla, Switching, Unit
from compute.switching.words import dollars

NODE_WAKE_H: Final = 0.25
MIN_UP_H, MIN_DOWN_H = 1.0, 0.5
# By so much a bought node is dearer to let go than the market's price of one.
FIRST_USD: Final = Decimal("0.01")
MOST_NAMED: Final = 6


def ai_units(groups: list[Group], overhead: float, sold: list[Sold], spot: Spot, steps: int) -> list[Unit]:
    """sold: the contracts, those first whose node is dearest to let go."""
    count, on = sum(group.count for group in groups), sum(group.on for group in groups)
    power_mw = sum(group.power_w * group.count for group in groups) / count / W_PER_MW
    units, left = [], (count, on)
    for name, one in zip(names(sold), sold, strict=True):
        bought = min(one.nodes, left[0])
        if bought:
            units.append(node_unit(name, power_mw, overhead, bought, min(left[1], bought), sold_ai(one, spot, steps)))
        left = left[0] - bought, max(0, left[1] - bought)
    if left[0] and spot.nodes is not None and spot.usd_per_node_h is not None:
        ai = Ai(np.full(steps, float(spot.usd_per_node_h)), np.full(steps, float(spot.nodes)))
        units.append(node_unit(SPOT, power_mw, overhead, *left, ai))
    return units


def names(sold: Iterable[Sold]) -> list[str]:
    """Of the units; a customer with several contracts is counted through."""
    seen: Counter[str] = Counter()
    found = []
    for one in sold:
        seen[one.customer] += 1
        again = f" ({seen[one.customer]})" if seen[one.customer] > 1 else ""
        found.append(f"{NODES} of {one.customer}{again}")
    return found


def node_unit(name: str, power_mw: float, overhead: float, count: int, on: int, ai: Ai) -> Unit:
    return Unit(
        id=name,
        modes=(Mode("on", power_mw, nodes=1.0),),
        pue=overhead,
        start_cost_usd=float(ai.price_usd_per_node_h[0]) * NODE_WAKE_H,
        min_up_h=MIN_UP_H,
        min_down_h=MIN_DOWN_H,
        count=count,
        switching=Switching.MACHINE,
        on_before=on,
        ai=ai,
    )


def sold_ai(one: Sold, spot: Spot, steps: int) -> Ai:
    """A bought node that is missing costs its penalty, and never less than what would make the market's go first."""
    nodes = np.full(steps, float(one.nodes))
    market = (spot.usd_per_node_h or Decimal(0)) + FIRST_USD - one.usd_per_node_h if spot.nodes else Decimal(0)
    penalty = float(max(one.penalty_usd_per_node_h, market))
    return Ai(np.full(steps, float(one.usd_per_node_h)), nodes, Sla(nodes, penalty))


# In words


def ai_facts(groups: list[Group], sold: list[Sold], spot: Spot) -> list[Fact]:
    return [contract_fact(sold, sum(group.count for group in groups)), *turn_facts(sold, spot), spot_fact(spot)]


def contract_fact(sold: list[Sold], count: int) -> Fact:
    nodes = sum(one.nodes for one in sold)
    if not nodes:
        return Fact("GPU contracts", "none")
    usd = sum((one.usd_per_node_h * one.nodes for one in sold), Decimal(0)) / nodes
    value, customers = f"{node_count(nodes)} at ${usd:.2f}/h", ", ".join(sorted(one.customer for one in sold))
    if nodes > count:
        works = "works" if count == 1 else "work"
        words = f"only {count} of them {works}: the rest pays its penalty"
        return Fact("GPU contracts", value, state=WARNING, words=words)
    return Fact("GPU contracts", value, customers[:100])


def node_count(nodes: int) -> str:
    return f"{nodes:,} node{'' if nodes == 1 else 's'}"


def turn_facts(sold: list[Sold], spot: Spot) -> list[Fact]:
    """Whose nodes go to sleep first, where there is a choice."""
    turns = turn_words(sold, spot)
    return [Fact("nodes that go first", turns, words="they come back in the opposite order")] if turns else []


def turn_words(sold: list[Sold], spot: Spot) -> str:
    """ "the market's ($2.10 an hour), then Beta's ($4.00), then Acme's ($44.00)": what an hour without a node costs."""
    told = [(f"{one.customer}'s", one.lost_usd_per_node_h) for one in reversed(sold)]
    if spot.nodes and spot.usd_per_node_h is not None:
        told.insert(0, ("the market's", spot.usd_per_node_h))
    if len(told) < 2:
        return ""
    first = [f"{name} ({dollars(float(usd), cents=True)} an hour lost)" for name, usd in told[:MOST_NAMED]]
    return ", then ".join(first) + (f", then {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else "")


def spot_fact(spot: Spot) -> Fact:
    if spot.nodes is None:
        words = f"{spot.reason}; nodes beyond the contracts are left as they are"
        return Fact("spot demand", "not known", spot.source, spot.observed_at, UNKNOWN, words)
    return Fact(
        "spot demand", f"{node_count(spot.nodes)} at ${spot.usd_per_node_h:.2f}/h", spot.source, spot.observed_at
    )
