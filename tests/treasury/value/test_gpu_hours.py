from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from treasury.value.gpu_hours import Promise, share_out

D = Decimal


def promise(key, nodes, first=0, last=60, price="16.00", penalty="40.00"):
    return Promise(key, nodes, D(price), D(penalty), first, last)


def test_an_hour_of_all_nodes_bills_the_hour():
    served = share_out(dict.fromkeys(range(60), 12), [promise(1, 10)])[1]

    assert (served.committed, served.served, served.unobserved) == (600, 600, 0)
    assert (served.billed_usd, served.credit_usd) == (D("160.00"), D("0.00"))


def test_a_node_that_is_down_is_credited_and_the_oldest_contract_goes_first():
    up = dict.fromkeys(range(60), 10) | dict.fromkeys(range(30), 7)

    found = share_out(up, [promise(1, 6), promise(2, 4, price="10", penalty="10")])

    # For half an hour 7 nodes: 6 for the first, 1 for the second, 3 of it missing: 90 node-minutes.
    assert found[1].credit_usd == 0
    assert (found[2].served, found[2].committed) == (150, 240)
    assert (found[2].billed_usd, found[2].credit_usd) == (D("25.00"), D("15.00"))


def test_a_minute_that_was_not_observed_is_neither_billed_nor_credited():
    up = dict.fromkeys(range(15, 60), 5)

    served = share_out(up, [promise(1, 5)])[1]

    assert (served.committed, served.served, served.unobserved) == (225, 225, 75)
    assert (served.billed_usd, served.credit_usd) == (D("60.00"), D("0.00"))


def test_a_contract_counts_from_its_first_minute_up_to_its_last():
    served = share_out(dict.fromkeys(range(60), 1), [promise(1, 2, first=10, last=20)])[1]

    assert (served.committed, served.served) == (20, 10)


def test_no_contract_no_hours():
    assert share_out({0: 5}, []) == {}


ROWS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30), st.integers(0, 30)), max_size=4)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(0, 30), st.integers(0, 20), max_size=31), ROWS)
def test_served_never_exceeds_what_was_up_or_promised(up, rows):
    promises = [promise(key, nodes, first, last) for key, (nodes, first, last) in enumerate(rows)]

    found = share_out(up, promises)

    assert sum(one.served for one in found.values()) <= sum(up.values())
    for one in promises:
        minutes = [minute for minute in range(40) if one.holds(minute)]
        seen = [minute for minute in minutes if minute in up]
        assert found[one.key].served <= found[one.key].committed == one.nodes * len(seen)
        assert found[one.key].unobserved == one.nodes * (len(minutes) - len(seen))
