"""What is decided, and what is left alone, when an input is missing, late or wrong."""

import time
from datetime import timedelta

import pytest

from cango_ops.base import clock
from cango_ops.base.models import JobRun
from compute.decisions import frozen
from compute.decisions.propose import plan_one, plan_sites, write
from compute.decisions.round import plan_round
from compute.decisions.snapshot import snapshot
from compute.decisions.wording import stood_in
from compute.models import (
    Container,
    ContainerTotals,
    Decision,
    Device,
    GpuContract,
    NetworkReading,
    Plan,
    SpotDemand,
    SwitchMemory,
)
from compute.switching.hysteresis import Memory
from compute.switching.reprice import reprice
from compute.switching.solve import Effort
from compute.telemetry import store
from sites.models import Battery, MarketPrice, PowerContract, Programme
from tests.compute.commands.worlds import machines
from tests.compute.decisions.worlds import facts, market_world, proposed, read_network
from tests.compute.telemetry.sweeps import silent
from tests.worlds import make_devices

pytestmark = pytest.mark.django_db
D = Decision.State


def held(world, words: str) -> Plan:
    """Nothing is proposed and the reason stands in the plan's row."""
    assert plan_one(world.pecos, clock.now()) == "held"
    assert not Decision.objects.filter(state=D.PROPOSED).exists()
    row = Plan.objects.order_by("-made_at").first()
    assert row.words == words
    return row


def test_without_this_hours_price_nothing_is_decided():
    world = market_world(5000.0)
    MarketPrice.objects.filter(index="real_time").delete()
    row = held(world, "the real-time price of ERCOT-WEST is not known")
    assert facts(row)["price of ERCOT-WEST"]["value"] == "never read"


def test_a_late_price_is_not_acted_on():
    world = market_world(5000.0)
    MarketPrice.objects.filter(index="real_time").update(start_at=clock.now() - timedelta(minutes=30))
    row = held(world, "the real-time price of ERCOT-WEST is not known")
    assert facts(row)["price of ERCOT-WEST"]["words"] == "too old to act on; what runs is left alone"


def test_an_old_hashprice_is_not_acted_on():
    world = market_world(5000.0)
    NetworkReading.objects.all().delete()
    read_network(40.0, clock.now() - timedelta(hours=7))
    held(world, "the hashprice is too old to act on")


def test_a_hashprice_of_an_hour_ago_is_used_with_doubt():
    world = market_world(5000.0)
    NetworkReading.objects.all().delete()
    read_network(40.0, clock.now() - timedelta(hours=1))
    assert plan_one(world.pecos, clock.now()) == "proposed"
    assert facts(Plan.objects.get())["hashprice"]["state"] == "warning"


def test_a_site_that_is_not_heard_is_left_alone():
    world = market_world(5000.0)
    ContainerTotals.objects.update(swept_at=clock.now() - timedelta(minutes=10))
    held(world, "less than half of the site's power is heard")


def test_a_site_that_is_polled_and_does_not_answer_is_not_heard():
    world = market_world(5000.0)
    at = time.time() + 60
    for later in (0, 30):
        store.write(world.pecos.pk, [silent(device, at + later) for device in machines(world.c1)], None)

    row = held(world, "less than half of the site's power is heard")
    said = facts(row)["machines"]
    assert (said["value"], said["state"]) == ("0 of 24 heard", "stale")


def test_one_machine_that_does_not_answer_among_others_is_said_not_to_be_heard():
    world = market_world(5000.0)
    store.write(world.pecos.pk, [silent(machines(world.c1)[0], time.time() + 1)], None)

    assert plan_one(world.pecos, clock.now()) == "proposed"

    said = facts(Plan.objects.get())["machines"]
    assert (said["value"], said["state"]) == ("23 of 24 heard", "warning")
    assert said["words"] == "1 machine is not heard and is left as it is"


def test_a_site_of_which_half_is_heard_decides_about_that_half_and_leaves_the_rest_as_it_is():
    """24 silent machines of 3,500 W on their nameplates, fans and losses 5 %: 88.2 kW that go on in any case."""
    world = market_world(5000.0)
    silent = Container.objects.create(site=world.pecos, code="C2", kind=Container.Kind.ASIC, rows=4, columns=6)
    make_devices(silent, 24, first_address="127.7.9.1")
    Device.objects.filter(container=silent).update(language="antminer")

    assert plan_one(world.pecos, clock.now()) == "proposed"

    row = Plan.objects.get()
    said = facts(row)["machines"]
    assert (said["value"], said["state"]) == ("24 of 48 heard", "warning")
    assert said["words"] == "24 machines are not heard and are left as they are"
    assert frozen.thawed_site(row.inputs).base_load_mw[0] == pytest.approx(0.0882)
    (move,) = Decision.objects.get().moves
    assert (move["from"], move["to"]) == (24.0, 0.0)


def test_a_solver_that_fails_leaves_a_plan_that_keeps_the_rules_and_says_why():
    world = market_world(5000.0)
    seen = snapshot(world.pecos, clock.now())
    this = plan_round(seen.inputs, None, Memory(), 0.0, effort=Effort(time_limit_s=0.0))

    write(seen, this, None)

    row = Plan.objects.get()
    assert (row.source, row.words) == ("merit order", "Time limit reached")
    assert stood_in(this) == "; planned by the merit order, as the solver could not: Time limit reached"
    assert reprice(frozen.thawed_site(row.inputs), frozen.thawed_plan(row.chosen)).broken == ()


