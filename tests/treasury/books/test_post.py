from decimal import Decimal

import pytest
from django.db import connection

from cango_ops.wire import Garbled
from tests.treasury.books.worlds import day, mined, moved, pledged, released, sold
from treasury.books import check, methods, queries
from treasury.books.post import post
from treasury.ledger.lots import Method
from treasury.models import JournalEntry, LotUse

pytestmark = pytest.mark.django_db

D = Decimal
TWO_LOTS = [mined("m1", 1, 100, 100), mined("m2", 2, 100, 300)]


@pytest.fixture(autouse=True)
def books_tie_at_the_end(db):
    yield
    connection.check_constraints()
    assert list(check.faults()) == []


def gains():
    at_the_end = queries.Book.at(day(400))
    return -at_the_end.usd("Income:RealisedGain")


def test_a_sale_takes_the_oldest_lot_and_shows_it():
    receipt = post([*TWO_LOTS, sold("s1", 3, 150)], "test")

    assert receipt.posted == ["m1", "m2", "s1"]
    assert [(taken.lot, taken.sat, taken.basis_usd) for taken in queries.gain_of("s1")] == [
        ("m1", 100, D("100.00")), ("m2", 50, D("150.00")),
    ]  # fmt: skip
    assert gains() == D("50.00")
    assert queries.open_lots_total() == (1, 50, D("150.00"))


def test_what_was_posted_is_repeated_and_not_doubled():
    post(TWO_LOTS, "test")

    receipt = post([*TWO_LOTS, sold("s1", 3, 150)], "test")

    assert (receipt.repeated, receipt.posted) == (["m1", "m2"], ["s1"])
    assert queries.coins(day(9)).held_sat == 50


def test_one_id_cannot_say_two_things_and_nothing_is_posted():
    post(TWO_LOTS, "test")

    with pytest.raises(Garbled, match="m1 is in the books with different content"):
        post([mined("m1", 1, 100, 101), mined("m3", 3, 1, 1)], "test")

    assert JournalEntry.objects.count() == 2


def test_what_is_not_covered_is_refused_and_the_rest_goes_on():
    receipt = post([*TWO_LOTS, sold("s1", 3, 201), sold("s2", 4, 200)], "test")

    assert receipt.refused == {"s1": "wallet hot is 1 sat short"}
    assert queries.coins(day(9)).wallets_sat == {"hot": 0}


def test_a_late_receipt_re_sorts_the_lots_after_it():
    post([mined("m2", 2, 100, 300), sold("s1", 3, 50)], "test")

    receipt = post([mined("m1", 1, 100, 100)], "test")

    assert receipt.recosted == ["s1"]
    assert [(taken.lot, taken.basis_usd) for taken in queries.gain_of("s1")] == [("m1", D("50.00"))]
    assert gains() == D("50.00")
    kinds = JournalEntry.objects.order_by("id").values_list("source_id", flat=True)
    assert list(kinds) == ["m2", "s1", "costing/0/s1", "m1", "reversal/costing/0/s1", "costing/1/s1"]


def test_a_second_late_receipt_reverses_what_holds_now():
    post([mined("m3", 3, 100, 500), sold("s1", 4, 50)], "test")
    post([mined("m2", 2, 100, 300)], "test")
    post([mined("m1", 1, 100, 100)], "test")

    assert gains() == D("50.00")
    assert LotUse.objects.count() == 5


def test_a_late_sale_that_uncovers_a_later_one_is_refused_itself():
    post([*TWO_LOTS, sold("s2", 9, 200)], "test")

    receipt = post([sold("s1", 5, 1), mined("m3", 4, 5, 5)], "test")

    assert receipt.posted == ["m3", "s1"]
    assert post([sold("s0", 5, 5)], "test").refused == {"s0": "then s2 is not covered: wallet hot is 1 sat short"}


def test_pledging_moves_coins_and_changes_no_lot():
    post([*TWO_LOTS, pledged("p1", 3, 180), released("r1", 5, 30)], "test")

    at_four, at_five = queries.coins(day(4)), queries.coins(day(5))
    assert (at_four.free_sat, at_four.pledged_sat) == (20, {"A": 180})
    assert (at_five.free_sat, at_five.held_sat) == (50, 200)
    assert queries.open_lots_total().lots == 2


def test_a_network_fee_is_a_disposal_and_its_transfer_is_none():
    post([*TWO_LOTS, moved("t1", 3, 50, fee=10)], "test")

    assert queries.coins(day(9)).wallets_sat == {"cold": 50, "hot": 140}
    assert [(taken.sat, taken.basis_usd) for taken in queries.gain_of("t1")] == [(10, D("10.00"))]
    assert gains() == D("10.00")


def test_a_network_fee_worth_less_than_a_cent_is_booked_too():
    fee = moved("t1", 3, 50, fee=1, times=0)

    assert post([mined("m1", 1, 100, 0), fee], "test").posted == ["m1", "t1"]


def test_usdt_is_kept_apart_from_usd():
    post([*TWO_LOTS, sold("s1", 3, 10, currency="USDT", fee="1.00"), sold("s2", 4, 10)], "test")

    cash = {row.currency: row.amount for row in queries.balances(day(9), "Assets:Cash")}
    assert cash == {"USD": D("20.00"), "USDT": D("19.00")}


