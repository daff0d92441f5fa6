"""Lots that belong to wallets (Rev. Proc. 2024-28): what the books keep, what the database refuses, whatever breaks."""

import contextlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from tests.base.threads import in_threads
from tests.treasury.books.test_any_order import post_all
from tests.treasury.books.worlds import day, mined, moved, pledged, released, sold
from tests.treasury.crashes import Lost, crash_at
from tests.treasury.ledger.strategies import START, histories
from treasury.books import check, methods, queries
from treasury.books.open_lots import code_of
from treasury.books.post import post
from treasury.books.standing import before, facts_after
from treasury.ledger.facts import Place
from treasury.ledger.lots import POOL, Method
from treasury.ledger.walk import Scope, walk
from treasury.models import JournalEntry, Lot, LotMove, LotScope, LotUse, OpenLot

pytestmark = pytest.mark.django_db

D = Decimal
HOT, COLD, LOAN = "Assets:Bitcoin:Wallet:hot", "Assets:Bitcoin:Wallet:cold", "Assets:Bitcoin:Loan:A"


def by_wallet(on=1):
    methods.give_lots_to_wallets(day(on), "test")


def lots_at(account):
    rows = OpenLot.objects.filter(held_at=account).order_by("at")
    return [(row.code, row.left_sat, row.left_cost_usd) for row in rows]


def test_a_sale_takes_the_oldest_lot_of_its_own_wallet():
    by_wallet()
    post([mined("m1", 1, 100, 100, wallet="cold"), mined("m2", 2, 100, 300)], "test")

    post([sold("s1", 3, 50, times=4)], "test")

    # Half of the 300 of m2; the older m1 lies in the cold wallet.
    assert queries.gain_of("s1") == [("m2", day(2), 50, D("150.00"))]
    assert (lots_at(COLD), lots_at(HOT)) == ([("m1", 100, D("100.00"))], [("m2", 50, D("150.00"))])
    assert list(check.faults()) == []


def test_a_transfer_carries_lots_with_their_cost_and_their_place_in_time():
    by_wallet()
    post([mined("m1", 1, 100, 100), mined("m2", 2, 100, 300, wallet="cold")], "test")

    post([moved("t1", 3, 60), sold("s1", 4, 80, wallet="cold")], "test")

    # m1 came first wherever it lies: its 60, then 20 of m2.
    assert queries.gain_of("s1") == [("m1", day(1), 60, D("60.00")), ("m2", day(2), 20, D("60.00"))]
    assert [(row.origin, row.target, row.lot.code, row.sat, row.basis_usd) for row in LotMove.objects.all()] == [
        (HOT, COLD, "m1", 60, D("60.00"))
    ]
    assert list(check.faults()) == []


def test_a_pledge_and_a_release_carry_the_same_lots_there_and_back():
    by_wallet()
    post([mined("m1", 1, 100, 100), mined("m2", 2, 100, 300)], "test")

    post([pledged("p1", 3, 150)], "test")
    assert lots_at(LOAN) == [("m1", 100, D("100.00")), ("m2", 50, D("150.00"))]
    post([released("r1", 4, 120)], "test")

    assert lots_at(LOAN) == [("m2", 30, D("90.00"))]
    assert lots_at(HOT) == [("m1", 100, D("100.00")), ("m2", 70, D("210.00"))]
    assert list(check.faults()) == []


def test_a_named_lot_of_another_wallet_is_refused_until_a_transfer_brings_it():
    methods.change(day(1), Method.SPECIFIC, "test")
    by_wallet()
    post([mined("m1", 1, 100, 100, wallet="cold"), mined("m2", 2, 100, 300)], "test")

    assert post([sold("s1", 3, 10, lots=[("m1", None)])], "test").refused == {"s1": "lot m1 holds nothing here"}
    post([moved("t1", 4, 40, origin="cold", target="hot")], "test")
    assert post([sold("s2", 5, 40, lots=[("m1", None)])], "test").posted == ["s2"]


