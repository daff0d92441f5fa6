"""Payouts against receipts: worked by hand, and what holds for any lists of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from treasury.pools.cover import Unpaid, cover
from treasury.pools.receipts import Arrived, Differs, Due, match

NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)
A, B = "a" * 64, "b" * 64


def hours(number):
    return NOON + timedelta(hours=number)


def test_a_payout_is_found_by_its_transaction():
    found = match([Due("p", A, 5, NOON)], [Arrived(A, 0, 5, hours(9)), Arrived(B, 1, 5, hours(1))])

    assert found.arrived == {"p": (f"{A}:0",)}
    assert found.unknown == [Arrived(B, 1, 5, hours(1))]


def test_one_transaction_pays_two_accounts_into_one_wallet():
    found = match([Due("p", A, 5, NOON), Due("q", A, 7, NOON)], [Arrived(A, 0, 12, NOON)])

    assert found.arrived == {"p": (f"{A}:0",), "q": (f"{A}:0",)}


def test_a_transaction_that_brings_less_differs():
    found = match([Due("p", A, 5, NOON)], [Arrived(A, 0, 4, NOON)])

    assert (found.differs, found.missing, found.unknown) == ([Differs(A, -1, ("p",))], [], [])


def test_a_payout_of_the_pools_own_number_is_found_by_its_amount():
    payouts = [Due("p", "77", 5, NOON), Due("q", "78", 5, hours(24)), Due("r", "79", 6, NOON)]
    receipts = [Arrived(A, 0, 5, hours(1)), Arrived(B, 0, 5, hours(25))]

    found = match(payouts, receipts)

    assert found.arrived == {"p": (f"{A}:0",), "q": (f"{B}:0",)}
    assert found.missing == [Due("r", "79", 6, NOON)]


def test_a_receipt_from_before_the_payment_is_not_its():
    found = match([Due("p", "77", 5, NOON)], [Arrived(A, 0, 5, hours(-3))])

    assert (found.arrived, len(found.missing), len(found.unknown)) == ({}, 1, 1)


KEYS = st.sampled_from([A, B, "c" * 64, "1", "2", "3", "4"])
AMOUNTS = st.integers(1, 4)
TIMES = st.integers(-30, 30).map(hours)


@given(
    st.lists(st.tuples(KEYS, AMOUNTS, TIMES), max_size=9),
    st.lists(st.tuples(st.sampled_from([A, B, "d" * 64, "e" * 64]), AMOUNTS, TIMES), max_size=9),
    st.randoms(use_true_random=False),
)
def test_each_payout_and_each_receipt_has_one_place_whatever_the_order(payouts, receipts, random):
    due = [Due(f"p{number}", *payout) for number, payout in enumerate(payouts)]
    seen = [Arrived(txid, number, sat, at) for number, (txid, sat, at) in enumerate(receipts)]

    found = match(due, seen)

    told = [*found.arrived, *(one.ref for one in found.missing), *(ref for one in found.differs for ref in one.refs)]
    assert sorted(told) == sorted(one.ref for one in due)
    by_amount = [names[0] for ref, names in found.arrived.items() if len(next(d for d in due if d.ref == ref).key) < 64]
    assert len(set(by_amount)) == len(by_amount)
    assert not {one.name for one in found.unknown} & {name for names in found.arrived.values() for name in names}
    random.shuffle(due)
    random.shuffle(seen)
    assert match(due, seen) == found


def day(number):
    return NOON.date() + timedelta(days=number)


def test_payouts_cover_the_oldest_day_first():
    found = cover({day(0): 10, day(1): 10, day(2): 10}, [(hours(24), 10), (hours(48), 7)])

    assert found.unpaid == [Unpaid(day(1), 3, 10), Unpaid(day(2), 10, 10)]
    assert found.beyond_sat == 0


def test_the_first_payout_may_pay_what_stood_in_the_account():
    assert cover({day(0): 10, day(1): 10}, [(hours(24), 400), (hours(48), 12)]).beyond_sat == 2


def test_payouts_before_the_first_known_day_was_over_say_nothing():
    assert cover({day(0): 10}, [(hours(0), 10), (hours(-48), 10)]).unpaid == [Unpaid(day(0), 10, 10)]


@given(st.dictionaries(st.integers(0, 6).map(day), st.integers(0, 9)), st.lists(st.tuples(TIMES, st.integers(1, 9))))
def test_no_more_is_paid_than_was_sent(earned, payouts):
    found = cover(earned, payouts)

    paid = sum(earned.values()) - sum(one.left_sat for one in found.unpaid)
    assert 0 <= found.beyond_sat + paid <= sum(sat for _, sat in payouts)