def test_named_lots_are_taken_under_specific_identification():
    methods.change(day(1), Method.SPECIFIC, "test")

    post([*TWO_LOTS, sold("s1", 3, 50, lots=[("m2", None)])], "test")

    assert queries.gain_of("s1")[0].lot == "m2"


def test_the_average_of_a_pool_survives_call_after_call():
    methods.change(day(1), Method.AVERAGE, "test")
    post([*TWO_LOTS, sold("s1", 3, 50)], "test")
    post([mined("m3", 4, 50, 100)], "test")
    post([sold("s2", 5, 100)], "test")

    # 200 sat for 400.00; 50 leave with 100.00; 50 come for 100.00; half of 200 sat at 400.00 leaves.
    assert [queries.gain_of(source)[0].basis_usd for source in ("s1", "s2")] == [D("100.00"), D("200.00")]
    assert queries.open_lots_total() == (1, 100, D("200.00"))


def test_a_late_receipt_changes_the_average_too():
    methods.change(day(1), Method.AVERAGE, "test")
    post([mined("m2", 2, 100, 300), sold("s1", 3, 50)], "test")

    post([mined("m1", 1, 100, 100)], "test")

    assert queries.gain_of("s1")[0].basis_usd == D("100.00")
    assert queries.open_lots_total() == (1, 150, D("300.00"))


def test_a_method_holds_from_its_day_and_not_for_what_is_costed():
    post([*TWO_LOTS, sold("s1", 3, 50)], "test")
    methods.change(day(4), Method.AVERAGE, "test")
    post([sold("s2", 5, 50)], "test")

    # 50 sat of m1 at 50.00 and 100 of m2 at 300.00: a third of 350.00.
    assert queries.gain_of("s2")[0].basis_usd == D("116.67")
    with pytest.raises(Garbled, match="choose a later instant"):
        methods.change(day(5), Method.FIFO, "test")


def test_a_receipt_from_before_a_change_of_method_is_booked_in_its_time():
    post([mined("m2", 2, 100, 300), sold("s1", 3, 50)], "test")
    methods.change(day(4), Method.AVERAGE, "test")
    post([sold("s2", 5, 50)], "test")

    post([mined("m1", 1, 100, 100)], "test")

    assert queries.gain_of("s1")[0].basis_usd == D("50.00")
    assert queries.gain_of("s2")[0].basis_usd == D("116.67")


def test_a_closed_period_takes_nothing_more():
    receipt = post([mined("m1", 1, 100, 100), mined("m2", 3, 1, 1)], "test", closed_until=day(3))

    assert receipt.posted == ["m2"]
    assert receipt.refused == {
        "m1": "the books are closed before 2025-07-03: book it there as an adjustment, or reopen the month"
    }


def test_a_late_fact_becomes_an_adjustment_where_somebody_says_so():
    facts = [mined("m1", 1, 100, 100), sold("s1", 4, 50)]

    receipt = post(facts, "test", closed_until=day(3), late_as_adjustment=True)

    assert (receipt.posted, receipt.adjusted) == (["m1", "s1"], ["m1"])
    entry = JournalEntry.objects.get(source_id="m1")
    assert (entry.at, entry.evidence["adjusts"]) == (day(3), "2025-07-01T00:00:00+00:00")
    assert post(facts, "test").repeated == ["m1", "s1"]
    assert list(check.faults()) == []


@pytest.mark.parametrize(
    "fact",
    [
        mined("costing/0/x", 1, 1, 1), mined("", 1, 1, 1), mined("a\x00b", 1, 1, 1), mined("m", 1, 0, 1),
        mined("m", 1, -5, 1), mined("m", 1, 1, -1), mined("m" * 151, 1, 1, 1), mined("m", 1, 2**63, 1),
        mined("m", 1, 1, 1, wallet=""), sold("s", 1, 1, fee="0.001"),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_booked_is_one_clear_sentence(fact):
    with pytest.raises(Garbled):
        post([fact], "test")

    assert not JournalEntry.objects.exists()


def test_a_pool_of_earlier_times_has_nothing_of_lots_after_it():
    methods.change(day(1), Method.AVERAGE, "test")
    post([mined("m1", 1, 100, 100), sold("s1", 2, 50)], "test")
    methods.change(day(3), Method.FIFO, "test")
    post([mined("m4", 4, 10, 10), sold("s5", 5, 5)], "test")

    post([mined("m3", 3, 7, 7)], "test")

    assert queries.open_lots_total()[1:] == (62, D("62.00"))


def test_a_pool_that_was_used_up_comes_back_as_the_oldest():
    methods.change(day(1), Method.AVERAGE, "test")
    post([mined("m1", 1, 100, 100), sold("s1", 2, 50)], "test")
    methods.change(day(3), Method.FIFO, "test")
    post([mined("m4", 4, 10, 30), sold("s5", 5, 50)], "test")

    post([mined("m3", 3, 7, 70)], "test")

    assert queries.gain_of("s5")[0].basis_usd == D("50.00")
    assert queries.open_lots_total()[1:] == (17, D("100.00"))
