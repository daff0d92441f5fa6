"""Terms as people write them: what a line means, what a wrong one says, and that every window reads back."""

from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites.tariffs.lines import (
    charge_line,
    parse_charge,
    parse_lines,
    parse_period,
    parse_when,
    period_line,
    when_words,
)
from sites.tariffs.terms import BadTerms, Charge, Period, Window

clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
windows = st.builds(
    Window,
    months=st.frozensets(st.integers(1, 12)),
    weekdays=st.frozensets(st.integers(0, 6)),
    begin=clocks,
    end=clocks,
    on_holidays=st.none() | st.booleans(),
).filter(lambda when: when.begin != when.end or when.begin == time(0))


def test_a_window_is_said_in_any_order():
    said = parse_when("jun-sep 17:00-21:00 no-holidays mon-fri")
    assert said == Window(frozenset({6, 7, 8, 9}), frozenset(range(5)), time(17), time(21), False)


@pytest.mark.parametrize(
    ("text", "days"), [("sat,sun", {5, 6}), ("fri-mon", {4, 5, 6, 0}), ("wed", {2}), ("mon,thu-sat", {0, 3, 4, 5})]
)
def test_weekdays_may_go_over_the_weekend(text, days):
    assert parse_when(text).weekdays == days


def test_nothing_said_is_always():
    assert parse_when("  ") == Window()


def test_24_00_ends_the_day():
    assert parse_when("22:00-24:00") == Window(begin=time(22), end=time(0))


@given(windows)
def test_every_window_reads_back(when):
    assert parse_when(when_words(when)) == when


@pytest.mark.parametrize("text", ["noon", "25:70-26:00", "mon-abc", "17:00-21:00 22:00-23:00", "mon tue", "jan-mon"])
def test_a_wrong_window_is_one_error_with_its_word(text):
    with pytest.raises(BadTerms, match=text.split()[-1].split("-")[0][:3]):
        parse_when(text)


def test_a_period_and_a_charge_read_back():
    period = Period("evening peak", Decimal("85.00"), parse_when("17:00-21:00 mon-fri"))
    charge = Charge("month", Decimal(6500), 15, parse_when("mon-fri"))
    assert (period_line(period), charge_line(charge)) == (
        "85.00 evening peak @ 17:00-21:00 mon-fri", "6500 15 month @ mon-fri",
    )  # fmt: skip
    assert parse_period(period_line(period)) == period
    assert parse_charge(charge_line(charge)) == charge


@pytest.mark.parametrize("text", ["evening 85", "85", "", "x evening @ mon"])
def test_a_wrong_period_says_what_was_expected(text):
    with pytest.raises(BadTerms):
        parse_period(text)


@pytest.mark.parametrize("text", ["6500 month", "6500 20 month", "6500 15", "abc 15 month"])
def test_a_wrong_charge_says_what_was_expected(text):
    with pytest.raises(BadTerms):
        parse_charge(text)


def test_the_wrong_line_is_named():
    with pytest.raises(BadTerms, match=r"line 3: .* is not a price"):
        parse_lines("85 day\n\nx night", parse_period)
