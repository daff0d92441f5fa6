"""The battery's part of a plan becomes a move, a decision and an order where somebody can tell the battery."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cango_ops.base import clock
from compute.decisions import decide
from compute.decisions.change import change_of
from compute.decisions.propose import plan_one
from compute.decisions.round import plan_round, told
from compute.models import Decision, Order
from compute.switching.hysteresis import Direction, Memory
from compute.switching.inputs import Battery
from sites.models import Battery as BatteryRow
from sites.models import SolarPlant
from sites.prices.save import save
from tests.compute.commands.worlds import second_manager
from tests.compute.decisions.test_round import NOON, site
from tests.compute.decisions.worlds import let_console_ask, market_world, price

STORE = Battery(
    capacity_mwh=2.0, soc0_mwh=0.0, soc_end_min_mwh=0.0, charge_mw=1.0, discharge_mw=1.0, eta_charge=1.0,
    eta_discharge=1.0, wear_usd_per_mwh_discharged=0.0, is_told=True,
)  # fmt: skip


def with_battery(prices, **changes):
    """Room for 4 MW and a battery of 2 MWh, empty; 100 machines run whatever these prices are."""
    here = site(prices)
    grid = replace(here.grid, import_limit_mw=4.0)
    return replace(here, battery=replace(STORE, **changes), grid=grid)


def test_cheap_hours_before_dear_ones_fill_the_battery():
    """1 MW in two hours at 10, out in two at 90: 160 USD."""
    this = plan_round(with_battery([10.0, 10.0, 90.0, 90.0]), None, Memory(), 0.0)

    (move,) = this.change.moves
    assert (move.unit, move.before, move.after, move.mw) == ("battery", 0.0, 1.0, 1.0)
    assert (this.change.direction, this.change.steps) == (Direction.SHIFT, 2)
    assert move.as_json()["verb"] == "setpoint"
    # Resting for the first two hours leaves nothing to give later.
    assert this.gain_usd == pytest.approx(160.0)


def test_the_sentence_names_the_battery():
    this = plan_round(with_battery([10.0, 10.0, 90.0, 90.0]), None, Memory(), 0.0)

    assert told(this, NOON).sentence.startswith(
        "12:00-14:00 put 1.0 MW into the battery: power costs $10/MWh; gain $160"
    )


def test_a_battery_that_nobody_can_tell_is_in_the_plan_and_in_no_move():
    this = plan_round(with_battery([10.0, 10.0, 90.0, 90.0], is_told=False), None, Memory(), 0.0)

    assert this.planned.plan.charge_mw[0] == pytest.approx(1.0)
    assert this.change.moves == ()


def test_what_the_battery_does_already_is_no_move():
    this = plan_round(with_battery([10.0, 10.0, 90.0, 90.0], now_mw=0.98), None, Memory(), 0.0)

    assert this.change.moves == ()


def test_a_charging_battery_is_stopped_when_power_becomes_dear():
    """It takes 1 MW at 95 and nothing dearer is to come: 95 USD lost in the hour until it would be full."""
    here = with_battery([95.0, 90.0, 10.0, 10.0], now_mw=1.0, soc0_mwh=1.0)
    this = plan_round(here, None, Memory(), 0.0)

    (move,) = this.change.moves
    assert (move.before, move.after) == (1.0, -1.0)
    assert this.gain_usd > 0


def test_charging_wears_no_machine():
    this = plan_round(with_battery([10.0, 10.0, 90.0, 90.0]), None, Memory(windows=0), 0.0)
    again = plan_round(with_battery([10.0, 10.0, 90.0, 90.0]), None, this.memory, 0.1)

    assert again.is_due
    assert again.memory.started_h == ()


def test_the_battery_moves_beside_machines():
    """Half a megawatt comes out of the battery, half of the machines stop."""
    here = with_battery([500.0, 500.0, 40.0], soc0_mwh=2.0, discharge_mw=0.5)

    change = change_of(here, plan_round(here, None, Memory(), 0.0).planned.plan)

    assert {move.unit: move.mw for move in change.moves} == pytest.approx({"S21": -0.5, "battery": -0.5})
    assert change.direction is Direction.STOP


@pytest.mark.django_db
def test_an_approved_charge_is_an_order_with_an_end():
    world = market_world(60.0)
    let_console_ask(world)
    SolarPlant.objects.filter(site=world.pecos).delete()
    BatteryRow.objects.create(
        site=world.pecos, capacity_mwh=4, charge_mw=2, discharge_mw=2, soc_mwh=0.0, soc_at=clock.now(), power_w=0.0,
        address="127.0.0.1", wear_usd_per_mwh=0,
    )  # fmt: skip
    now = clock.now()
    five = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    save([price(-500.0, five, 5, "real_time")], "test", now + timedelta(seconds=1))

    for _ in range(2):
        plan_one(world.pecos, clock.now())

    decision = Decision.objects.select_related("site").get()
    assert [(move["unit"], move["verb"]) for move in decision.moves] == [("battery", "setpoint")]
    for person in (world.bo, second_manager())[: decision.approvals_needed]:
        decide.approve(decision, person)
    order = Order.objects.get()
    assert (order.verb, order.setpoint_w, order.source) == ("setpoint", -2_000_000, f"decision/{decision.pk}")
    assert order.hours == pytest.approx((decision.until_at - clock.now()).total_seconds() / 3600, abs=0.02)
    assert order.commands.get().place == "PECOS/battery"
