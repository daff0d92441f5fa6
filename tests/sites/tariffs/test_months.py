"""Charges by the month, worked by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sites.tariffs import months
from sites.tariffs.months import Held, Line, Part
from sites.tariffs.terms import Contract, parse_terms

D = Decimal
NOON = datetime(2025, 11, 10, 12, tzinfo=UTC)
WHOLE = Held(D(1), D(1), 4)


def contract(kind="fixed", market="", **terms):
    return Contract(kind, D(50), "America/Chicago", market, parse_terms(terms))


def drawn(*mw, begin=NOON):
    return [(begin + timedelta(minutes=15 * step), D(str(one))) for step, one in enumerate(mw)]


DEMAND = {"demand_charges": [{"name": "month", "usd_per_mw": "6000", "interval_min": 15}]}


def lines(one, part, held=WHOLE):
    return [(line.name, line.usd) for line in months.lines(one, part, held)]


def test_the_highest_quarter_of_the_month_is_charged():
    one = contract(**DEMAND)
    part = months.part_of(one, drawn(1, 3, 2, 1), {})

    assert lines(one, part) == [("Demand, month", D("18000.00"))]
    assert months.lines(one, part, WHOLE)[0].words == "a peak of 3.000 MW at 2025-11-10 12:15 UTC"


def test_an_hours_charge_takes_the_mean_of_its_quarters():
    one = contract(demand_charges=[{"name": "hour", "usd_per_mw": "1000", "interval_min": 60}])

    assert lines(one, months.part_of(one, drawn(1, 3, 2, 2), {})) == [("Demand, hour", D("2000.00"))]


def test_a_window_leaves_the_others_out():
    """12:00 UTC is 06:00 in Chicago; the window begins at 06:30."""
    when = {"begin": "06:30:00", "end": "07:00:00"}
    one = contract(demand_charges=[{"name": "day", "usd_per_mw": "1000", "when": when}])

    assert lines(one, months.part_of(one, drawn(9, 9, 2, 1), {})) == [("Demand, day", D("2000.00"))]


def test_a_month_that_runs_owes_what_of_it_is_over_and_a_contract_its_days():
    one = contract(**DEMAND)
    part = months.part_of(one, drawn(1, 3, 2, 1), {})

    assert lines(one, part, Held(D(1), D("0.25"), 4)) == [("Demand, month", D("4500.00"))]
    assert lines(one, part, Held(D("0.5"), D(1), 4)) == [("Demand, month", D("9000.00"))]


def test_the_likely_hours_share_the_coincident_peak():
    one = contract(coincident_peak={"usd_per_mw": "2000", "hours_a_month": 20})

    assert lines(one, months.part_of(one, drawn(4, 4, 4, 4), {})) == [("Coincident peak", D("400.00"))]


def test_what_is_not_taken_of_a_block_is_paid():
    one = contract(take_or_pay={"mwh_a_month": "10", "usd_per_mwh": "40"})

    assert lines(one, months.part_of(one, drawn(4, 4, 4, 4), {})) == [("Take or pay", D("240.00"))]
    assert lines(one, months.part_of(one, drawn(48, 48), {})) == [("Take or pay", D("0.00"))]


def test_a_block_with_resale_costs_what_it_is_dearer_than_the_market_by():
    """Energy is priced by the market: 4 MWh at 30. The block of 10 MWh at 40 adds 10 x (40 - 30); in all 120 + 100,
    which is 10 x 40 less 6 MWh sold back at 30."""
    one = contract("index", "ERCOT", take_or_pay={"mwh_a_month": "10", "usd_per_mwh": "40", "resale": True})
    quarters = drawn(4, 4, 4, 4)

    part = months.part_of(one, quarters, {at: D(30) for at, _ in quarters})

    assert lines(one, part) == [("Take or pay", D("100.00"))]
    assert 10 * 40 - 6 * 30 == 120 + 100


def test_what_cannot_be_said_is_none_with_its_reason():
    one = contract(**DEMAND, take_or_pay={"mwh_a_month": "10", "usd_per_mwh": "40", "resale": True})

    assert months.lines(one, Part(), WHOLE) == [
        Line("Demand, month", None, "nothing was metered in its window"),
        Line("Take or pay", None, "what is left of the block has no market's price"),
    ]


def test_a_month_measured_in_part_says_so():
    one = contract(**DEMAND)

    (line,) = months.lines(one, months.part_of(one, drawn(1), {}), WHOLE)

    assert line.words.endswith(", of 25 % of the quarter hours")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 5000), min_size=2, max_size=40), st.data())
def test_days_add_up_to_what_the_month_says_at_once(kilowatts, data):
    one = contract(
        **DEMAND, coincident_peak={"usd_per_mw": "2000"}, take_or_pay={"mwh_a_month": "9", "usd_per_mwh": "4"}
    )
    quarters = drawn(*(D(kw) / 1000 for kw in kilowatts))
    cut = data.draw(st.integers(1, len(quarters) - 1))

    parts = [months.part_of(one, quarters[:cut], {}), months.part_of(one, quarters[cut:], {})]
    kept = [months.restored(months.stored(part)) for part in parts]

    assert lines(one, months.added(kept)) == lines(one, months.part_of(one, quarters, {}))


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_feeding_in_is_no_demand(minutes):
    one = contract(demand_charges=[{"name": "x", "usd_per_mw": "1000", "interval_min": minutes}])

    assert lines(one, months.part_of(one, drawn(-1, -1, -1, -1), {})) == [("Demand, x", D("0.00"))]
