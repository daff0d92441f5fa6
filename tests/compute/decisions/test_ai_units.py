"""Whose nodes go to sleep first where customers share them."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from compute.decisions.ai_units import ai_facts, ai_units
from compute.decisions.fleet import Group
from compute.decisions.round import turns_of
from compute.market.demand import Sold, Spot
from compute.switching.planning import plan_site
from tests.compute.decisions.test_round import site

ACME = Sold("Acme", 4, Decimal(4), Decimal(40))
BETA = Sold("Beta", 3, Decimal(3), Decimal(0))
MARKET = Spot(5, Decimal(9))


def nodes(on: int = 10, count: int = 10) -> list[Group]:
    """Nodes of 10 kW."""
    return [Group("H100", is_gpu=True, count=count, on=on, power_w=10_000.0)]


def shared(limit_mw: float, sold=(ACME, BETA), spot: Spot = MARKET, **group: int):
    units = ai_units(nodes(**group), 1.0, list(sold), spot, 3)
    return replace(site([40.0] * 3), units=tuple(units), limit_mw=np.full(3, limit_mw))


def on(pecos) -> dict[str, float]:
    plan = plan_site(pecos).plan
    return {unit.id: round(float(plan.modules[unit.id][0, 0]), 6) for unit in pecos.units}


def test_nodes_that_are_on_count_to_the_dearest_promise_first():
    units = ai_units(nodes(on=6), 1.0, [ACME, BETA], MARKET, 3)

    assert [(unit.id, unit.count, unit.on_before) for unit in units] == [
        ("GPU nodes of Acme", 4, 4),
        ("GPU nodes of Beta", 3, 2),
        ("GPU nodes by the hour", 3, 0),
    ]


def test_the_market_goes_first_whatever_it_pays_then_the_cheapest_promise():
    """An hour of Beta's node is worth 3 USD, of the market's 9, of Acme's 44 with its penalty."""
    assert on(shared(0.1)) == {"GPU nodes of Acme": 4, "GPU nodes of Beta": 3, "GPU nodes by the hour": 3}
    assert on(shared(0.07)) == {"GPU nodes of Acme": 4, "GPU nodes of Beta": 3, "GPU nodes by the hour": 0}
    assert on(shared(0.05)) == {"GPU nodes of Acme": 4, "GPU nodes of Beta": 1, "GPU nodes by the hour": 0}


def test_where_fewer_work_than_are_bought_the_cheapest_promise_has_none():
    units = ai_units(nodes(count=4, on=4), 1.0, [ACME, BETA], MARKET, 3)

    assert [(unit.id, unit.count) for unit in units] == [("GPU nodes of Acme", 4)]


def test_two_contracts_of_a_customer_are_told_apart():
    units = ai_units(nodes(), 1.0, [ACME, ACME], Spot(None, reason="nobody said"), 3)

    assert [unit.id for unit in units] == ["GPU nodes of Acme", "GPU nodes of Acme (2)"]


def test_inputs_and_decision_name_the_order():
    facts = {fact.name: fact.value for fact in ai_facts(nodes(), [ACME, BETA], MARKET)}

    assert facts["nodes that go first"] == (
        "the market's ($9.00 an hour lost), then Beta's ($3.00 an hour lost), then Acme's ($44.00 an hour lost)"
    )
    assert turns_of(shared(0.1)) == (
        "nodes go in this order, by what an hour of one is worth: "
        "GPU nodes by the hour ($9.00), GPU nodes of Beta ($9.01), GPU nodes of Acme ($44.00)"
    )


def test_one_promise_alone_has_no_order():
    assert turns_of(shared(0.1, sold=(ACME,), spot=Spot(None, reason="nobody said"))) == ""
