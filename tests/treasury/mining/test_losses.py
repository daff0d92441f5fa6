"""Machine-minutes that were lost, each counted once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treasury.mining.losses import Losses, Minutes, split, together


@pytest.mark.parametrize(
    ("told", "curtailed", "relocated", "outage", "silent"),
    [
        (Minutes(100, 90, 80), 0, 0, 10, 10),
        (Minutes(100, 90, 80, curtailed=6), 6, 0, 4, 10),
        (Minutes(100, 90, 80, curtailed=15), 15, 0, 0, 5),
        (Minutes(100, 90, 80, relocated=7), 0, 7, 10, 3),
        (Minutes(100, 90, 80, curtailed=10, relocated=12), 10, 10, 0, 0),
        (Minutes(100, 100, 100, curtailed=30), 0, 0, 0, 0),
        (Minutes(0, 0, 0, curtailed=5), 0, 0, 0, 0),
    ],
)
def test_a_lost_minute_has_one_cause(told, curtailed, relocated, outage, silent):
    found = split(told)

    assert (found.curtailed, found.relocated, found.outage, found.silent) == (curtailed, relocated, outage, silent)


@settings(max_examples=200, deadline=None)
@given(*(st.floats(0, 1e9) for _ in range(5)))
def test_causes_and_work_add_up_to_what_was_expected(expected, present, up, curtailed, relocated):
    found = split(Minutes(expected, present, up, curtailed, relocated))

    parts = (found.up, found.curtailed, found.relocated, found.outage, found.silent)
    assert min(parts) >= 0
    assert sum(parts) == pytest.approx(expected)


def test_sites_add_up():
    assert together([Losses(10, 8, 1, 0, 1, 0), Losses(20, 15, 0, 2, 1, 2)]) == Losses(30, 23, 1, 2, 2, 2)
