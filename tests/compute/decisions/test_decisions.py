"""From prices and machines to a proposal, from an approval to an order, and what happens when something is missing."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from cango_ops.base import clock
from cango_ops.base.models import AuditEvent, JobRun
from compute.commands.refusal import Refused
from compute.decisions import decide, frozen
from compute.decisions.carry import carry
from compute.decisions.propose import plan_one, plan_sites, write
from compute.decisions.round import plan_round
from compute.decisions.snapshot import snapshot
from compute.decisions.states import close_late
from compute.decisions.verify import verdict, verify
from compute.models import (
    Container,
    ContainerTotals,
    Decision,
    Device,
    GpuContract,
    MiningTerms,
    NetworkReading,
    Order,
    Plan,
    SpotDemand,
    SwitchMemory,
)
from compute.switching.hysteresis import Memory
from compute.switching.reprice import reprice
from compute.switching.solve import Effort
from sites.models import Battery, MarketPrice, PowerContract, Programme
from tests.compute.commands.worlds import second_manager
from tests.compute.decisions.worlds import let_console_ask, market_world, read_network, say_prices
from tests.worlds import make_devices

pytestmark = pytest.mark.django_db
D = Decision.State


def proposed(usd: float = 5000.0):
    """A proposal at Pecos: power is dearer than any hash."""
    world = market_world(usd)
    assert plan_one(world.pecos, clock.now()) == "proposed"
    return world, Decision.objects.select_related("site").get()


def facts(plan: Plan) -> dict[str, dict]:
    return {fact["name"]: fact for fact in plan.facts}


# Proposing


def test_a_spike_proposes_to_stop_and_says_why():
    _, decision = proposed()

    assert decision.state == D.PROPOSED
    assert [(move["verb"], move["from"], move["to"]) for move in decision.moves] == [("sleep", 24.0, 0.0)]
    # No meter is live, so fans and losses are 5 %: 24 * 3.5 kW * 1.05 = 88.2 kW.
    assert decision.change_mw == pytest.approx(-0.0882)
    assert "Antminer S21 earns $91/MWh, power costs $5,000" in decision.sentence
    assert {row["name"] for row in decision.break_evens} == {"hashprice", "power"}


def test_a_plan_says_what_it_was_made_from_and_how_old_it_is():
    proposed()
    said = facts(Plan.objects.get())
    assert said["price of ERCOT-WEST"]["source"] == "test"
    assert said["hashprice"]["value"] == "$40.00/PH/day after 0.0% to the pool (terms not known)"
    assert said["machines"]["value"] == "24 of 24 heard"
    assert said["meter"]["state"] == "unknown"


def test_the_pools_fee_is_taken_from_the_hashprice():
    world = market_world()
    MiningTerms.objects.create(site=world.pecos, pool="Pool", fee_share=Decimal("0.025"))
    plan_one(world.pecos, clock.now())
    assert facts(Plan.objects.get())["hashprice"]["value"] == "$39.00/PH/day after 2.5% to Pool"


def test_a_plan_is_replayed_to_the_cent():
    proposed()
    row = Plan.objects.get()
    site, plan = frozen.thawed_site(row.inputs), frozen.thawed_plan(row.chosen)

    assert frozen.digest(row.inputs) == row.digest
    assert Decimal(str(reprice(site, plan).profit_usd)).quantize(Decimal("0.01")) == row.profit_usd


def test_what_a_plan_was_made_from_cannot_be_changed():
    proposed()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Plan.objects.update(inputs=b"other")


def test_a_usual_price_leaves_what_runs_alone():
    world = market_world(40.0)
    assert plan_one(world.pecos, clock.now()) == "planned"
    assert Plan.objects.get().verdict == "what runs is what pays best"


def test_a_proposal_that_still_pays_is_not_made_again():
    world, decision = proposed()
    assert plan_one(world.pecos, clock.now()) == "planned"
    assert Decision.objects.get() == decision


def test_a_proposal_that_no_longer_pays_is_withdrawn():
    world, decision = proposed()
    say_prices(40.0, clock.now() + timedelta(seconds=1))
    plan_one(world.pecos, clock.now())

    decision.refresh_from_db()
    assert (decision.state, decision.end_reason) == (D.SUPERSEDED, "it no longer pays")


def test_a_proposal_that_nobody_answers_expires():
    _, decision = proposed()
    assert close_late(clock.now() + timedelta(minutes=31)) == 1
    decision.refresh_from_db()
    assert decision.state == D.EXPIRED


# What is missing


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


# People


def test_where_the_console_only_advises_one_orders_and_another_approves():
    world, decision = proposed()
    assert decision.approvals_needed == 2

    decide.approve(decision, world.bo)
    decision.refresh_from_db()
    assert decision.state == D.PROPOSED
    decide.approve(decision, second_manager())

    decision.refresh_from_db()
    assert decision.state == D.ORDERED
    order = Order.objects.get()
    assert (order.verb, order.state, order.source) == ("sleep", "approved", f"decision/{decision.pk}")
    assert order.commands.count() == 24


def test_where_the_console_may_ask_one_word_is_enough():
    world = market_world(5000.0)
    let_console_ask(world)
    plan_one(world.pecos, clock.now())
    decide.approve(Decision.objects.get(), world.bo)
    assert Order.objects.get().state == "approved"


def test_within_its_limits_the_console_needs_nobody():
    world = market_world(5000.0)
    let_console_ask(world, "automatic", max_kw=200, max_hours=48, max_usd=10_000)
    plan_one(world.pecos, clock.now())
    carry()
    assert Decision.objects.get().state == D.ORDERED
    assert Order.objects.get().is_automatic


def test_the_same_person_counts_once():
    world, decision = proposed()
    decide.approve(decision, world.bo)
    decide.approve(decision, world.bo)
    decision.refresh_from_db()
    assert decision.state == D.PROPOSED
    assert decision.approvals.count() == 1


def test_who_may_only_operate_may_not_decide():
    world, decision = proposed()
    with pytest.raises(Refused, match="does not allow deciding"):
        decide.approve(decision, world.ada)
    with pytest.raises(Refused, match="does not allow deciding"):
        decide.hold(decision, world.cy, 30)


def test_a_refusal_ends_it_and_is_on_record():
    world, decision = proposed()
    decide.refuse(decision, world.bo, "maintenance tonight")
    decision.refresh_from_db()
    assert (decision.state, decision.end_reason) == (D.REFUSED, "refused by bo@example.com: maintenance tonight")
    assert AuditEvent.objects.filter(verb="decision.refused").count() == 1


def test_a_hold_stops_proposals_until_it_is_over():
    world, decision = proposed()
    decide.hold(decision, world.bo, 30)
    assert plan_one(world.pecos, clock.now()) == "planned"
    close_late(clock.now() + timedelta(minutes=31))
    assert plan_one(world.pecos, clock.now()) == "proposed"
    assert Decision.objects.count() == 2


def test_what_ended_cannot_be_approved():
    world, decision = proposed()
    decide.refuse(decision, world.bo, "")
    with pytest.raises(Refused, match="it is refused by now"):
        decide.approve(decision, world.bo)


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment_make_one_order():
    world = market_world(5000.0)
    let_console_ask(world)
    plan_one(world.pecos, clock.now())
    decision, people = Decision.objects.get(), [world.bo, *(second_manager() for _ in range(1))]

    def press(person) -> None:
        try:
            decide.approve(Decision.objects.select_related("site").get(pk=decision.pk), person)
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(person,)) for person in people * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Order.objects.count() == 1
    assert AuditEvent.objects.filter(verb="decision.ordered").count() == 1


# What came of it


def test_the_power_moved_or_it_did_not():
    assert verdict(20.0, 16.0, -4.2) == ("the load moved by -4.0 MW of the -4.2 MW promised", True)
    assert verdict(20.0, 19.5, -4.2) == ("the load moved by -500 kW of the -4.2 MW promised", False)
    assert verdict(None, 19.5, -4.2)[1] is None


def test_orders_that_never_left_are_no_success():
    world, decision = proposed()
    decide.approve(decision, world.bo)
    decide.approve(decision, second_manager())
    Order.objects.update(state="expired", ended_at=clock.now() - timedelta(minutes=6), end_reason="its time passed")
    assert verify(clock.now()) == 1
    decision.refresh_from_db()
    assert (decision.state, decision.verdict) == (D.FAILED, "no order left: its time passed")
