"""The cases whose optimum was proven by enumeration, priced again here by rules written out once more."""

from collections import Counter
from random import Random

import pytest

from compute.switching.case import read_case
from compute.switching.merit_order import merit_order, safe_state
from compute.switching.plan_line import plan_text
from compute.switching.reprice import reprice
from compute.switching.solve import Effort
from tests.compute.switching import outside
from tests.compute.switching.brute import best, evaluate
from tests.compute.switching.random_cases import battery, features, nasty_case, random_case
from tests.compute.switching.wide_cases import wide_case
from tests.compute.switching.worlds import CASES, case_of, small_case, text

SEEDS = range(240)
# The last five once had the engine do something else: charge and discharge at once, where that costs nothing.
NASTY = (*range(300), 418, 1365, 1547, 2172, 2927)
# In the last two the battery would be emptied by charging it, before power is paid for being taken.
WIDE = (*range(60), 87, 182)
BATTERY = {
    "capacity_mwh": 2.0, "soc0_mwh": 1.0, "soc_end_min_mwh": 1.0, "p_charge_mw": 1.0, "p_discharge_mw": 1.0,
    "eta_charge": 0.9, "eta_discharge": 0.9, "wear_usd_per_mwh_discharged": 5.0,
}  # fmt: skip
GRID = {"demand_charge_usd_per_mw": 0.0, "peak_so_far_mw": 0.0, "demand_window": [True] * 3, "take_or_pay": None}


def near(proven):
    return pytest.approx(proven, rel=1e-4, abs=0.01)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_plan_reaches_the_proven_optimum_and_breaks_no_rule(path):
    case = case_of(path)

    line = plan_text(path.read_bytes(), Effort())

    profit, broken = evaluate(case, line)
    assert line["status"] == "optimal"
    assert broken == []
    assert profit == near(case["optimum"]["profit_usd"])
    assert line["profit_usd"] == pytest.approx(profit, abs=1e-6)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_recorded_optimum_is_priced_as_it_was_recorded(path):
    case = case_of(path)
    optimum = case["optimum"]
    nothing = [0.0] * case["T"]
    line = {"charge_mw": nothing, "discharge_mw": nothing, "soc_mwh": nothing} | optimum
    if "solar_used_mw" not in line:
        flows = zip(line["load_mw"], line["export_mw"], line["import_mw"], strict=True)
        line["solar_used_mw"] = [load + sold - bought for load, sold, bought in flows]

    profit, broken = evaluate(case, line)

    assert broken == []
    assert profit == pytest.approx(optimum["profit_usd"], abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_case_agrees_with_trying_every_plan(seed):
    agrees_with_trying_every_plan(random_case(seed))


@pytest.mark.parametrize("seed", NASTY)
def test_a_case_at_the_edges_of_the_schema_agrees_with_trying_every_plan(seed):
    agrees_with_trying_every_plan(nasty_case(seed))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pulp", "ignore:.*PuLP:DeprecationWarning")
@pytest.mark.parametrize("seed", WIDE)
def test_a_case_of_any_numbers_agrees_with_another_model_in_another_solver(seed):
    case = wide_case(seed)

    line, highest = plan_text(text(case), Effort()), outside.optimum(case)

    if highest is None:
        assert line["status"] == "infeasible"
        return
    profit, broken = evaluate(case, line)
    assert (line["status"], broken) == ("optimal", [])
    assert profit == near(highest)


def agrees_with_trying_every_plan(case):
    highest = best(case)

    line = plan_text(text(case), Effort())

    if highest is None:
        assert line["status"] == "infeasible"
        return
    profit, broken = evaluate(case, line)
    assert broken == []
    assert profit == near(highest)
    assert line["profit_usd"] == pytest.approx(profit, abs=1e-6)


def test_the_random_cases_exercise_everything_that_the_schema_describes():
    seen = Counter(name for seed in NASTY for name in features(nasty_case(seed)))

    assert len(seen) == 28
    assert min(seen.values()) >= 15


@pytest.mark.parametrize("seed", range(40))
def test_with_battery_and_demand_charge_a_plan_earns_at_least_what_a_coarse_grain_finds(seed):
    """Here the best plan may lie between the grains; that nothing better exists is the solver's bound alone."""
    case = random_case(seed)
    case["battery"], case["units"] = battery(Random(seed)), case["units"][:1]
    case["grid"] |= {"demand_charge_usd_per_mw": 120.0, "peak_so_far_mw": 0.5, "take_or_pay": None}
    highest = best(case)

    line = plan_text(text(case), Effort())

    if highest is None:
        return
    profit, broken = evaluate(case, line)
    assert broken == []
    assert profit >= highest - 0.01
    assert line["gap_usd"] <= 0.01 + 1e-5 * abs(profit)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_rules_and_safe_state_keep_every_rule_and_earn_no_more_than_the_optimum(path):
    case = case_of(path)
    site = read_case(path.read_bytes())

    by_rule, safe = reprice(site, merit_order(site)), reprice(site, safe_state(site))

    assert by_rule.broken == safe.broken == ()
    most = case["optimum"]["profit_usd"] + 0.01
    assert by_rule.profit_usd <= most
    assert safe.profit_usd <= most


def test_limits_that_nothing_reaches_may_be_as_large_as_the_schema_lets_them():
    """Paid for taking power and for selling it, with a battery: both ways at once would pay, and is 1e9 MW large."""
    case = small_case(battery=BATTERY, solar_mw=[1.0] * 3, dr_events=[])
    prices = {"import_price_usd_mwh": [-50.0, 30.0, 400.0], "export_price_usd_mwh": [-40.0, 35.0, 390.0]}
    profits = []
    for limit in (50.0, 1e9):
        grid = {"import_limit_mw": limit, "export_limit_mw": limit} | prices
        line = plan_text(text(case | {"site_limit_mw": limit, "grid": GRID | grid}), Effort())
        profit, broken = evaluate(case | {"site_limit_mw": limit, "grid": GRID | grid}, line)
        assert (line["status"], broken) == ("optimal", [])
        profits.append(profit)

    assert profits[1] == pytest.approx(profits[0], abs=0.01)
