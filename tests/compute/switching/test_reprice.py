from dataclasses import replace

import numpy as np
import pytest

from compute.switching.inputs import DemandCharge, DrEvent, Mode, Ramp, Reserve, TakeOrPay, Unit
from compute.switching.plan import Plan
from compute.switching.reprice import reprice
from tests.compute.switching.worlds import MACHINE, MODULE, asic, battery, flat, gpu, grid, site


def plan(steps, charge=None, discharge=None, solar=None, **modules):
    return Plan(
        {name: np.array([on], dtype=float) for name, on in modules.items()},
        np.array(charge, dtype=float) if charge else flat(0, steps),
        np.array(discharge, dtype=float) if discharge else flat(0, steps),
        np.array(solar, dtype=float) if solar else flat(0, steps),
    )


def test_every_component_of_a_plan_worked_by_hand():
    contracts = {
        "export_limit_mw": 9.0,
        "demand_charges": (DemandCharge(100.0, 0.5, np.array([True, True])),),
        "take_or_pay": TakeOrPay(mwh=5.0, price_usd_mwh=10.0),
        "coincident_usd_per_mw": np.array([0.0, 7.0]),
    }
    pecos = site(
        [
            asic(start_cost_usd=3.0, stop_cost_usd=4.0),
            gpu(demand=(60, 60), owed=100, on_before=0.0, start_cost_usd=8.0),
        ],
        40.0,
        50.0,
        grid=grid(40.0, 50.0, **contracts),
        base_load_mw=flat(0.5, 2),
        solar_mw=np.array([3.0, 0.0]),
        battery=battery(soc0_mwh=1.0, end_value_usd_mwh=6.0),
        dr_events=(DrEvent(1, baseline_mw=2.0, cap_mw=0.4, pay_usd_mwh=30.0),),
    )

    priced = reprice(pecos, plan(2, [0.0, 1.0], [1.0, 0.0], [3.0, 0.0], S21=[1, 0], GPU=[0, 1]))

    money = priced.money
    assert priced.broken == ()
    assert priced.load_mw.tolist() == [1.5, 1.5]
    assert priced.export_mw.tolist() == [2.5, 0.0]
    assert priced.import_mw.tolist() == [0.0, 2.5]
    assert priced.soc_mwh.tolist() == [0.0, 0.5]
    assert (money.mining, money.ai, money.sla) == (100.0, 120.0, -1000.0)
    assert (money.starts, money.stops) == (-8.0, -4.0)
    assert (money.energy, money.exported, money.coincident) == (-125.0, 87.5, -17.5)
    assert (money.demand_charge, money.take_or_pay) == (-200.0, -25.0)
    assert (money.demand_response, money.wear, money.battery_end) == (0.0, -2.0, 3.0)
    assert priced.profit_usd == -1071.0


def test_demand_response_pays_what_stays_under_the_baseline_up_to_the_cap():
    event = DrEvent(0, baseline_mw=2.0, cap_mw=0.4, pay_usd_mwh=30.0)

    priced = reprice(site([asic()], 10.0, hours=0.5, dr_events=(event,)), plan(1, S21=[1]))

    assert priced.money.demand_response == pytest.approx(6.0)


def test_what_stands_ready_is_paid_once_by_the_dearest_reserve_first():
    """1 MW of S21 and 1 MW of nodes on for half an hour. 1.5 MW go to the dear one; of the rest 0.5 MW are left, though
    the cheap one would take 0.8 of the S21 alone."""
    both, alone = frozenset({"S21", "GPU"}), frozenset({"S21"})
    reserves = (Reserve("cheap", flat(4, 1), 0.8, alone), Reserve("dear", flat(10, 1), 1.5, both))
    pecos = site([asic(), gpu()], 10.0, hours=0.5, reserves=reserves)

    assert reprice(pecos, plan(1, S21=[1], GPU=[1])).money.reserve == pytest.approx(0.5 * (1.5 * 10 + 0.5 * 4))
    assert reprice(pecos, plan(1, S21=[0], GPU=[1])).money.reserve == pytest.approx(0.5 * 1.0 * 10)