def test_a_price_that_goes_missing_withdraws_what_was_proposed():
    world, decision = proposed()
    MarketPrice.objects.all().delete()
    plan_one(world.pecos, clock.now())
    decision.refresh_from_db()
    assert decision.state == D.SUPERSEDED


def test_without_a_contract_nothing_is_decided():
    world = market_world(5000.0)
    PowerContract.objects.all().delete()
    held(world, "no power contract holds today")


def test_terms_that_cannot_be_used_are_no_contract():
    world = market_world(5000.0)
    PowerContract.objects.update(terms={"nonsense": 1})
    held(world, "the terms of the power contract cannot be used")


def test_prices_that_end_early_end_the_plan_early():
    world = market_world(5000.0)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    MarketPrice.objects.filter(index="day_ahead", start_at__gte=hour + timedelta(hours=6)).delete()
    PowerContract.objects.update(terms={"index": "day_ahead"})
    plan_one(world.pecos, clock.now())
    reach = facts(Plan.objects.get())["price ahead"]
    assert reach["state"] == "warning"
    assert reach["words"] == "the day-ahead price of ERCOT-WEST is not known; the plan ends there"


def test_a_battery_whose_charge_is_not_known_is_left_at_rest():
    world = market_world()
    Battery.objects.create(site=world.pecos, capacity_mwh=10, charge_mw=5, discharge_mw=5)
    plan_one(world.pecos, clock.now())
    row = Plan.objects.get()
    assert facts(row)["battery"]["words"] == "it is left at rest"
    assert frozen.thawed_site(row.inputs).battery is None


def test_a_plan_begins_with_what_the_battery_says_that_it_holds():
    world = market_world()
    Battery.objects.create(
        site=world.pecos, capacity_mwh=10, charge_mw=5, discharge_mw=5, soc_mwh=6.5, soc_at=clock.now(),
        soc_source="battery", address="127.0.0.1", power_w=0.0,
    )  # fmt: skip
    plan_one(world.pecos, clock.now())
    row = Plan.objects.get()
    assert facts(row)["battery"] | {"age_s": 0} == {
        "name": "battery", "value": "6.5 of 10.0 MWh", "source": "battery", "age_s": 0, "state": "ok", "words": "",
    }  # fmt: skip
    assert frozen.thawed_site(row.inputs).battery.soc0_mwh == 6.5


def test_what_a_battery_said_too_long_ago_leaves_it_at_rest():
    world = market_world()
    Battery.objects.create(
        site=world.pecos, capacity_mwh=10, charge_mw=5, discharge_mw=5, soc_mwh=6.5,
        soc_at=clock.now() - timedelta(minutes=16),
    )  # fmt: skip
    plan_one(world.pecos, clock.now())
    assert facts(Plan.objects.get())["battery"]["state"] == "stale"


def test_a_programme_that_pays_for_standing_ready_is_in_the_plan_where_its_notice_is_long_enough():
    world = market_world()
    facts_of = {"usd_per_mw_h": 12, "usd_per_mwh": 0, "baseline_mw": 1, "cap_mw": 5, "valid_from": "2020-01-01"}
    Programme.objects.create(site=world.pecos, name="ten minutes", notice_min=10, **facts_of)
    Programme.objects.create(site=world.pecos, name="one minute", notice_min=1, **facts_of)
    Programme.objects.create(site=world.pecos, name="over", notice_min=10, valid_until="2020-02-01", **facts_of)
    plan_one(world.pecos, clock.now())

    row = Plan.objects.get()
    (reserve,) = frozen.thawed_site(row.inputs).reserves
    assert (reserve.name, reserve.cap_mw, reserve.units) == ("ten minutes", 5.0, frozenset({"Antminer S21"}))
    assert reserve.usd_per_mw_h[0] == 12.0
    assert facts(row)["reserve one minute"]["state"] == "warning"
    # 88.2 kW stand ready for all 48 hours: 50.80 USD beside what mining earns.
    assert reprice(frozen.thawed_site(row.inputs), frozen.thawed_plan(row.chosen)).money.reserve == pytest.approx(
        50.8, abs=0.3
    )


def test_a_spot_market_that_nobody_speaks_of_decides_about_no_node():
    world = market_world()
    now = clock.now()
    SpotDemand.objects.create(
        site=world.pecos, observed_at=now - timedelta(hours=9), nodes=5, usd_per_node_h=9,
        good_until=now - timedelta(hours=8), source="test",
    )  # fmt: skip
    GpuContract.objects.create(site=world.pecos, customer="A", nodes=2, usd_per_node_h=9, begin_at=now)
    plan_one(world.pecos, now)
    assert {unit.id for unit in frozen.thawed_site(Plan.objects.get().inputs).units} == {"Antminer S21"}


def test_one_site_that_breaks_does_not_stop_the_others():
    world = market_world(5000.0)
    SwitchMemory.objects.create(site=world.pecos, wanted="nonsense")

    plan_sites()

    assert Plan.objects.get(site=world.pecos).words.startswith("planning failed")
    assert Plan.objects.filter(site=world.muscat).exists()
    assert JobRun.objects.get(name="compute.plan_sites").detail["failed"] == 1
