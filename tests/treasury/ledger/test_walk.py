import random
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from tests.treasury.ledger.oracle import Oracle
from tests.treasury.ledger.strategies import START, WALLETS, histories
from treasury.ledger.facts import Acquired, Moved, Origin, Place, Sold
from treasury.ledger.journal import costing_legs, legs_of, reversed_legs, unbalanced
from treasury.ledger.lots import Method, Methods
from treasury.ledger.telling import digest, fact_of, told
from treasury.ledger.walk import Scope, walk

METHODS = st.sampled_from([Method.FIFO, Method.AVERAGE])


SCOPES = st.sampled_from(list(Scope))


def agree(facts, method, scope):
    """Holds the walk against the oracle, and what must tie in any case."""
    standing = walk(facts, Methods.always(method), scope)
    oracle = Oracle(method.value, scope is Scope.WALLET).run(facts)
    places = {tuple(place): sat for place, sat in standing.places_sat.items() if sat}
    assert places == {place: sat for place, sat in oracle.places.items() if sat}
    assert min(standing.places_sat.values(), default=0) >= 0
    assert {one.fact.source: int(one.gain_usd * 100) for one in standing.disposals} == oracle.gains
    assert [refusal.fact.source for refusal in standing.refused] == oracle.refused
    assert int(standing.cost_usd * 100) == oracle.came_cents - oracle.went_cents
    assert sum(lots.sat for lots in standing.lots.values()) == standing.held_sat()
    for place, lots in standing.lots.items():
        kept = oracle.held.get(tuple(place) if scope is Scope.WALLET else None, [])
        assert [(one.position, one.sat, int(one.cost_usd * 100)) for one in lots.parcels] == [
            tuple(lot) for lot in kept
        ]
    assert all(sum(use.sat for use in one.uses) == one.sat for one in standing.disposals)
    return standing


@settings(max_examples=150, deadline=None)
@given(histories(), METHODS, SCOPES)
def test_balances_lots_and_gains_are_those_of_a_second_way(facts, method, scope):
    agree(facts, method, scope)


@settings(max_examples=60, deadline=None)
@given(histories(), METHODS, st.randoms())
def test_order_and_repetition_change_nothing(facts, method, chance):
    again = [*facts, *chance.sample(facts, len(facts) // 2)]
    chance.shuffle(again)

    one, other = walk(facts, Methods.always(method)), walk(again, Methods.always(method))

    assert (one.places_sat, one.disposals, one.refused) == (other.places_sat, other.disposals, other.refused)


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from(list(Method)))
def test_with_lots_by_wallet_no_coin_and_no_cent_is_lost(facts, method):
    standing = walk(facts, Methods.always(method), Scope.WALLET)

    came = sum(fact.cost_usd for fact in standing.acquired)
    assert standing.cost_usd + sum(one.basis_usd for one in standing.disposals) == came
    for place, sat in standing.places_sat.items():
        assert standing.lots_of(place).sat == sat


@settings(max_examples=60, deadline=None)
@given(histories())
def test_every_entry_balances_and_every_fact_survives_being_told(facts):
    standing = walk(facts, Methods.always(Method.FIFO))

    for fact in facts:
        assert unbalanced(legs_of(fact)) == []
        again = fact_of(fact.at, fact.seq, fact.source, told(fact))
        assert (digest(again), again.position) == (digest(fact), fact.position)
    for one in standing.disposals:
        assert unbalanced(costing_legs(one)) == []
        assert unbalanced([*costing_legs(one), *reversed_legs(costing_legs(one))]) == []


def test_one_id_cannot_say_two_things():
    one = Acquired(START, 0, "m1", Origin.MINED, "hot", "m1", 1, Decimal("1.00"))
    other = Acquired(START, 0, "m1", Origin.MINED, "hot", "m1", 2, Decimal("1.00"))

    with pytest.raises(Garbled, match="m1 was told twice"):
        walk([one, other], Methods.always(Method.FIFO))


def chance_history(chance):
    """The same as `histories`, a hundred times quicker."""
    facts = []
    for number in range(chance.randint(1, 24)):
        at, source = START + timedelta(hours=chance.randint(0, 192)), f"f{number}"
        sat = chance.choice([chance.randint(1, 9), chance.randint(1, 3 * 10**8)])
        price = Decimal(chance.randint(1, 20_000_000)) / 100
        wallet = chance.choice(WALLETS)
        kind = chance.random()
        if kind < 0.5:
            facts.append(Acquired(at, 0, source, Origin.MINED, wallet, source, sat, price))
        elif kind < 0.75:
            facts.append(Sold(at, 0, source, wallet, sat, price))
        else:
            target = Place(*chance.choice([("wallet", "cold"), ("loan", "A")]))
            facts.append(Moved(at, 0, source, Place("wallet", wallet), target, sat, chance.randint(0, 3), price))
    facts += chance.sample(facts, len(facts) // 4)
    chance.shuffle(facts)
    return facts


@pytest.mark.long
def test_a_hundred_thousand_walks_agree_with_a_second_way():
    chance = random.Random(20260331)
    for number in range(100_000):
        agree(chance_history(chance), (Method.FIFO, Method.AVERAGE)[number % 2], list(Scope)[number // 2 % 2])