def test_a_block_that_may_be_resold_costs_nothing_when_not_taken():
    sold_back = grid(40.0, take_or_pay=TakeOrPay(5.0, 10.0, resale=True))

    assert reprice(site([asic()], 40.0, grid=sold_back), plan(1, S21=[0])).money.take_or_pay == 0.0


TWO_MODES = Unit("S21", (Mode("eco", 1.0, hash_ph=1), Mode("full", 2.0, hash_ph=2)), pue=1.0)
FULL = site([asic(min_up_h=2.0, min_down_h=2.0)], 40, 40, 40)


@pytest.mark.parametrize(
    ("pecos", "wrong", "words"),
    [
        (FULL, plan(3, S21=[0, 1, 1]), "S21: started before its minimum time, step 1"),
        (
            site([asic(on_before=0.0, min_up_h=2.0)], 40, 40),
            plan(2, S21=[1, 0]),
            "S21: stopped before its minimum time, step 1",
        ),
        (
            site([asic(min_up_h=4.0, started=((1.0, 1.0),))], 40, 40, 40, 40),
            plan(4, S21=[1, 1, 0, 0]),
            "S21: stopped before its minimum time, step 2",
        ),
        (site([asic()], 40), plan(1, S21=[2]), "S21: fewer than no modules run, or more than there are"),
        (site([asic()], 40), plan(1, S21=[0.5]), "S21: what switches as one is split"),
        (site([asic(count=5.0, switching=MODULE)], 40), plan(1, S21=[2.5]), "S21: what switches as one is split"),
        (site([asic()], 40, limit_mw=0.9), plan(1, S21=[1]), "load is above the site limit, step 0"),
        (site([asic()], 40, grid=grid(40, import_limit_mw=0.9)), plan(1, S21=[1]), "import is above its limit, step 0"),
        (site([asic()], 40, solar_mw=flat(3, 1)), plan(1, S21=[1], solar=[3]), "export is above its limit, step 0"),
        (site([asic()], 40), plan(1, S21=[1], solar=[1]), "more solar is used than there is, step 0"),
        (site([asic()], 40, ramp=Ramp(0.5, 0.0)), plan(1, S21=[1]), "load moves faster than its ramp, step 0"),
        (
            site([gpu()], 40, nodes_limit=flat(99, 1)),
            plan(1, GPU=[1]),
            "more nodes are on than the site's share, step 0",
        ),
        (site([asic()], 40), plan(1, [1.0], S21=[1]), "there is no battery to charge"),
        (
            site([asic()], 40, battery=battery(soc0_mwh=0.5)),
            plan(1, discharge=[1.0], S21=[1]),
            "the battery is emptier than empty, step 0",
        ),
        (
            site([asic()], 40, battery=battery(soc0_mwh=2.0)),
            plan(1, [1.0], S21=[1]),
            "the battery is fuller than full, step 0",
        ),
        (
            site([asic()], 40, battery=battery()),
            plan(1, [0.5], [0.5], S21=[1]),
            "the battery charges and discharges at once, step 0",
        ),
        (site([asic()], 40, battery=battery()), plan(1, [1.5], S21=[1]), "charge is above its limit, step 0"),
        (
            site([asic()], 40, battery=battery(soc_end_min_mwh=1.5)),
            plan(1, S21=[1]),
            "the battery ends emptier than it may, step 0",
        ),
        (site([asic()], 40), plan(1, S19=[1]), "the plan is not for these units"),
        (site([asic()], 40), plan(1, S21=[float("nan")]), "S21: no number for every step"),
        (site([asic()], 40, 40), plan(2, S21=[1]), "S21: no number for every step"),
    ],
)
def test_a_broken_rule_is_named_with_its_first_step(pecos, wrong, words):
    assert words in reprice(pecos, wrong).broken


def test_modules_of_a_fleet_may_be_split_where_machines_are_controlled_one_by_one():
    fleet = asic(count=5.0, on_before=5.0, switching=MACHINE)

    assert reprice(site([fleet], 40.0), plan(1, S21=[2.5])).broken == ()


def test_both_modes_at_once_are_more_modules_than_there_are():
    both = replace(plan(1), modules={"S21": np.ones((2, 1))})

    assert reprice(site([TWO_MODES], 40.0), both).broken[0] == "S21: fewer than no modules run, or more than there are"