def test_the_companys_lots_go_to_the_places_that_hold_its_coins_and_then_stay_there():
    post([mined("m1", 1, 100, 100), mined("m2", 2, 100, 300, wallet="cold"), pledged("p1", 3, 30)], "test")

    by_wallet(4)

    # By name: loan A, cold, hot; the oldest lots first.
    assert lots_at(LOAN) == [("m1", 30, D("30.00"))]
    assert lots_at(COLD) == [("m1", 70, D("70.00")), ("m2", 30, D("90.00"))]
    assert lots_at(HOT) == [("m2", 70, D("210.00"))]
    post([sold("s1", 5, 70)], "test")
    assert queries.gain_of("s1") == [("m2", day(2), 70, D("210.00"))]
    assert list(check.faults()) == []


def test_a_late_receipt_costs_sales_and_transfers_anew_by_differences():
    by_wallet()
    post([mined("m2", 2, 100, 300), moved("t1", 3, 50), sold("s1", 4, 30, wallet="cold")], "test")

    receipt = post([mined("m1", 1, 40, 40)], "test")

    assert receipt.recosted == ["s1"]
    assert queries.gain_of("s1") == [("m1", day(1), 30, D("30.00"))]
    assert lots_at(COLD) == [("m1", 10, D("10.00")), ("m2", 10, D("30.00"))]
    assert sum(row.sat for row in LotMove.objects.all()) == 50
    assert list(check.faults()) == []


def test_a_late_fact_walks_what_came_after_it_alone():
    by_wallet()
    post([mined(f"m{n}", n, 100, 100 * n) for n in range(2, 6)] + [moved("t6", 6, 150), sold("s7", 7, 250)], "test")
    late = mined("late", 5, 70, 7, wallet="cold")

    found = before(late.position, [late], methods.methods())

    assert ([fact.source for fact in found.later], found.is_whole) == (["m5", "t6", "s7"], False)
    # Of the hot wallet what they took is there again, and m5, which came after it, is not.
    assert [(one.lot, one.sat) for one in found.standing.lots[Place("wallet", "hot")].parcels] == [
        ("m2", 100), ("m3", 100), ("m4", 100),
    ]  # fmt: skip
    assert found.standing.lots[Place("wallet", "cold")].parcels == []


def test_there_is_no_way_back_and_no_way_past_what_is_in_the_books():
    post([mined("m1", 5, 100, 100)], "test")
    for since in (day(5), day(9000)):
        with pytest.raises(Garbled, match="lies ahead, or facts after it are in the books"):
            methods.give_lots_to_wallets(since, "test")
    by_wallet(6)

    with pytest.raises(Garbled, match="already"):
        by_wallet(7)
    for attempt in (lambda: LotScope.objects.all().delete(), lambda: LotScope.objects.update(since=day(1))):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            attempt()


# What the database refuses, whoever writes.


def use(held_at, lot="m1", disposal="s1", sat=1):
    costing = JournalEntry.objects.get(source_id="costing/0/s1")
    LotUse.objects.create(
        costing=costing, disposal=JournalEntry.objects.get(source_id=disposal), lot=Lot.objects.get(code=lot), place=9,
        sat=sat, basis_usd=1, held_at=held_at,
    )  # fmt: skip
    connection.check_constraints()


def test_the_database_lets_no_disposal_take_a_lot_of_another_wallet():
    by_wallet()
    post([mined("m1", 1, 100, 100, wallet="cold"), mined("m2", 2, 100, 300), sold("s1", 3, 50)], "test")
    attempts = (
        (lambda: use(COLD), "its coins did not leave"),
        (lambda: use(""), "a disposal names the wallet"),
        (lambda: use(HOT), "lot m1 does not lie at Assets:Bitcoin:Wallet:hot: no transfer carried it there"),
        (lambda: use(HOT, "m2", sat=51), "lot m2 does not lie at"),
    )
    for attempt, why in attempts:
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            attempt()


