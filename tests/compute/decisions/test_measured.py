"""What a tier draws and hashes: as its working machines say, beside machines of other models, and without a word."""

import time

import pytest

from cango_ops.base import clock
from compute.commands.settling import Wait
from compute.decisions.fleet import Group, fleet_of
from compute.decisions.mining_units import Settle, mining_unit, settle_of
from compute.models import Device
from compute.telemetry import sitemap, store
from sites.metering.queries import MeterPower
from tests.compute.commands.worlds import machines
from tests.compute.decisions.worlds import market_world
from tests.compute.telemetry.sweeps import heard, mining

NO_METER = MeterPower()


@pytest.fixture
def world(db):
    """Pecos: 20 machines that hash 180 TH/s at 3,200 W and, among them, 4 of another model at 95 and 3,000."""
    made = market_world()
    Device.objects.filter(container=made.c1, slot__gt=20).update(model="Antminer S19 Pro", nameplate_ths=110)
    answer(made, 3200.0, 3000.0)
    return made


def answer(world, first_w: float | None, second_w: float | None, seconds: float = 5.0) -> None:
    sitemap.forget()
    polls = [
        heard(
            device,
            time.time() + seconds,
            mining(180.0, power_w=first_w) if device.slot <= 20 else mining(95.0, power_w=second_w),
        )
        for device in machines(world.c1)
    ]
    store.write(world.pecos.pk, polls, None)


def tiers(world, meter=NO_METER) -> dict[str, tuple[float, float]]:
    groups = fleet_of(world.pecos, meter, clock.now()).groups
    return {group.id: (round(group.power_w), round(group.ths)) for group in groups}


def test_models_that_share_a_container_are_each_taken_as_they_were_measured(world):
    assert tiers(world) == {"Antminer S19 Pro": (3000, 95), "Antminer S21": (3200, 180)}


def test_a_machine_that_fails_is_in_no_mean(world):
    one = machines(world.c1)[0]
    store.write(world.pecos.pk, [heard(one, time.time() + 30, mining(20.0, power_w=900.0))], None)
    assert tiers(world)["Antminer S21"] == (3200, 180)


def test_machines_that_do_not_say_their_power_are_taken_by_their_nameplate_and_the_hashrate_they_reach(world):
    """180 of 200 TH/s: nine tenths of 3,500 W."""
    answer(world, None, None, 20.0)
    assert tiers(world)["Antminer S21"] == (3150, 180)


def test_the_meter_counts_beside_machines_that_do_not_say_their_power(world):
    """20 x 3,150 W and 4 x 3,500 W x 95/110 are 75.1 kW; the meter reads a tenth more."""
    answer(world, None, None, 20.0)
    found = fleet_of(world.pecos, MeterPower(1, 1, 82_600.0, clock.now(), ""), clock.now())
    assert found.overhead == pytest.approx(1.1, abs=0.001)


# How long they take to do what they are told


def test_a_start_costs_the_hashrate_of_the_minutes_that_were_measured():
    """200 TH/s at 48 USD/PH/day are 0.4 USD an hour."""
    group = Group("S21", is_gpu=False, count=1, on=1, power_w=3500.0, ths=200.0)
    assert mining_unit(group, 1.0, 48.0).start_cost_usd == pytest.approx(0.4 / 6)
    slow = mining_unit(group, 1.0, 48.0, Settle(wake_h=0.25))
    assert slow.start_cost_usd == pytest.approx(0.1)
    assert slow.min_up_h == 1.0
    assert mining_unit(group, 1.0, 48.0, Settle(wake_h=1.5)).min_up_h == 1.5


def test_the_slowest_language_of_a_tier_counts_and_the_usual_time_where_none_was_measured():
    known = {("luxos", "wake"): Wait(300.0, ""), ("avalon", "wake"): Wait(900.0, "")}
    assert settle_of(["luxos"], lambda *of: known.get(of)) == Settle(300 / 3600, 1 / 12)
    assert settle_of(["avalon", "luxos"], lambda *of: known.get(of)).wake_h == 0.25
    assert settle_of(["braiins", "luxos"], lambda *of: known.get(of)).wake_h == pytest.approx(1 / 6)
