"""Power limits from what was measured to the orders: which are offered, what a decision says, who is told what."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cango_ops.base import clock
from compute.commands import standing_orders
from compute.decisions import execute, frozen, past
from compute.decisions.modes import hull, ladders, rung_of
from compute.decisions.propose import plan_one
from compute.decisions.round import moved_on
from compute.decisions.snapshot import snapshot
from compute.decisions.tiers import machines_of, tier_of
from compute.models import Command, Decision, Device, DeviceNow, Order, Plan, PowerMode
from compute.switching.reprice import reprice
from tests.compute.decisions.worlds import let_console_ask, market_world, read_network, say_prices
from tests.web.callers import by_session

pytestmark = pytest.mark.django_db
TIER = "Antminer S21 (luxos)"
KEY = ("Antminer S21", "luxos")
D = Decision.State


def measured(site, limit_w, power_w, ths, **more):
    now = clock.now()
    given = {"minutes": 3000.0, "machines": 10, "first_at": now - timedelta(days=2), "until_at": now} | more
    return PowerMode.objects.create(
        site=site, model="Antminer S21", language="luxos", limit_w=limit_w, power_w=power_w, hashrate_ths=ths, **given
    )


@pytest.fixture
def world():
    """24 S21 with LuxOS: 3,500 W and 200 TH/s; under 2,450 W they were measured at 2,400 W and 160 TH/s.

    At 40 USD/PH/day a machine earns 95 USD/MWh; the last 1,100 W of it earn 61.
    """
    world = market_world(40.0)
    Device.objects.filter(site=world.pecos).update(language="luxos")
    DeviceNow.objects.filter(site=world.pecos).update(power_limit_w=3675)
    measured(world.pecos, 3675, 3500.0, 200.0)
    measured(world.pecos, 2450, 2400.0, 160.0)
    return world


def plan_at(world, usd, rounds=2):
    say_prices(usd, clock.now() + timedelta(seconds=1))
    for _ in range(rounds):
        outcome = plan_one(world.pecos, clock.now())
    return outcome


def low(world, count, own=3675):
    """So many machines under the lower limit, by a decision or (own=None) by somebody."""
    pks = list(machines_of(world.pecos, TIER).order_by("slot").values_list("pk", flat=True)[:count])
    DeviceNow.objects.filter(pk__in=pks).update(power_limit_w=2450, own_limit_w=own)
    return pks


# What is offered


def test_limits_that_were_measured_are_offered_with_what_they_were_measured_at(world):
    seen = snapshot(world.pecos, clock.now())
    (unit,) = seen.inputs.units

    assert unit.id == TIER
    assert [(mode.name, mode.limit_w, mode.power_mw, mode.hash_ph) for mode in unit.modes] == [
        ("2,450 W", 2450, 0.0024, 0.16), ("full", 3675, 0.0035, pytest.approx(0.2))
    ]  # fmt: skip
    assert (unit.count, unit.on_before, unit.limits.standing) == (24.0, 24.0, (0.0, 24.0))
    said = [(fact.value, fact.source, fact.words) for fact in seen.facts if fact.name == f"limits of {TIER}"]
    assert said[0] == (
        "told 2,450 W: takes 2,400 W, makes 160.0 TH/s",
        "telemetry of PECOS",
        "10 machines, 50 machine-hours",
    )


def test_thin_old_or_disobeyed_limits_are_not_offered(world):
    for changes in ({"minutes": 170.0}, {"machines": 2}, {"until_at": clock.now() - timedelta(days=70)},
                    {"power_w": 2600.0}):  # fmt: skip
        was = PowerMode.objects.filter(limit_w=2450).values(*changes).get()
        PowerMode.objects.filter(limit_w=2450).update(**changes)
        (unit,) = snapshot(world.pecos, clock.now()).inputs.units
        assert (len(unit.modes), unit.limits) == (1, None), changes
        PowerMode.objects.filter(limit_w=2450).update(**was)


def test_a_limit_measured_elsewhere_is_taken_in_shares_of_full_power_there(world):
    PowerMode.objects.filter(limit_w=2450).delete()
    # There the machines reach 10 % less under both.
    measured(world.muscat, 3675, 3500.0, 180.0)
    measured(world.muscat, 2450, 2400.0, 144.0)

    full, eased = (ladders(world.pecos, {KEY}, clock.now())[KEY].rungs[at] for at in (1, 0))
    assert (full.site, full.hashrate_ths) == ("PECOS", 200.0)
    assert (eased.site, eased.power_w, eased.hashrate_ths) == ("MUSCAT", pytest.approx(2400), pytest.approx(160))


def test_without_full_power_measured_here_nothing_of_elsewhere_is_taken(world):
    PowerMode.objects.update(site=world.muscat)
    assert ladders(world.pecos, {KEY}, clock.now()) == {}


def test_what_mixing_does_as_well_is_dropped(world):
    # 2,800 W lie on the line between the two others (174.5), 3,000 W under it (181.8), 1,200 W below rest and 2,450 W.
    more = [measured(world.pecos, *row) for row in ((2850, 2800.0, 174.0), (3050, 3000.0, 180.0), (1250, 1200.0, 70.0))]
    rungs = ladders(world.pecos, {KEY}, clock.now())[KEY].rungs
    assert [rung.limit_w for rung in rungs] == [2450, 3675]
    assert len(hull((*(rung_of(row, clock.now()) for row in more), rungs[-1]))) > 1


def test_languages_without_limits_only_run_or_sleep(world):
    Device.objects.filter(site=world.pecos).update(language="antminer")
    (unit,) = snapshot(world.pecos, clock.now()).inputs.units
    assert (unit.id, len(unit.modes), unit.limits) == ("Antminer S21", 1, None)


def test_two_languages_of_one_model_are_two_tiers(world):
    Device.objects.filter(site=world.pecos, slot__lte=8).update(language="antminer")
    units = snapshot(world.pecos, clock.now()).inputs.units
    assert {unit.id: unit.count for unit in units} == {"Antminer S21": 8.0, TIER: 16.0}
    assert machines_of(world.pecos, "Antminer S21").count() == 8
    assert (tier_of("M50", "whatsminer_v2"), tier_of("", "luxos")) == ("M50 (whatsminer_v2)", "luxos")


def test_page_and_rest_show_power_by_tier_and_limit(world):
    low(world, 10)
    plan_one(world.pecos, clock.now())

    (tier,) = by_session(world.ada).get("/api/v1/plans/").json()["results"][0]["schedule"]["tiers"]
    eased, full = tier["modes"]
    assert (tier["name"], eased["machines"], full["machines"]) == (TIER, 10, 14)
    # 10 * 2,400 W * 1.05; 0.4 of 1.6667 USD an hour over 1,155 W.
    assert (eased["mw"], full["last_usd_per_mwh"]) == (pytest.approx(0.0252), pytest.approx(57.72, abs=0.01))
    # At 40 USD/MWh nobody would limit them: they are raised.
    assert (eased["machines_planned"], full["machines_planned"]) == (0, 24)
    assert len(eased["planned_mw"]) == len(Plan.objects.last().schedule["hours"])
    page = by_session(world.ada).get("/sites/PECOS/switching/").content.decode()
    assert "Tiers and their limits" in page
    assert "2,450 W" in page
    assert "57.72" in page
    assert by_session(world.cy).get("/sites/PECOS/switching/").status_code == 404


# Who may be moved


def test_what_a_person_limited_is_not_raised_and_what_refused_is_left(world):
    low(world, 5, own=None)
    refusing = machines_of(world.pecos, TIER).order_by("slot").last()
    order = Order.objects.create(
        request_id="7a1e5f9e-0000-4000-8000-000000000001", site=world.pecos, verb="power_limit", limit_w=2450,
        is_automatic=True, requested_at=clock.now(), reason="x", ruling="x", approvals_needed=0,
        not_after=clock.now(), promised_w=1, wave_size=1, waves=1,
    )  # fmt: skip
    Command.objects.create(order=order, device=refusing, place="x", wave=1, state="failed", ended_at=clock.now())

    (unit,) = snapshot(world.pecos, clock.now()).inputs.units
    assert (unit.limits.running, unit.limits.most, unit.limits.least) == ((5, 19), (24, 19), (1, 1))


def test_limits_that_were_never_measured_leave_the_tier_to_run_or_sleep(world):
    DeviceNow.objects.filter(device__slot__lte=3).update(power_limit_w=3000)
    assert snapshot(world.pecos, clock.now()).inputs.units[0].limits is None
    # Two of 24 are taken for what is nearest.
    DeviceNow.objects.filter(device__slot=3).update(power_limit_w=3675)
    assert snapshot(world.pecos, clock.now()).inputs.units[0].limits.running == (2, 22)


# Proposals


def test_power_dearer_than_the_last_watts_earn_proposes_a_limit(world):
    assert plan_at(world, 75.0) == "planned"
    assert Plan.objects.last().verdict.endswith("and must earn more than $25")


def test_a_dear_price_limits_and_says_which_machines_to_what(world, monkeypatch):
    read_network(400.0)
    # Ten times the hashprice: the last watts earn 610 USD/MWh, all of it 950.
    assert plan_at(world, 750.0, 1) == "proposed"
    decision = Decision.objects.get()

    (move,) = decision.moves
    assert (move["verb"], move["unit"], move["from"], move["from_w"], move["limit_w"]) == (
        "power_limit", TIER, 24, 3675, 2450
    )  # fmt: skip
    # 24 * 1,100 W * 1.05.
    assert decision.change_mw == pytest.approx(-0.02772)
    assert f"limit {TIER} in C1: 24 to 2,450 W (−28 kW)" in decision.sentence
    assert f"those watts of {TIER} earn $577/MWh, power costs $750" in decision.sentence
    flips = {row["name"]: row["flips_at"] for row in decision.break_evens}
    # 1,100 W * 1.05 * 750 USD/MWh against 40 TH/s.
    assert flips["hashprice"] == pytest.approx(24 * 0.0011 * 1.05 * 750 / 0.04, rel=0.02)


def test_a_plan_with_limits_is_replayed_to_the_cent(world):
    plan_at(world, 75.0, 1)
    row = Plan.objects.last()
    site, plan = frozen.thawed_site(row.inputs), frozen.thawed_plan(row.chosen)
    assert frozen.digest(row.inputs) == row.digest
    assert frozen.frozen_site(site) == bytes(row.inputs)
    assert Decimal(str(reprice(site, plan).profit_usd)).quantize(Decimal("0.01")) == row.profit_usd


def test_an_approved_limit_becomes_orders_of_the_verb(world):
    let_console_ask(world, "automatic", max_kw=1000, max_hours=48, max_usd=1e6)
    read_network(400.0)
    plan_at(world, 750.0, 1)
    assert execute.execute_automatic() == 1

    order = Order.objects.get()
    assert (order.verb, order.limit_w, order.commands.count()) == ("power_limit", 2450, 24)
    assert order.promised_w == pytest.approx(24 * (3500 - 2450))
    assert set(order.commands.values_list("limit_before_w", flat=True)) == {3675}


def test_carried_out_twice_it_makes_the_same_orders(world):
    let_console_ask(world, "automatic", max_kw=1000, max_hours=48, max_usd=1e6)
    read_network(400.0)
    plan_at(world, 750.0, 1)
    decision = Decision.objects.get()
    for _ in range(2):
        Decision.objects.update(state=D.APPROVED)
        execute.execute(decision)
    decision.refresh_from_db()
    assert (decision.state, decision.order_ids) == (D.ORDERED, [Order.objects.get().pk])
    assert Command.objects.count() == 24


def test_what_is_limited_is_not_put_to_sleep_by_the_same_decision(world):
    let_console_ask(world, "automatic", max_kw=1000, max_hours=48, max_usd=1e6)
    read_network(400.0)
    plan_at(world, 750.0, 1)
    limit = Decision.objects.get().moves[0] | {"from": 17, "to": 17}
    sleep = {"unit": TIER, "use": "mining", "verb": "sleep", "from": 24.0, "to": 17.0, "mw": -0.03,
             "of": [[3675, 7]], "ladder_w": [2450, 3675]}  # fmt: skip
    Decision.objects.update(moves=[limit, sleep])

    execute.execute_automatic()

    assert {order.verb: order.commands.count() for order in Order.objects.all()} == {"power_limit": 17, "sleep": 7}


def confirm(order):
    Command.objects.filter(order=order).update(state="confirmed", sent_at=clock.now(), ended_at=clock.now())
    for command in order.commands.select_related("order"):
        standing_orders.keep(command, clock.now())


def test_what_a_decision_lowered_is_held_for_an_hour_and_then_raised_to_what_it_was(world):
    let_console_ask(world, "automatic", max_kw=1000, max_hours=48, max_usd=1e6)
    read_network(400.0)
    plan_at(world, 750.0, 1)
    execute.execute_automatic()
    DeviceNow.objects.filter(device__slot=1).update(power_limit_w=3660)
    Command.objects.filter(device__slot=1).update(limit_before_w=3660)
    confirm(Order.objects.get())
    Decision.objects.update(state=D.DONE)
    DeviceNow.objects.filter(site=world.pecos).update(power_limit_w=2450)

    assert set(DeviceNow.objects.filter(site=world.pecos).values_list("own_limit_w", "ordered_limit_w")) == {
        (3675, 2450), (3660, 2450)
    }  # fmt: skip
    (unit,) = snapshot(world.pecos, clock.now()).inputs.units
    assert (unit.limits.standing, unit.limits.most) == ((24, 0), ())
    assert [(rung, count) for _, rung, count in unit.limits.lowered] == [(1, 24)]
    assert plan_at(world, 20.0, 5) == "planned"

    Command.objects.update(sent_at=clock.now() - timedelta(hours=1))
    plan_at(world, 20.0, 5)
    raised = Decision.objects.get(state=D.PROPOSED)
    assert (raised.direction, raised.moves[0]["limit_w"]) == ("start", 3675)
    execute.execute_automatic()
    orders = Order.objects.filter(source=f"decision/{raised.pk}").order_by("limit_w")
    assert [(one.limit_w, one.commands.count()) for one in orders] == [(3660, 1), (3675, 23)]

    confirm(orders[1])
    assert len(past.starts_h(world.pecos, clock.now())) == 1
    assert DeviceNow.objects.filter(site=world.pecos, own_limit_w=None, ordered_limit_w=None).count() == 23


def test_the_plan_of_the_round_before_is_moved_on_with_its_limits(world):
    low(world, 10)
    plan_at(world, 75.0, 1)
    row = Plan.objects.last()
    site = frozen.thawed_site(row.inputs)
    moved = moved_on(frozen.thawed_plan(row.chosen), site, 0.25)
    assert moved.standing[TIER].shape == moved.modules[TIER].shape
    assert reprice(site, moved).broken == ()


def test_a_persons_limit_is_not_a_decisions_to_raise(world):
    order = Order.objects.create(
        request_id="7a1e5f9e-0000-4000-8000-000000000002", site=world.pecos, verb="power_limit", limit_w=2450,
        is_automatic=False, requested_by=world.ada, requested_at=clock.now(), reason="x", ruling="x",
        approvals_needed=0, not_after=clock.now(), promised_w=1, wave_size=1, waves=1,
    )  # fmt: skip
    device = machines_of(world.pecos, TIER).first()
    Command.objects.create(order=order, device=device, place="x", wave=1, limit_before_w=3675)
    confirm(order)
    row = DeviceNow.objects.get(device=device)
    assert (row.ordered_limit_w, row.own_limit_w) == (2450, None)


def test_machines_sleep_and_wake_from_the_limits_that_the_plan_means(world):
    let_console_ask(world, "automatic", max_kw=1000, max_hours=48, max_usd=1e6)
    low(world, 10)
    # Dearer than anything earns: all sleep, and the move says how many of each limit.
    plan_at(world, 5000.0, 1)
    (move,) = Decision.objects.get().moves
    assert (move["verb"], move["from"], move["to"], move["of"]) == ("sleep", 24.0, 0.0, [[2450, 10], [3675, 14]])
    execute.execute_automatic()
    assert Order.objects.get().commands.count() == 24
