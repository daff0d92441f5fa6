from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from compute.switching.counterfactual import Block, blocks, keeping, largest, without_block
from compute.switching.explain import Part, explain, moved
from compute.switching.hysteresis import Direction, direction_of
from compute.switching.planning import plan_site
from compute.switching.sentence import clock, names, sentence
from tests.compute.switching.worlds import MACHINE, MODULE, asic, battery, flat, gpu, site

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("America/Chicago"))


def present(pecos):
    return {unit.id: np.array([unit.on_before]) for unit in pecos.units}


def told(pecos):
    """The plan, its blocks, and the explanation of the first."""
    plan = plan_site(pecos).plan
    found = blocks(pecos, plan, present(pecos))
    return plan, found, explain(pecos, plan, without_block(pecos, plan, found[0], present(pecos)))


def test_the_sentence_of_a_stop_names_hours_megawatts_gain_and_the_borders():
    """Off for two dear hours: 2 x (150 - 100) less a start of 20."""
    pecos = site([asic(start_cost_usd=20.0)], 40, 150, 150, 40)

    _, found, explained = told(pecos)

    assert found == [Block(1, 3, ("S21",))]
    assert explained.gain_usd == pytest.approx(80.0)
    assert sentence(pecos, explained, NOON) == (
        "13:00-15:00 take 1.0 MW off S21: S21 earns $100/MWh, power costs $150/MWh; gain $80; "
        "flips if hashprice > $33.60/PH/day or power < $110.00/MWh"
    )


def test_at_its_border_a_decision_earns_nothing():
    """100 USD/MWh at 24 USD/PH/day; two hours off save 2 x 110 and cost two hours of mining and a start."""
    at_price = site([asic(start_cost_usd=20.0)], 40, 110, 110, 40)
    at_hashprice = site([asic(start_cost_usd=20.0)], 40, 150, 150, 40, hashprice=33.6)
    block = Block(1, 3, ("S21",))

    for pecos in (at_price, at_hashprice):
        stopped = plan_site(site([asic(start_cost_usd=20.0)], 40, 150, 150, 40)).plan
        assert without_block(pecos, stopped, block, present(pecos)).gain_usd == pytest.approx(0.0)


def test_power_moves_from_mining_to_ai_under_the_site_limit():
    """A MWh earns 200 as AI and 100 mined; the limit has room for one of them."""
    mining, nodes = (
        asic("S19j Pro", stop_cost_usd=10.0),
        gpu("AI", demand=(0, 100, 100), on_before=0.0, start_cost_usd=15),
    )
    pecos = site([mining, nodes], 38, 38, 38, limit_mw=1.0)

    _, found, explained = told(pecos)

    assert found == [Block(1, 3, ("S19j Pro", "AI"))]
    assert explained.gain_usd == pytest.approx(2 * 200 - 2 * 100 - 25)
    assert sentence(pecos, explained, NOON) == (
        "13:00-15:00 move 1.0 MW from S19j Pro to AI: S19j Pro earns $100/MWh, AI earns $200/MWh, power costs $38/MWh; "
        "gain $175; flips if hashprice > $45.00/PH/day or AI < $1.12/node-h"
    )


def test_the_battery_finds_its_own_way_without_the_block():
    """As planned its 0.4 MWh save 16 USD in the first hour; with the machine on they would save 120 in the second."""
    store = battery(soc0_mwh=0.4, charge_mw=0.0, wear_usd_per_mwh_discharged=0.0)
    pecos = site([asic()], 40, 300, battery=store)

    _, found, explained = told(pecos)

    assert found == [Block(1, 2, ("S21",))]
    assert explained.gain_usd == pytest.approx(96.0)


def test_where_a_minimum_time_forbids_the_alternative_there_is_no_gain():
    held = asic(min_down_h=3.0, stopped=((1.0, 1.0),), on_before=0.0)
    pecos = site([held], 200, 200, 40)
    plan = plan_site(pecos).plan
    on = {"S21": np.array([1.0])}

    found = without_block(pecos, plan, Block(0, 2, ("S21",)), on)

    assert found.gain_usd is None
    assert largest([found]) is None
    with pytest.raises(ValueError, match="no other choice"):
        explain(pecos, plan, found)


