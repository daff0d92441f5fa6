"""Values of machines: what is a number, what is absent, and what no machine can have."""

import pytest

from compute.protocols import fields


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (3, 3.0),
        ("140258.58", 140258.58),
        ("18,500.5", 18500.5),
        (" 7 ", 7.0),
        ("", None),
        ("N/A", None),
        ("inf", None),
        (float("nan"), None),
        (True, None),
        (10**400, None),
        ([1], None),
        (None, None),
        ("1_000", None),
        ("\u0661\u0662", None),
        ("9" * 6000, None),
    ],
)
def test_a_number_is_finite_or_absent(said, number):
    assert fields.number(said) == number


@pytest.mark.parametrize(
    ("said", "number"), [("58.94W", 58.94), ("4052.00 RPM", 4052.0), ("12 %", 12.0), ("72.63 W", 72.63), ("W", None)]
)
def test_a_unit_behind_the_number_is_left_off(said, number):
    assert fields.quantity(said) == number


@pytest.mark.parametrize(
    ("value", "unit", "ths"),
    [
        (110566.89, "GHS", 110.56689),
        (67394800.97, "MH/s", 67.39480097),
        (145, "TH", 145.0),
        ("1.5", "PH", 1500.0),
        (-1, "GH", None),
        (1e12, "TH", None),
        (5, "furlong", None),
    ],
)
def test_rates_become_terahashes(value, unit, ths):
    assert fields.ths(value, unit) == ths


@pytest.mark.parametrize(("said", "celsius"), [(71.5, 71.5), (0, None), (-273, None), (1000, None), ("65", 65.0)])
def test_a_temperature_of_no_sensor_is_absent(said, celsius):
    assert fields.celsius(said) == celsius


@pytest.mark.parametrize(
    ("said", "mac"),
    [
        ("C4:08:28:00:A4:19", "C4:08:28:00:A4:19"),
        ("c4-08-28-00-a4-19", "c4:08:28:00:a4:19"),
        ("62f75eb71046", "62:f7:5e:b7:10:46"),
        ("02:55:97:22:3M:72", None),
        ("00:00:00:00:00:00", None),
        (12, None),
    ],
)
def test_a_mac_is_valid_or_absent(said, mac):
    assert fields.mac(said) == mac


@pytest.mark.parametrize(
    ("said", "text"), [("'20210322.22.REL'", "20210322.22.REL"), ("N/A", None), ("<DELETED>", None), ("a\x00b", "a b")]
)
def test_text_is_printable_or_absent(said, text):
    assert fields.text(said) == text


def test_a_dash_list_gives_its_sensors_and_a_dash_none():
    assert fields.dashed("40-60-0-59") == [40.0, 60.0, None, 59.0]
    assert fields.dashed("-") == []


def test_standing_fans_at_the_end_are_empty_sockets_but_one_is_a_dead_fan():
    assert fields.without_unused_fans([4080, 5580, 0, 0]) == [4080, 5580]
    assert fields.without_unused_fans([4080, 5580, 5000, 0]) == [4080, 5580, 5000, 0]
    assert fields.without_unused_fans([0, 0, 0, 0]) == [0, 0, 0, 0]
