"""Numbers as people read them."""

from decimal import Decimal

import pytest

from cango_ops.base.figures import Figure, age, common_unit, dollars, duration, figure, with_unit


@pytest.mark.parametrize(
    ("value", "kind", "text", "unit"),
    [
        (46_094_214.0, "ths", "46.1", "EH/s"),
        (999.4, "ths", "999", "TH/s"),
        (1_190.0, "ths", "1.19", "PH/s"),
        (0.0, "ths", "0", "TH/s"),
        (12_345_678.0, "w", "12.3", "MW"),
        (-250.0, "w", "−250", "W"),
        (0.8137, "ratio", "81.4", "%"),
        (-0.00001, "ratio", "0.0", "%"),
        (77.6, "c", "78", "°C"),
        (6_123, "count", "6,123", ""),
        (2048, "mib", "2.00", "GiB"),
    ],
)
def test_three_digits_and_the_largest_unit_that_fits(value, kind, text, unit):
    shown = figure(value, kind)

    assert (shown.text, shown.unit) == (text, unit)


def test_a_headline_may_have_more_digits():
    assert figure(46_094_214.0, "ths", digits=4).text == "46.09"


def test_the_full_value_is_kept_for_hover_and_copy():
    assert figure(46_094_214.25, "ths").full == "46,094,214.25 TH/s"


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("46.1", "EH/s", "46.1 EH/s"),
        ("99,490", "$", "$99,490"),
        ("−3.20", "$/MWh", "−$3.20/MWh"),
        ("+60", "$", "+$60"),
        ("12", "", "12"),
    ],
)
def test_dollars_stand_before_the_number_and_other_units_behind_it(text, unit, said):
    assert with_unit(text, unit) == said


def test_not_known_is_never_zero():
    assert figure(None, "ths") == Figure("–", "", "not known")


def test_a_column_has_the_unit_of_its_largest_value():
    assert common_unit([None, 300.0, 28_400.0], "ths") == "PH/s"
    assert figure(300.0, "ths", unit="PH/s").text == "0.30"
    assert common_unit([], "ths") == "TH/s"


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (0, "0 s", "0 s"),
        (59.9, "59 s", "59 s"),
        (240, "4 min", "4 min"),
        (11_520, "3 h 12 min", "3 h"),
        (187_200, "2 d 4 h", "2 d"),
    ],
)
def test_lengths_of_time_in_their_largest_units(seconds, long, short):
    assert (duration(seconds), age(seconds)) == (long, short)


@pytest.mark.parametrize(
    ("usd", "places", "unit", "text"),
    [
        (-25, 0, "", "−$25"),
        (Decimal("-3.2"), 2, "/MWh", "−$3.20/MWh"),
        (Decimal("41.500"), None, "/MWh", "$41.5/MWh"),
        (Decimal("1200"), None, "", "$1,200"),
        (-0.3, 0, "", "$0"),
    ],
)
def test_dollars_carry_a_true_minus_before_the_sign(usd, places, unit, text):
    assert dollars(usd, places, unit) == text
