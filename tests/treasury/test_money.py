from decimal import Decimal
from fractions import Fraction

import pytest

from treasury.money import cents, half_up, percent, ratio, share_of, usd_of

D = Decimal


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049999", "0.00"), ("-0.0049", "0.00"), ("2.675", "2.68")],
)
def test_a_cent_is_rounded_half_away_from_zero(value, rounded):
    assert str(cents(D(value))) == rounded


def test_nothing_is_rounded_twice():
    assert half_up(Fraction(44999, 100000), 1) == D("0.4")


def test_dollars_of_satoshis():
    assert usd_of(150_000_000, D("111000.00")) == D("166500.00")


def test_what_takes_the_rest_takes_all_the_cost():
    assert (share_of(D("10.00"), 1, 3), share_of(D("10.00"), 3, 3)) == (D("3.33"), D("10.00"))


def test_there_is_no_ratio_to_nothing():
    assert (ratio(1, 0, 4), percent(1, 8)) == (None, D("12.5000"))
