"""Rules by hand. At a hashprice of 24 USD one PH/s earns 1 USD an hour."""

import numpy as np
import pytest

from compute.backtest.policies import always, levels, merit, threshold
from compute.backtest.rolling import Surprises
from compute.switching.inputs import Mode, Unit
from tests.compute.switching.worlds import MACHINE, asic, battery, flat, gpu, grid, site


def fleet(name="S21", count=10.0, hash_ph=100.0, **more):
    return asic(name, hash_ph=hash_ph, count=count, on_before=count, switching=MACHINE, **more)


def nodes(demand, owed=None, **more):
    return gpu(demand=(demand,), owed=owed, count=2.0, on_before=2.0, switching=MACHINE, **more)


def ran(deed):
    return [round(float(modules.sum()), 6) for modules in deed.modules]


def test_always_runs_everything_up_to_the_limit_ai_first():
    pecos = site([fleet("old", hash_ph=60), fleet("new"), nodes(150)], 500, limit_mw=15.0)

    assert ran(always(pecos)) == [3.5, 10.0, 1.5]


def test_nodes_under_contract_run_whole_and_others_by_their_demand():
    assert ran(always(site([nodes(150, owed=20)], 500))) == [2.0]
    assert ran(always(site([nodes(150)], 500))) == [1.5]


def test_the_threshold_stops_each_tier_at_its_own_break_even():
    tiers = [fleet("new"), fleet("old", hash_ph=60)]

    assert ran(threshold(site(tiers, 59))) == [10.0, 10.0]
    assert ran(threshold(site(tiers, 61))) == [10.0, 0.0]
    assert ran(threshold(site(tiers, 101))) == [0.0, 0.0]


def test_merit_lowers_power_before_it_stops():
    """From off to 1 MW each MWh earns 80 USD, from 1 to 2 MW only 40."""
    unit = Unit("S21", (Mode("eco", 1.0, hash_ph=80), Mode("full", 2.0, hash_ph=120)), 1.0, count=4.0, on_before=4.0)

    assert [modules.tolist() for modules in merit(site([unit], 39)).modules] == [[0.0, 4.0]]
    assert [modules.tolist() for modules in merit(site([unit], 41)).modules] == [[4.0, 0.0]]
    assert [modules.tolist() for modules in merit(site([unit], 81)).modules] == [[0.0, 0.0]]


def test_merit_keeps_the_nodes_it_owes_when_selling_more_no_longer_pays():
    """A node earns 2 USD; one that is owed and missing costs 10 more."""
    assert ran(merit(site([nodes(150, owed=60)], 199))) == [1.5]
    assert ran(merit(site([nodes(150, owed=60)], 201))) == [0.6]
    assert ran(merit(site([nodes(150, owed=60)], 1201))) == [0.0]


def test_merit_prices_a_likely_peak_and_the_threshold_does_not():
    peak = grid(40, coincident_usd_per_mw=np.array([2000.0]))

    assert ran(threshold(site([fleet()], 40, grid=peak))) == [10.0]
    assert ran(merit(site([fleet()], 40, grid=peak))) == [0.0]


def test_a_minimum_time_holds_against_every_rule():
    held = fleet(min_up_h=2.0, started=((1.0, 4.0),))
    barred = fleet(min_down_h=2.0, stopped=((1.0, 4.0),))

    assert ran(merit(site([held], 500))) == [4.0]
    assert ran(always(site([barred], 10))) == [6.0]


def test_a_mode_that_no_rule_would_choose_is_left_out():
    unit = Unit(
        "S21", (Mode("bad", 1.0, hash_ph=10), Mode("eco", 2.0, hash_ph=80), Mode("full", 3.0, hash_ph=100)), 1.0
    )

    assert [level.mode for level in levels(unit)] == [1, 2]


@pytest.mark.parametrize(
    ("prices", "content_mwh", "flows"),
    [
        ((300, 40, 40, 40), 2.0, (0.0, 1.0)),
        ((300, 40, 40, 40), 0.4, (0.0, 0.4)),
        ((300, 400, 500, 40), 2.0, (0.0, 0.0)),
        ((150, 40, 40, 40), 2.0, (0.0, 0.0)),
        ((40, 40, 300, 40), 0.0, (1.0, 0.0)),
        ((40, 40, 300, 40), 1.8, (0.4, 0.0)),
    ],
)
def test_the_battery_gives_back_in_the_dearest_hours_above_what_refilling_costs(prices, content_mwh, flows):
    """The strike is 100 USD/MWh; half is lost on the way, wear is 2: what is given back must bring more than 202."""
    store = battery(soc0_mwh=content_mwh)

    deed = merit(site([fleet(count=1.0)], *prices, battery=store, base_load_mw=flat(1, 4)))

    assert (deed.charge_mw, deed.discharge_mw) == pytest.approx(flows)


def test_what_a_minimum_time_holds_is_served_before_everything_else():
    """Room for two: the GPU module that must stay on takes one, though the contract would take both."""
    under_contract = nodes(150, owed=20)
    held = gpu("held", demand=(0.0,), count=1.0, switching=MACHINE, min_up_h=5.0, started=((1.0, 1.0),))

    assert ran(always(site([under_contract, held], 40, limit_mw=2.0))) == [1.0, 1.0]


def test_a_full_battery_is_worth_what_unforeseen_prices_gave_it_so_far():
    """Content is worth 25 USD/MWh, wear 2: a price of 1,000 gives 973, the 30 that were expected 3. Spread over the two
    hours and a week before them in which it gave 1.50 USD an hour, 252 in all."""
    store, surprises = battery(), Surprises()

    told = [surprises.told(site([], *prices), store, 25.0) for prices in ((30, 30), (1000, 600), (600, 30))]

    assert told == pytest.approx([252 / 169, 1222 / 170, 1222 / 171])


def test_what_was_foreseen_makes_a_full_battery_worth_nothing_more():
    store, surprises = battery(), Surprises()

    told = [surprises.told(site([], *prices), store, 25.0) for prices in ((30, 1000), (1000, 30), (30, 30))]

    assert told == pytest.approx([252 / 169, 252 / 170, 252 / 171])
