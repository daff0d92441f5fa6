import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.backtest.site_file import history_of, read_site
from compute.switching.case import BadCase
from tests.compute.backtest.worlds import SMALL_HEAD as HEAD
from tests.compute.backtest.worlds import small_series, small_site
from tests.compute.switching.spoilt import spoil

ROWS = ("2024-11-03T00:00,30,40,24,50", "2024-11-03T01:00,31,-8,24,60")


def read(site, series):
    return history_of(read_site(json.dumps(site).encode()), series)


def test_prices_are_what_is_paid_and_known_apart():
    history = read(small_site(), small_series(*ROWS))

    assert history.truth.grid.import_price_usd_mwh.tolist() == [45.0, -3.0]
    assert history.day_ahead_usd_mwh.tolist() == [30.0, 31.0]
    assert history.truth.units[1].ai.demand_nodes.tolist() == [50.0, 60.0]
    assert [unit.on_before for unit in history.truth.units] == [2.0, 1.0]


def test_an_hour_that_the_clock_repeats_in_autumn_is_one_more_step():
    history = read(small_site(), small_series(*ROWS, "2024-11-03T01:00,32,33,24,60", "2024-11-03T02:00,32,33,24,60"))

    assert history.clock_h.tolist() == [0.0, 1.0, 1.0, 2.0]


def test_hours_missing_upstream_are_a_jump_of_the_clock():
    history = read(small_site(), small_series(*ROWS, "2024-11-10T01:00,32,33,24,60"))

    assert history.clock_h.tolist() == [0.0, 1.0, 169.0]


@pytest.mark.parametrize(
    ("changes", "rows", "words"),
    [
        ({"schema": "switch-case/1"}, ROWS, "schema is 'switch-case/1', not 'backtest-site/1'"),
        ({"initial_on": {"asic": 3}}, ROWS, "initial_on.asic is above the unit's count"),
        ({"initial_on": {"fpga": 3}}, ROWS, "initial_on names 'fpga', which is no unit"),
        ({"step_h": 0}, ROWS, "step_h must be above 0"),
        ({}, (), "the series has no rows"),
        ({}, ("2024-01-01T00:00,1,2,3",), "the series has 4 values for 5 columns in line 2"),
        ({}, (ROWS[0], "2024-11-03T01:00,31,nan,24,60"), "real_time_usd_mwh is 'nan' in line 3 of the series"),
        ({}, ("2024-11-03T00:00,30,,24,50",), "real_time_usd_mwh is empty in every line of the series"),
        ({}, ("2024-11-03T00:00,30,40,,50", ROWS[1]), "hashprice_usd_per_ph_day is '' in line 2 of the series"),
        ({}, ("yesterday,1,2,3,4",), "hour_start_local is 'yesterday' in line 2"),
        ({}, (ROWS[1], "2024-11-01T00:00,1,2,3,4"), "the series goes back in time in line 3"),
        ({}, (ROWS[0], "2024-11-03T01:00,31,1,24,-60"), "demand is below zero in line 3 of the series"),
    ],
)
def test_a_bad_site_or_series_says_what_is_wrong(changes, rows, words):
    with pytest.raises(BadCase) as told:
        read(small_site(**changes), small_series(*rows))

    assert words in str(told.value)


def test_an_hour_without_a_price_is_left_out_and_counted():
    history = read(small_site(), small_series(ROWS[0], "2024-11-03T01:00,31,,24,60", "2024-11-03T02:00,32,35,24,70"))

    assert history.clock_h.tolist() == [0.0, 2.0]
    assert history.truth.units[1].ai.demand_nodes.tolist() == [50.0, 70.0]
    assert history.missing == {"real_time_usd_mwh": 1}


def test_what_else_is_empty_holds_the_last_value_before_it():
    history = read(small_site(), small_series(ROWS[0], "2024-11-03T01:00,,33,,60"))

    assert history.day_ahead_usd_mwh.tolist() == [30.0, 30.0]
    assert history.truth.hashprice_usd_per_ph_day.tolist() == [24.0, 24.0]
    assert history.missing == {"day_ahead_usd_mwh": 1, "hashprice_usd_per_ph_day": 1}


def test_a_line_is_named_as_it_stands_in_the_file_behind_hours_that_were_left_out():
    with pytest.raises(BadCase, match="demand is below zero in line 4 of the series"):
        read(small_site(), small_series(ROWS[0], "2024-11-03T01:00,31,,24,60", "2024-11-03T02:00,32,35,24,-1"))


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(BadCase, match="the series has two columns demand"):
        read(small_site(), small_series("2024-11-03T00:00,30,40,24,50,60", head=HEAD + ",demand"))


def test_columns_may_come_in_any_order_with_others_between_them():
    head = "note,demand,real_time_usd_mwh,hashprice_usd_per_ph_day,day_ahead_usd_mwh,hour_start_local,coincident_peak"
    history = read(small_site(), small_series("x,50,40,24,30,2024-11-03T00:00,1", head=head))

    assert history.real_time_usd_mwh.tolist() == [40.0]
    assert history.peak_usd_per_mw.tolist() == [0.0]


def test_a_column_that_a_unit_names_must_be_there():
    site = small_site()
    site["units"][1]["demand"] = "orders"

    with pytest.raises(BadCase, match="the series has no column orders"):
        read(site, small_series(*ROWS))


@given(st.data())
def test_nothing_but_a_bad_case_leaves_the_reader_whatever_stands_in_the_files(data):
    site, rows = small_site(), [row.split(",") for row in small_series(*ROWS).splitlines()]
    if data.draw(st.booleans()):
        row = data.draw(st.integers(0, 2))
        rows[row][data.draw(st.integers(0, 4))] = data.draw(st.one_of(st.text(max_size=4), st.floats().map(str)))
    else:
        spoil(site, data)

    with suppress(BadCase):
        read(site, "\n".join(map(",".join, rows)))
