import numpy as np
import pytest

from compute.switching.case import read_case
from compute.switching.inputs import DemandCharge, DrEvent, Ramp, Reserve, TakeOrPay
from compute.switching.merit_order import merit_order
from compute.switching.plan import Plan, mode_indexes
from compute.switching.planning import Source, doubt, plan_site, stand_ins, tidied
from compute.switching.reprice import reprice
from compute.switching.solve import Effort, Outcome, Solution
from tests.compute.switching.worlds import (
    CASES,
    MACHINE,
    MODULE,
    asic,
    battery,
    flat,
    gpu,
    grid,
    site,
    small_case,
    text,
)

NO_TIME = Effort(time_limit_s=0.0)


def planned(pecos, **more):
    found = plan_site(pecos, **more)
    assert found.outcome is Outcome.OPTIMAL
    assert found.priced.broken == ()
    return found


def on(found, pecos, place=0):
    return found.plan.modules[pecos.units[place].id].sum(axis=0).tolist()


def test_a_machine_stops_for_the_dear_hour_when_its_start_costs_less_than_the_hour():
    cheap_start, dear_start = (site([asic(start_cost_usd=cost)], 40, 150, 40) for cost in (49.0, 51.0))

    assert on(planned(cheap_start), cheap_start) == [1, 0, 1]
    assert on(planned(dear_start), dear_start) == [1, 1, 1]


def test_the_initial_state_holds_a_machine_that_has_just_started():
    pecos = site([asic(min_up_h=3.0, started=((1.0, 1.0),))], 500, 500, 500)

    assert on(planned(pecos), pecos) == [1, 1, 0]


def test_the_initial_state_keeps_off_a_machine_that_has_just_stopped():
    pecos = site([asic(on_before=0.0, min_down_h=3.0, stopped=((1.0, 1.0),))], 10, 10, 10)

    assert on(planned(pecos), pecos) == [0, 0, 1]


def test_the_site_limit_goes_to_who_earns_more():
    pecos = site([asic(), gpu(demand=(60, 40))], 10, 10, limit_mw=1.0)

    found = planned(pecos)

    assert on(found, pecos, 0) == [0, 1]
    assert on(found, pecos, 1) == [1, 0]


def test_a_module_runs_whole_and_a_fleet_of_machines_in_part():
    modules = site([asic(count=5.0, on_before=0.0, switching=MODULE)], 10, limit_mw=2.5)
    machines = site([asic(count=5.0, on_before=0.0, switching=MACHINE)], 10, limit_mw=2.5)

    assert on(planned(modules), modules) == [2.0]
    assert on(planned(machines), machines) == [2.5]


def test_a_demand_charge_counts_only_above_the_peak_so_far():
    charge = DemandCharge(80.0, 1.0, np.array([True]))
    two = site([asic("A"), asic("B")], 40, grid=grid(40, demand_charges=(charge,)))

    found = planned(two)

    assert found.priced.import_mw.tolist() == [1.0]
    assert found.priced.profit_usd == 60.0


def test_a_ramp_lets_the_load_come_back_slowly():
    fleet = asic(count=4.0, on_before=0.0, switching=MACHINE)
    pecos = site([fleet], 10, 10, 10, ramp=Ramp(1.5, 0.0))

    assert on(planned(pecos), pecos) == [1.5, 3.0, 4.0]


def test_a_share_of_the_companys_nodes_limits_the_site():
    pecos = site([gpu("A"), gpu("B")], 10, nodes_limit=flat(150, 1))

    assert planned(pecos).priced.money.ai == 200.0


def test_demand_response_is_taken_when_it_pays_more_than_mining():
    event = DrEvent(0, baseline_mw=1.0, cap_mw=1.0, pay_usd_mwh=61.0)
    refused = DrEvent(0, baseline_mw=1.0, cap_mw=1.0, pay_usd_mwh=59.0)

    assert planned(site([asic()], 40, dr_events=(event,))).priced.profit_usd == 61.0
    assert planned(site([asic()], 40, dr_events=(refused,))).priced.profit_usd == 60.0


def test_a_reserve_keeps_machines_on_that_would_not_pay_by_themselves():
    """A MWh costs 10 USD more than it earns; standing ready pays 11, or 9."""
    paid, poorly = (site([asic()], 110, reserves=(Reserve("ECRS", flat(usd, 1), 5.0, frozenset({"S21"})),))
                    for usd in (11.0, 9.0))  # fmt: skip

    assert planned(paid).priced.profit_usd == pytest.approx(1.0)
    assert on(planned(poorly), poorly) == [0.0]


def test_nothing_is_bought_only_to_be_sold_for_the_sake_of_a_block():
    """Taking a MWh saves 50 USD of the block and costs 5 on the way through; at the meter that cannot be done."""
    block = TakeOrPay(mwh=1.0, price_usd_mwh=50.0)
    pecos = site([asic(on_before=0.0, hash_ph=0.0)], 100, grid=grid(100, export_limit_mw=5.0, take_or_pay=block))

    found = planned(pecos)

    assert found.priced.profit_usd == -50.0


