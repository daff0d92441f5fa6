"""Whatever comes in whatever order, the books equal one walk over the facts that they hold."""

import contextlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from tests.treasury.ledger.oracle import Oracle
from tests.treasury.ledger.strategies import START, histories
from treasury.books import check, methods, queries
from treasury.books.post import post
from treasury.books.standing import facts_after
from treasury.ledger.lots import POOL, Method
from treasury.ledger.walk import walk

pytestmark = pytest.mark.django_db
FOREVER = START + timedelta(days=400)


def in_calls(facts, sizes):
    while facts:
        size = next(sizes)
        yield facts[:size]
        facts = facts[size:]


def post_all(facts, chance):
    """In calls of any size; what was refused is told again as long as that helps."""
    sizes = iter(lambda: chance.randint(1, 6), None)
    refused = set()
    for call in in_calls(list(facts), sizes):
        refused |= post(call, "test").refused.keys()
    while refused:
        receipt = post([fact for fact in facts if fact.source in refused], "test")
        if not receipt.posted:
            return
        refused = set(receipt.refused)


def assert_books_equal_the_oracle(method):
    oracle = Oracle(method.value).run(facts_after(None))
    end = queries.Book.at(FOREVER)
    coins = queries.coins(FOREVER)
    kept = {("wallet", name): sat for name, sat in coins.wallets_sat.items()}
    kept |= {("loan", name): sat for name, sat in coins.pledged_sat.items()}
    assert oracle.refused == []
    assert {place: sat for place, sat in kept.items() if sat} == {p: sat for p, sat in oracle.places.items() if sat}
    assert end.usd("Income:RealisedGain") == -Decimal(sum(oracle.gains.values())) / 100
    assert end.usd("Equity:Disposals:Proceeds") == -Decimal(oracle.proceeds_cents) / 100
    assert queries.open_lots_total()[1:] == (
        sum(lot[1] for lot in oracle.lots),
        Decimal(sum(lot[2] for lot in oracle.lots)) / 100,
    )
    assert list(check.faults()) == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=histories(most=14), method=st.sampled_from([Method.FIFO, Method.AVERAGE]), chance=st.randoms())
def test_the_books_equal_a_second_way_over_their_facts(db, facts, method, chance):
    with transaction.atomic():
        methods.change(START - timedelta(days=9), method, "test")

        post_all(facts, chance)

        assert_books_equal_the_oracle(method)
        middle = START + timedelta(days=3, hours=5)
        assert queries.rollforward(START, middle, "none").quantities.ties
        assert queries.rollforward(middle, FOREVER, "none").quantities.ties
        connection.check_constraints()
        transaction.set_rollback(True)


def assert_books_equal_one_walk():
    standing = walk(facts_after(None), methods.methods())
    assert standing.refused == []
    assert queries.open_lots_total()[1:] == (standing.held_sat(), standing.cost_usd)
    for one in standing.disposals:
        uses = [(None if use.lot == POOL else use.lot, use.sat, use.basis_usd) for use in one.uses]
        assert [(took.lot, took.sat, took.basis_usd) for took in queries.gain_of(one.fact.source)] == uses
    assert list(check.faults()) == []


changes = st.lists(
    st.tuples(st.integers(0, 192), st.sampled_from(list(Method))), max_size=3, unique_by=lambda one: one[0]
)


@pytest.mark.long
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(most=22), changes, st.sampled_from(list(Method)), st.randoms())
def test_changes_of_method_between_calls_leave_what_one_walk_leaves(db, facts, changes, first, chance):
    with transaction.atomic():
        methods.change(START - timedelta(days=9), first, "test")
        half = len(facts) // 2
        post_all(facts[:half], chance)
        for hours, method in sorted(changes):
            with contextlib.suppress(Garbled):  # something at or after it is costed already
                methods.change(START + timedelta(hours=hours), method, "test")
        post_all(facts[half:], chance)

        assert_books_equal_one_walk()
        connection.check_constraints()
        transaction.set_rollback(True)
