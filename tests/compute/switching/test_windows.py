"""Horizons that are too long for one whole model: planned in windows, held against the whole and against every rule."""

import json
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from compute.switching import planning, windows
from compute.switching.case import read_case
from compute.switching.inputs import Ramp
from compute.switching.merit_order import merit_order
from compute.switching.planning import IN_WINDOWS, Source, optimise, optimise_long, plan_site
from compute.switching.reprice import reprice
from compute.switching.solve import Effort, Outcome
from tests.compute.switching.worlds import asic_case, small_case

EFFORT = Effort()
BATTERY = {
    "capacity_mwh": 4.0, "soc0_mwh": 1.0, "soc_end_min_mwh": 2.0, "p_charge_mw": 1.0, "p_discharge_mw": 2.0,
    "eta_charge": 0.93, "eta_discharge": 0.94, "wear_usd_per_mwh_discharged": 12.0,
}  # fmt: skip


def long_site(steps, seed=1, **changes):
    """Two ASICs with two modes, start costs and minimum times at prices that go up and down with the day."""
    dice = Random(seed)
    prices = [round(60 + 40 * (step % 24 > 16) + dice.gauss(0, 25), 2) for step in range(steps)]
    modes = [{"power_mw": 0.0, "hash_ph": 0.0}, {"power_mw": 1.0, "hash_ph": 45.0}, {"power_mw": 1.5, "hash_ph": 58.0}]
    unit = {"modes": modes, "start_cost_usd": 30.0, "min_up_steps": 3, "min_down_steps": 2}
    grid = {
        "import_limit_mw": 10.0, "export_limit_mw": 0.0, "import_price_usd_mwh": prices,
        "export_price_usd_mwh": [price - 5 for price in prices],
    } | changes.pop("grid", {})  # fmt: skip
    case = {
        "T": steps, "hashprice_usd_per_ph_day": [50.0] * steps, "grid": grid,
        "units": [asic_case(**unit | {"id": name}) for name in "ab"],
    }  # fmt: skip
    return read_case(json.dumps(small_case(**case | changes)).encode())


FAMILIES = {
    "plain": {},
    "battery": {"battery": BATTERY},
    "demand charge": {"grid": {"demand_charge_usd_per_mw": 200.0, "peak_so_far_mw": 0.5}},
    "take or pay": {"grid": {"take_or_pay": {"mwh": 500.0, "price_usd_mwh": 30.0}}},
    "site limit": {"site_limit_mw": 2.6},
    "demand response": {
        "dr_events": [{"t": at, "baseline_mw": 3.0, "cap_mw": 2.0, "pay_usd_mwh": 120.0} for at in (71, 72, 150)]
    },
}


@pytest.mark.parametrize("family", FAMILIES)
def test_windows_earn_nearly_what_the_whole_earns_and_break_no_rule(family):
    site = long_site(210, **FAMILIES[family])

    whole, parts = optimise(site, Effort(time_limit_s=20.0, gap_share=1e-3)), optimise_long(site, EFFORT)

    assert parts.priced.broken == ()
    assert parts.priced.profit_usd >= 0.99 * whole.priced.profit_usd
    assert parts.gap_usd >= whole.priced.profit_usd - parts.priced.profit_usd - 0.01


def test_a_minimum_time_that_began_in_one_window_is_kept_in_the_next():
    """Held on for 80 steps, of which the first window of 72 plans only a part."""
    site = long_site(200)
    unit = replace(site.units[0], min_up_h=80.0, started=((0.0, 1.0),))
    dear = replace(site, units=(unit,), hashprice_usd_per_ph_day=np.zeros(200))

    found = optimise_long(dear, EFFORT)

    on = found.plan.modules["a"].sum(axis=0)
    assert (on[:80].tolist(), on[80:].tolist()) == ([1.0] * 80, [0.0] * 120)


def test_a_ramp_holds_across_the_border_of_windows():
    found = optimise_long(replace(long_site(200), ramp=Ramp(1.0, 3.0)), EFFORT)

    assert found.priced.broken == ()


def test_a_long_horizon_is_planned_in_windows_and_says_so_where_the_bound_is_not_reached():
    site = long_site(windows.LONGEST_WHOLE + 10, site_limit_mw=2.6)

    found = plan_site(site)

    assert (found.outcome, found.source) == (Outcome.FEASIBLE, Source.SOLVER)
    assert found.words == f"{IN_WINDOWS} 1510 steps are too many for one whole model"
    assert found.priced.profit_usd >= reprice(site, merit_order(site)).profit_usd
    assert found.gap_usd > 0


def test_windows_that_reach_the_bound_are_an_optimum():
    found = plan_site(long_site(windows.LONGEST_WHOLE + 10))

    assert (found.outcome, found.words) == (Outcome.OPTIMAL, "")


def test_a_long_horizon_that_nothing_can_keep_is_infeasible():
    assert plan_site(long_site(2000, base_load_mw=50.0)).outcome is Outcome.INFEASIBLE


def test_without_time_even_for_the_bound_the_merit_order_stands_in():
    found = planning.plan_site(long_site(2000), Effort(time_limit_s=0.0))

    assert (found.outcome, found.source) == (Outcome.FEASIBLE, Source.MERIT_ORDER)
