"""Rounds of planning a small site, worked by hand: what changes, what it is worth, and when nothing may change."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from compute.decisions import rates, uses
from compute.decisions.alternatives import always_on
from compute.decisions.change import change_of
from compute.decisions.frozen import Unreadable, digest, frozen_plan, frozen_site, thawed_plan, thawed_site
from compute.decisions.round import moved_on, plan_round, told
from compute.switching.carry import after, entering, state_of
from compute.switching.hysteresis import Direction, Memory
from compute.switching.inputs import Ai, Grid, Limits, Mode, Site, Switching, Unit
from compute.switching.reprice import reprice
from compute.switching.solve import Effort

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def site(prices: list[float], on: float = 100.0, nodes_on: float = 0.0, demand: float = 0.0) -> Site:
    """100 machines of 10 kW and 0.5 PH/s, 10 nodes of 10 kW; an hour a step.

    At 48 USD/PH/day a machine earns 1 USD/h with 0.01 MW: 100 USD/MWh.
    """
    steps = len(prices)
    return Site(
        id="PECOS",
        hours=np.ones(steps),
        hashprice_usd_per_ph_day=np.full(steps, 48.0),
        base_load_mw=np.zeros(steps),
        limit_mw=np.full(steps, 2.0),
        grid=Grid(2.0, 0.0, np.array(prices, dtype=float), np.zeros(steps)),
        solar_mw=np.zeros(steps),
        units=(
            Unit("S21", (Mode("full", 0.01, hash_ph=0.5),), 1.0, count=100, switching=Switching.MACHINE, on_before=on),
            Unit("nodes", (Mode("on", 0.01, nodes=1.0),), 1.0, count=10, switching=Switching.MACHINE,
                 on_before=nodes_on, ai=Ai(np.full(steps, 2.0), np.full(steps, demand))),
        ),
    )  # fmt: skip


def test_power_dearer_than_a_hash_stops_the_machines():
    this = plan_round(site([500.0, 500.0, 40.0]), None, Memory(), 0.0)

    assert this.change is not None
    assert (this.change.direction, this.change.steps, this.change.mw) == (Direction.STOP, 2, pytest.approx(-1.0))
    assert [(move.unit, move.before, move.after) for move in this.change.moves] == [("S21", 100.0, 0.0)]
    # 1 MW for two hours: 500 - 100 saved in each.
    assert this.gain_usd == pytest.approx(800.0)


def test_a_spike_stops_at_once():
    assert plan_round(site([500.0, 500.0, 40.0]), None, Memory(), 0.0).is_due


def test_a_stop_by_a_usual_price_waits_for_its_second_window():
    dear = site([140.0, 140.0, 40.0])
    first = plan_round(dear, None, Memory(), 0.0)
    second = plan_round(dear, None, first.memory, 1 / 12)

    assert (first.is_due, second.is_due) == (False, True)
    assert first.verdict.words == "a change pays since 1 of the 2 rounds that it must"


def flapped(windows: int, seed: int = 3) -> tuple[list[float], list[float]]:
    """Hours of starts and of stops of the real engine at 5-minute prices that jump around what a hash earns, every
    change carried out at once; minimum times are carried on from what was done."""
    dice, memory = Random(seed), Memory()
    state = state_of(replace(site([40.0]), units=flapping_units()))
    started, stopped = [], []
    for at in range(windows):
        price = (40 if at // 7 % 2 else 140) + dice.uniform(-30, 30) + 300 * (dice.random() < 0.02)
        here = entering(replace(site([price] * 4), units=flapping_units()), state)
        this = plan_round(here, None, memory, at / 12)
        memory, on = this.memory, state.on
        if this.is_due:
            on = tuple(move.after for unit in here.units for move in this.change.moves if move.unit == unit.id) or on
            (started if on[0] > state.on[0] else stopped).append(at / 12)
        state = after(state, here.units, on, 1 / 12, 0.0)
    return started, stopped


def flapping_units() -> tuple[Unit, ...]:
    mode = Mode("full", 0.1, hash_ph=5.0)
    return (
        Unit(
            "S21", (mode,), 1.0, 5.0, min_up_h=1.0, min_down_h=0.5, count=20, switching=Switching.MACHINE, on_before=20
        ),
    )


def keeps_the_policy(started: list[float], stopped: list[float]) -> bool:
    """At most 8 starts in any 24 hours, an hour between a start and the next stop, half an hour after a stop."""
    times = sorted([(at, 1) for at in started] + [(at, 0) for at in stopped])
    least = {1: 1.0, 0: 0.5}
    lasted = all(later - at >= least[kind] - 1e-9 for (at, kind), (later, _) in pairwise(times))
    return lasted and all(later - at >= 24 for at, later in zip(started, started[8:], strict=False))


def test_flapping_prices_start_machines_no_more_often_than_the_policy_says():
    started, stopped = flapped(2 * 288)

    assert len(started) > 4
    assert keeps_the_policy(started, stopped)


@pytest.mark.long
def test_a_month_of_flapping_prices_starts_machines_no_more_often_than_the_policy_says():
    started, stopped = flapped(30 * 288)

    assert len(started) > 60
    assert keeps_the_policy(started, stopped)


def limited_units(running: tuple[float, float], lowered: float) -> tuple[Unit, ...]:
    """20 machines of which 60 % of the power give 75 % of the hash; those lowered so many hours ago are held."""
    modes = (Mode("60 %", 0.06, hash_ph=3.75, limit_w=60_000), Mode("full", 0.1, hash_ph=5.0, limit_w=100_000))
    held = ((lowered, 1, running[0]),) if running[0] and lowered < 1 else ()
    limits = Limits(running, running, cost_usd=0.4, least_h=1.0, lowered=held)
    return (Unit("S21", modes, 1.0, count=20, switching=Switching.MACHINE, on_before=20, limits=limits),)


def test_flapping_prices_move_limits_no_more_often_than_they_may():
    """5-minute prices around what the last watts earn (62.50 USD/MWh); every change carried out at once."""
    dice, memory, running, lowered = Random(5), Memory(), (0.0, 20.0), 9.0
    down, up = [], []
    for at in range(288):
        price = (30 if at // 7 % 2 else 80) + dice.uniform(-15, 15)
        here = replace(site([price] * 4), units=limited_units(running, lowered))
        this = plan_round(here, None, memory, at / 12)
        memory, lowered = this.memory, lowered + 1 / 12
        if this.is_due:
            running = tuple(this.planned.plan.standing["S21"][:, 0])
            (down if this.change.direction is Direction.STOP else up).append(at / 12)
            lowered = 0.0 if this.change.direction is Direction.STOP else lowered

    assert len(down) >= 3
    assert all(min(later - first for later in up if later > first) >= 1 - 1e-9 for first in down if first < max(up))
    assert len(up) <= 8


def test_a_small_gain_changes_nothing():
    this = plan_round(site([101.0, 101.0]), None, Memory(), 0.0)
    assert not this.is_due
    assert this.verdict.words == "a change would earn $2.00 more, and must earn more than $25"


def test_what_runs_well_is_left_alone():
    this = plan_round(site([40.0] * 4), None, Memory(windows=3), 0.0)
    assert this.change.moves == ()
    assert this.memory.windows == 0


def test_nodes_that_somebody_asks_for_take_the_power_of_machines():
    # 10 nodes at 2 USD/h with 0.01 MW earn 200 USD/MWh; the site may draw 1 MW in all.
    crowded = replace(site([40.0] * 4, demand=10.0), limit_mw=np.full(4, 1.0))
    this = plan_round(crowded, None, Memory(), 0.0)

    assert {move.unit: round(move.after) for move in this.change.moves} == {"S21": 90, "nodes": 10}
    assert this.change.direction is Direction.SHIFT
    # 10 machines less: -10 USD/h; 10 nodes more: +20 USD/h; four hours.
    assert this.gain_usd == pytest.approx(40.0)


def test_the_sentence_says_when_what_why_and_how_much():
    this = plan_round(site([500.0, 500.0, 40.0]), None, Memory(), 0.0)
    said = told(this, NOON)

    assert said.sentence.startswith(
        "12:00-14:00 take 1.0 MW off S21: S21 earns $100/MWh, power costs $500/MWh; gain $800"
    )


def test_the_border_of_power_is_where_the_gain_is_nothing():
    this = plan_round(site([500.0, 500.0, 40.0]), None, Memory(), 0.0)
    (power,) = [row for row in rates.rows(this, told(this, NOON)) if row["name"] == "power"]
    assert (power["now"], power["flips_at"], power["rising"]) == (500.0, 100.0, False)


def test_alternatives_are_priced_by_their_own_solve():
    this = plan_round(site([500.0, 500.0, 40.0]), None, Memory(), 0.0)
    found = {one.name: one.loss_usd for one in told(this, NOON).alternatives}
    assert found["the merit order"] == pytest.approx(0.0, abs=1e-6)
    assert found["everything on"] == pytest.approx(800.0)


def test_a_solver_without_time_leaves_the_merit_order_in_its_place():
    this = plan_round(site([500.0, 500.0, 40.0]), None, Memory(), 0.0, effort=Effort(time_limit_s=0.0))
    assert this.planned.source is not None
    assert this.planned.plan is not None
    assert reprice(this.site, this.planned.plan).broken == ()


def test_what_a_megawatt_hour_is_worth_is_sorted_by_its_margin():
    rows = uses.worth_now(site([60.0], demand=5.0))
    assert [(row.name, row.margin_usd_per_mwh) for row in rows] == [("nodes", 140.0), ("S21", 40.0), ("leave it", 0.0)]
    assert rows[0].words == "5 of 10 nodes asked for"


def test_everything_on_stays_within_the_limit():
    crowded = replace(site([40.0] * 2, demand=10.0), limit_mw=np.full(2, 0.5))
    plan = always_on(crowded)
    assert reprice(crowded, plan).broken == ()
    assert plan.modules["nodes"][0, 0] == 10.0
    assert plan.modules["S21"][0, 0] == pytest.approx(40.0)


def test_a_frozen_round_gives_the_same_cents_back():
    this = plan_round(site([500.0, 90.1, 40.3], demand=3.3), None, Memory(), 0.0)
    data, plan = frozen_site(this.site), frozen_plan(this.planned.plan)

    thawed = thawed_site(data)
    assert digest(frozen_site(thawed)) == digest(data)
    assert reprice(thawed, thawed_plan(plan)).profit_usd == this.planned.priced.profit_usd


@pytest.mark.parametrize("data", [b"", b"x", frozen_plan(always_on(site([1.0])))])
def test_other_bytes_are_no_site(data):
    with pytest.raises(Unreadable):
        thawed_site(data)


def test_a_plan_moves_on_with_the_clock():
    four = site([40.0] * 4)
    plan = replace(always_on(four), modules={"S21": np.array([[1.0, 2.0, 3.0, 4.0]]), "nodes": np.zeros((1, 4))})
    assert moved_on(plan, four, 1.0).modules["S21"].tolist() == [[2.0, 3.0, 4.0, 4.0]]
    assert moved_on(plan, four, 4.0) is None


def test_half_a_machine_is_no_move():
    plan = always_on(site([40.0]))
    assert plan.modules["S21"][0, 0] == 100.0
    assert change_of(site([40.0], on=99.6), plan).moves == ()