def test_what_the_model_had_the_battery_lose_both_ways_at_once_is_kept_and_leaves_no_surplus():
    """1 MW out and 0.5 MW in at once: half a megawatt comes out, nothing is lost, and what no longer fits in stays."""
    pecos = site([], 40, 40, base_load_mw=flat(0.5, 2), solar_mw=np.array([0.0, 2.0]), battery=battery(soc0_mwh=1.9))
    both = Plan({}, np.array([0.5, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.5]))

    deed = tidied(pecos, both)

    assert (deed.charge_mw.tolist(), deed.discharge_mw.tolist()) == ([0.0, 1.0], [0.5, 0.0])
    assert reprice(pecos, deed).soc_mwh.tolist() == pytest.approx([1.4, 1.9])
    assert reprice(pecos, deed).broken == ()


def test_a_battery_does_not_burn_energy_at_negative_prices():
    found = planned(site([], -10.0, battery=battery(soc0_mwh=1.9)))

    assert found.plan.charge_mw[0] == pytest.approx(0.2)
    assert found.plan.discharge_mw[0] == 0.0


def test_a_full_battery_is_not_emptied_by_charging_and_discharging_at_once_before_power_is_paid_for_being_taken():
    """Nothing else draws and nothing may be sold, so that it stays full and earns nothing in the second hour."""
    full = battery(soc0_mwh=2.0)

    planned = plan_site(site([], 10, -100, battery=full))

    assert (planned.outcome, planned.source) == (Outcome.OPTIMAL, Source.SOLVER)
    assert planned.priced.profit_usd == pytest.approx(0.0, abs=1e-9)


def test_a_case_of_no_steps_is_planned():
    case = small_case(T=0, hashprice_usd_per_ph_day=[])
    case["grid"] |= {"import_price_usd_mwh": [], "export_price_usd_mwh": []}

    found = planned(read_case(text(case)))

    assert found.priced.profit_usd == 0.0
    assert found.plan.modules["asic"].shape == (1, 0)


@pytest.mark.parametrize(
    ("pecos", "words"),
    [
        (site([], 40, base_load_mw=flat(101, 1)), "the base load alone is above the site limit"),
        (
            site([], 40, base_load_mw=flat(2, 1), grid=grid(40, import_limit_mw=1.0)),
            "the base load is above everything that can be drawn",
        ),
        (
            site([asic(min_up_h=4.0, started=((1.0, 1.0),))], 40, limit_mw=0.5),
            "with everything off that may be off, load is above the site limit, step 0",
        ),
        (
            site([], 40, 40, battery=battery(soc_end_min_mwh=2.0, charge_mw=0.5)),
            "with everything off that may be off, the battery ends emptier than it may, step 1",
        ),
    ],
)
def test_what_cannot_be_kept_is_called_infeasible(pecos, words):
    found = plan_site(pecos)

    assert (found.outcome, found.plan, found.words) == (Outcome.INFEASIBLE, None, words)


def test_without_time_the_last_plan_is_used_while_it_keeps_the_rules():
    site_of_case = read_case(CASES[0].read_bytes())
    last = plan_site(site_of_case).plan

    found = plan_site(site_of_case, NO_TIME, last)

    assert (found.outcome, found.source) == (Outcome.FEASIBLE, Source.LAST_PLAN)
    assert found.gap_usd is None
    assert found.words == "Time limit reached"


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1])
def test_a_plan_that_the_solver_had_to_break_off_is_never_worse_than_the_merit_order(seconds):
    """Twelve containers of three tiers, two days by the quarter hour, under a demand charge."""
    prices = [60 + 55 * ((step * 7) % 13) / 12 for step in range(192)]
    charge = DemandCharge(300.0, 4.0, np.ones(192, dtype=bool))
    tiers = [asic(f"{place}", hash_ph=80.0 + 3 * place, start_cost_usd=9.0, min_up_h=1.0) for place in range(12)]
    pecos = site(tiers, *prices, hours=0.25, limit_mw=9.5, grid=grid(*prices, demand_charges=(charge,)))

    found = plan_site(pecos, Effort(time_limit_s=seconds))

    assert found.priced.broken == ()
    assert found.priced.profit_usd >= reprice(pecos, merit_order(pecos)).profit_usd - 1e-6
    assert found.gap_usd is None or found.gap_usd >= 0.0


def test_a_last_plan_that_breaks_a_rule_gives_way_to_the_merit_order():
    site_of_case = read_case(CASES[0].read_bytes())
    last = plan_site(site_of_case).plan
    too_much = Plan(last.modules, last.charge_mw + 1.0, last.discharge_mw, last.solar_used_mw)

    found = plan_site(site_of_case, NO_TIME, too_much)

    assert found.source is Source.MERIT_ORDER
    assert found.priced.broken == ()


def test_the_safe_state_comes_last_and_runs_only_what_it_must():
    pecos = site([asic("held", min_up_h=2.0, started=((1.0, 1.0),)), asic("free")], 10, 10)

    *_, (source, plan) = stand_ins(pecos, None)

    assert source is Source.SAFE_STATE
    assert mode_indexes(plan, pecos.units[0]) == [1, 0]
    assert mode_indexes(plan, pecos.units[1]) == [0, 0]


def test_a_plan_that_earns_less_than_the_solver_said_is_not_believed():
    pecos = site([asic()], 40)
    priced = reprice(pecos, plan_site(pecos).plan)

    assert priced.profit_usd == 60.0
    assert doubt(priced, Solution(Outcome.OPTIMAL, "", profit_usd=60.0)) == ""
    assert doubt(priced, Solution(Outcome.OPTIMAL, "", profit_usd=61.0)).endswith("$1.00 less than the solver said")
