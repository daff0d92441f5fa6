import copy
import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.switching.case import BadCase, read_case
from tests.compute.switching.spoilt import spoil
from tests.compute.switching.worlds import CASES, asic_case, small_case, text

BATTERY = {
    "capacity_mwh": 2.0,
    "soc0_mwh": 1.0,
    "soc_end_min_mwh": 0.0,
    "p_charge_mw": 1.0,
    "p_discharge_mw": 1.0,
    "eta_charge": 0.9,
    "eta_discharge": 0.9,
    "wear_usd_per_mwh_discharged": 0.0,
}
GPU = {
    "kind": "gpu",
    "modes": [{"power_mw": 0, "nodes": 0}, {"power_mw": 1, "nodes": 10}],
    "price_usd_per_node_h": [1, 1, 1],
    "demand_nodes": [1, 1, 1],
}


HEAD = b'{"schema": "switch-case/1", '


def grid_with(**changes):
    return {"grid": small_case()["grid"] | changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": "switch-case/2"}, "schema is 'switch-case/2', not 'switch-case/1'"),
        ({"T": -1}, "T must be at least 0"),
        ({"dt_h": 0}, "dt_h must be above 0"),
        ({"pue": 0.9}, "pue must be at least 1"),
        ({"site_limit_mw": -1}, "site_limit_mw must be at least 0"),
        ({"hashprice_usd_per_ph_day": [24.0]}, "hashprice_usd_per_ph_day has 1 values for 3 steps"),
        (
            {"hashprice_usd_per_ph_day": [24.0, "x", 1]},
            "hashprice_usd_per_ph_day[1] must be a number, not text",
        ),
        (grid_with(demand_window=[True, "x", True]), "grid.demand_window[1] must be true, false, 0 or 1, not text"),
        ({"solar_mw": [0, 0, -1]}, "solar_mw[2] must be at least 0"),
        ({"solar_mw": [0]}, "solar_mw has 1 values for 3 steps"),
        (grid_with(import_limit_mw=-5), "grid.import_limit_mw must be at least 0"),
        (grid_with(import_price_usd_mwh=[1]), "grid.import_price_usd_mwh has 1 values for 3 steps"),
        (grid_with(export_limit_mw=1, export_price_usd_mwh=None), "grid.export_limit_mw is above zero"),
        (grid_with(demand_charge_usd_per_mw=5, demand_window=[True]), "grid.demand_window has 1 values for 3 steps"),
        (grid_with(take_or_pay={"mwh": 5}), "grid.take_or_pay.price_usd_mwh is missing"),
        ({"units": [asic_case(), asic_case()]}, "two units are called 'asic'"),
        ({"units": [asic_case(id="")]}, "units[0].id must not be empty"),
        ({"units": [asic_case(kind="fpga")]}, "units[0].kind is 'fpga', which is not known"),
        ({"units": [asic_case(modes=[])]}, "units[0].modes must not be empty"),
        ({"units": [asic_case(modes=[{"power_mw": 1, "hash_ph": 5}])]}, "unit asic: modes[0] is off"),
        ({"units": [asic_case(modes=[{"power_mw": 0}, {"power_mw": 1}])]}, "unit asic: modes[1].hash_ph is missing"),
        ({"units": [asic_case(min_up_steps=-1)]}, "units[0].min_up_steps must be at least 0"),
        (
            {"units": [asic_case(**GPU | {"demand_nodes": None})]},
            "needs price_usd_per_node_h and demand",
        ),
        ({"units": [asic_case(**GPU | {"demand_nodes": [1]})]}, "unit asic: demand_nodes has 1 values for 3 steps"),
        ({"battery": BATTERY | {"soc0_mwh": 3}}, "battery.soc0_mwh is above battery.capacity_mwh"),
        ({"battery": BATTERY | {"soc_end_min_mwh": 3}}, "battery.soc_end_min_mwh is above battery.capacity_mwh"),
        ({"battery": BATTERY | {"capacity_mwh": -1}}, "battery.capacity_mwh must be at least 0"),
        ({"battery": BATTERY | {"eta_charge": 1.2}}, "battery.eta_charge must be at most 1"),
        (
            {"dr_events": [{"t": 3, "baseline_mw": 1, "cap_mw": 1, "pay_usd_mwh": 1}]},
            "dr_events: step 3 is outside the 3 steps",
        ),
    ],
)
def test_a_bad_case_says_what_is_wrong(changes, words):
    with pytest.raises(BadCase) as told:
        read_case(text(small_case(**changes)))

    assert words in str(told.value)