def test_modules_and_machines_are_explained_like_single_units():
    for switching in (MODULE, MACHINE):
        pecos = site([asic(count=4.0, on_before=4.0, switching=switching)], 40, 150, 40)

        _, found, explained = told(pecos)

        assert found == [Block(1, 2, ("S21",))]
        assert explained.gain_usd == pytest.approx(200.0)
        assert explained.parts[0].change_mw == pytest.approx(-4.0)


def test_the_largest_gain_is_shown_first():
    pecos = site([asic()], 40, 150, 40, 300, 40)
    plan = plan_site(pecos).plan

    found = [without_block(pecos, plan, block, present(pecos)) for block in blocks(pecos, plan, present(pecos))]

    assert [each.gain_usd for each in found] == pytest.approx([50.0, 200.0])
    assert largest(found).block.first == 3


def test_the_clock_is_the_sites_and_counts_the_hour_that_autumn_repeats():
    pecos = site([], *[40.0] * 30)
    evening = datetime(2026, 10, 31, 23, 0, tzinfo=ZoneInfo("America/Chicago"))

    assert clock(pecos, 0, evening) == "23:00"
    assert clock(pecos, 2, evening) == "01 Nov 01:00"
    assert clock(pecos, 3, evening) == "01 Nov 01:00"
    assert clock(pecos, 4, evening) == "01 Nov 02:00"
    assert clock(pecos, 5, datetime(2026, 1, 1, tzinfo=UTC)) == "05:00"


def test_a_new_plan_is_held_against_running_on_as_now():
    """Two hours off save 100 and 60 USD, with a start of 20 before the last hour."""
    pecos = site([asic(start_cost_usd=20.0)], 200, 160, 40)
    plan = plan_site(pecos).plan

    assert keeping(pecos, plan, present(pecos)).gain_usd == pytest.approx(140.0)
    assert direction_of(pecos, plan, present(pecos)) is Direction.STOP
    assert direction_of(pecos, plan, {"S21": np.array([0.0])}) is Direction.SHIFT


def test_a_plan_that_stays_as_it_is_has_nothing_to_explain():
    pecos = site([asic()], 40, 40, solar_mw=flat(0, 2))

    assert blocks(pecos, plan_site(pecos).plan, present(pecos)) == []


# Words that a duty manager can act on


def test_nodes_that_nobody_asks_for_earn_nothing_where_they_stop():
    """5 nodes on, 4 asked for: the fifth costs power alone."""
    nodes = gpu("AI", (4.0, 4.0), mw=0.01, nodes=1.0, count=5.0, on_before=5.0, price=5.0, switching=MACHINE)
    pecos = site([nodes], 300, 300)

    _, _, explained = told(pecos)

    assert explained.parts[0].usd_per_mwh == pytest.approx(0.0)
    assert "nobody asks for those AI, power costs $300/MWh" in sentence(pecos, explained, NOON)


def test_a_price_that_does_not_stay_is_told_with_its_mean_and_its_border_is_about_the_mean():
    """Two hours at 500 and 150: 325 on average; at 100 on average, 225 less each, nothing is gained."""
    pecos = site([asic()], 500, 150, 40)

    _, _, explained = told(pecos)

    assert sentence(pecos, explained, NOON) == (
        "12:00-14:00 take 1.0 MW off S21: S21 earns $100/MWh, power costs $325/MWh on average, $500 at first; "
        "gain $450; flips if hashprice > $78.00/PH/day or power < $100.00/MWh on average"
    )


def test_a_border_that_no_price_reaches_is_not_told():
    """At 24 USD/PH/day a machine earns 100 USD/MWh: at 5,000 it takes fifty times the hashprice to turn it over."""
    pecos = site([asic()], 5000, 5000, 40)
    _, _, explained = told(pecos)
    assert explained.break_even.hashprice_usd_per_ph_day is None
    assert explained.break_even.power_usd_mwh == pytest.approx(100.0)


@pytest.mark.parametrize(("mean", "by", "border"), [(50.0, -60.0, None), (-20.0, -10.0, -30.0), (50.0, 30_000.0, None)])
def test_a_border_of_power_below_zero_is_told_where_power_is_below_zero(mean, by, border):
    assert moved(mean, by) == border


@pytest.mark.parametrize(
    ("units", "words"),
    [("A", "A"), ("AB", "A and B"), ("ABC", "A, B and C"), ("ABCDE", "A, B, C and 2 more")],
)
def test_units_are_listed_as_people_list_them(units, words):
    assert names([Part(unit, False, 1.0, 1.0) for unit in units]) == words