def test_the_database_lets_lots_go_only_where_coins_of_a_transfer_go_and_no_more_than_lies_there():
    by_wallet()
    post([mined("m1", 1, 100, 100), moved("t1", 3, 50)], "test")
    entry, lot = JournalEntry.objects.get(source_id="t1"), Lot.objects.get()

    def move(**said):
        row = {"entry": entry, "lot": lot, "origin": HOT, "target": COLD, "sat": 1, "basis_usd": 1}
        LotMove.objects.create(**(row | said))
        connection.check_constraints()

    attempts = (
        ({"target": LOAN}, "where the coins of a transfer go"),
        ({"entry": None}, "where the coins of a transfer go"),
        ({"sat": 51}, "does not lie at"),
        ({"sat": -51}, "does not lie at"),
    )
    for said, why in attempts:
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            move(**said)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        LotMove.objects.all().delete()


# Any order, any repetition, any change of scope: the books equal one walk.


def held(standing):
    return {
        (code_of(place), one.position[2]): (one.lot, one.sat, one.cost_usd)
        for place, lots in standing.lots.items()
        for one in lots.parcels
    }


def walk_and_compare(facts, method, chance, cut):
    """Posts some facts, gives the lots to wallets, posts all facts, and holds the books against one walk."""
    with transaction.atomic():
        methods.change(START - timedelta(days=9), method, "test")
        post_all([fact for fact in facts[:cut] if fact.at < START + timedelta(days=3)], chance)
        methods.give_lots_to_wallets(START + timedelta(days=3), "test")

        post_all(facts, chance)

        standing = walk(facts_after(None), methods.methods())
        assert standing.refused == []
        assert_equal(standing)
        assert list(check.faults()) == []
        connection.check_constraints()
        transaction.set_rollback(True)


def assert_equal(standing):
    kept = {
        (row.held_at, row.source_id): (POOL if row.lot_id is None else row.code, row.left_sat, row.left_cost_usd)
        for row in OpenLot.objects.all()
    }
    if standing.scope is Scope.WALLET:
        assert kept == held(standing)
    for one in standing.disposals:
        uses = [(None if use.lot == POOL else use.lot, use.sat, use.basis_usd) for use in one.uses]
        assert [(took.lot, took.sat, took.basis_usd) for took in queries.gain_of(one.fact.source)] == uses


CHOICES = {"method": st.sampled_from(list(Method)), "chance": st.randoms(), "cut": st.integers(0, 12)}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=histories(most=12), **CHOICES)
def test_the_books_by_wallet_equal_one_walk_over_their_facts(db, facts, method, chance, cut):
    walk_and_compare(facts, method, chance, cut)


@pytest.mark.long
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=histories(most=22), **CHOICES)
def test_longer_histories_by_wallet_equal_one_walk_too(db, facts, method, chance, cut):
    walk_and_compare(facts, method, chance, cut)


# Many at once, and a crash between any two statements.


@pytest.mark.django_db(transaction=True)
def test_many_who_sell_and_move_at_once_take_each_lot_once(transactional_db):
    by_wallet()
    post([mined("m1", 1, 100, 100), mined("m2", 2, 100, 300, wallet="cold")], "test")
    waiting = [moved("t1", 3, 60), sold("s1", 4, 70), sold("s2", 5, 90, wallet="cold"), moved("t1", 3, 60)]

    def work():
        return post([waiting.pop()], "test").posted

    in_threads(4, work)

    assert list(check.faults()) == []
    assert LotUse.objects.filter(lot__code="m1", held_at=HOT).exists() or LotMove.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_transfer_and_a_sale_broken_off_anywhere_leave_lots_as_they_were(transactional_db):
    by_wallet()
    post([mined("m1", 1, 100, 100), mined("m2", 2, 100, 300, wallet="cold")], "test")
    facts, before = [moved("t1", 3, 60), sold("s1", 4, 80, wallet="cold")], (lots_at(HOT), lots_at(COLD))
    for number in range(200):
        with contextlib.suppress(Lost), connection.execute_wrapper(crash_at(number)):
            post(facts, "test")
            break
        assert (lots_at(HOT), lots_at(COLD), LotMove.objects.count()) == (*before, 0)
    else:
        raise AssertionError("it never got through")

    assert number > 10
    assert lots_at(COLD) == [("m2", 80, D("240.00"))]
    assert post(facts, "test").repeated == ["t1", "s1"]
    assert list(check.faults()) == []