@pytest.mark.parametrize("name", ["schema", "T", "dt_h", "hashprice_usd_per_ph_day", "pue", "grid", "units"])
def test_a_missing_field_is_named(name):
    case = small_case()
    del case[name]

    with pytest.raises(BadCase, match=f"^{name} is missing"):
        read_case(text(case))


@pytest.mark.parametrize(
    "garbage", [b"", b"{", b"[]", b"\xff\xfe", b'{"T": NaN}', b'{"T": 1e999}', b"[" * 100_000, b'{"x":' * 50_000]
)
def test_what_is_no_case_at_all_is_one_error(garbage):
    with pytest.raises(BadCase):
        read_case(garbage)


def test_a_case_that_no_machine_could_hold_is_refused_before_it_is_built():
    long = {"T": 10_000, "hashprice_usd_per_ph_day": [24.0] * 10_000}
    unit = asic_case(min_up_steps=1_000_000)

    with pytest.raises(BadCase, match="make 100030000 entries, more than 4000000"):
        read_case(text(small_case(units=[unit], **long)))


def test_what_may_be_absent_may_also_be_null():
    nulls = {"solar_mw": None, "battery": None, "dr_events": None}
    charge = {"demand_charge_usd_per_mw": None, "peak_so_far_mw": None}

    site = read_case(text(small_case(**nulls, **grid_with(take_or_pay=None, demand_window=None, **charge))))

    assert site.battery is None
    assert site.dr_events == ()
    assert site.solar_mw.tolist() == [0.0, 0.0, 0.0]
    assert (site.grid.take_or_pay, site.grid.demand_charges) == (None, ())


def test_a_byte_order_mark_and_flags_as_numbers_are_understood():
    site = read_case(b"\xef\xbb\xbf" + text(small_case(units=[asic_case(initial_on=1)])))

    assert site.units[0].on_before == 1.0


@pytest.mark.parametrize(
    ("garbage", "words"),
    [
        (b" ", "the file is empty"),
        (b"{", "the file ends before its JSON does"),
        (b'{"T": NaN}', "the file is no JSON: invalid character (byte 6): NaN is no number of JSON"),
        (b'{"T": [1, -Infinity]}', "the file is no JSON: invalid character (byte 11): Infinity is no number of JSON"),
        (b'{"T": nil}', "the file is no JSON: invalid character (byte 7)"),
        (b"[]", "the file must be an object, not a list"),
        (b'{"T": 2}', "schema is missing"),
        (b'{"schema": "backtest-site/1"}', "schema is 'backtest-site/1', not 'switch-case/1'"),
        (HEAD + b'"T": 1.5}', "T must be a whole number, not one with a decimal point"),
        (HEAD + b'"T": 99999}', "T must be at most 10,000"),
    ],
)
def test_whoever_wrote_the_file_understands_what_is_wrong(garbage, words):
    with pytest.raises(BadCase, match=f"^{re.escape(words)}$"):
        read_case(garbage)


@given(st.data())
def test_nothing_but_a_bad_case_leaves_the_reader_whatever_stands_in_the_file(data):
    case = json.loads(data.draw(st.sampled_from(CASES)).read_text())
    spoilt = spoil(copy.deepcopy(case), data)

    with suppress(BadCase):
        read_case(json.dumps(spoilt).encode())
