"""The console's own rules over what telemetry, meters, pools and loans have stored."""

import re
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cango_ops.alerts.models import Alert, AlertSetting
from cango_ops.alerts.rules import Context
from cango_ops.base.models import JobRun
from compute.models import Container, GpuContract, Hold, PoolAccount, SiteSweep
from compute.protocols.reading import State
from compute.telemetry import sitemap, store
from sites.models import Meter, PlannedWindow, Region, Site
from tests.compute.telemetry.sweeps import heard, machine, make_gpu, mining, serving, silent
from tests.treasury.proposals.worlds import ask, booked, make_books, people, say_yes
from tests.treasury.web.worlds import make_treasury
from tests.web.alerts.worlds import judge, later, make_decision, sweep, value_hashes
from tests.worlds import make_devices, make_world, plan_off
from treasury import alerting as treasury_rules

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    sitemap.forget()
    return make_world()


def open_at(place: str) -> dict[str, Alert]:
    """By rule."""
    return {one.rule: one for one in Alert.objects.filter(place=place).exclude(state="resolved")}


def test_a_site_that_runs_has_no_alert(world):
    sweep(world.c1, [200, 200, 200, 200])

    judge()

    assert open_at("PECOS") == {}


def test_missing_hashrate_says_how_much_where_and_what_it_costs(world):
    value_hashes()
    sweep(world.c1, [200, 200, 200, 160])
    judge()
    assert open_at("PECOS") == {}
    sweep(world.c1, [200, 200, 200, 20], ago_s=2)

    judge()

    alert = open_at("PECOS")["site.hashrate_low"]
    assert alert.sentence == "22 % of hashrate missing: 180 TH/s of 800 TH/s; worst C1"
    assert (alert.severity, alert.usd_per_h) == ("critical", Decimal("0.36"))
    assert alert.state == "pending"


def test_without_a_fresh_hashprice_it_says_why_there_is_no_price(world):
    sweep(world.c1, [200, 200, 200, 20])

    judge()

    alert = open_at("PECOS")["site.hashrate_low"]
    assert (alert.usd_per_h, alert.usd_why) == (None, "no fresh hashprice")


def test_a_limit_of_the_site_counts_before_that_of_all(world):
    AlertSetting.objects.create(rule="site.hashrate_low", site_id=None, limit=0.01)
    AlertSetting.objects.create(rule="site.hashrate_low", site_id=world.pecos.pk, limit=0.5)
    sweep(world.c1, [200, 200, 200, 160])
    sweep(world.m1, [200, 200, 200, 160])

    judge()

    assert open_at("PECOS") == {}
    assert "site.hashrate_low" in open_at("MUSCAT")


def test_a_lost_link_is_one_alert_whatever_stood_before(world):
    sweep(world.c1, [200, None, None, None])
    judge()
    later(400)
    sweep(world.c1, [200, None, None, None])
    judge()
    assert set(open_at("PECOS")) == {"site.hashrate_low", "site.containers_silent"}
    sweep(world.c1, [None, None, None, None], ago_s=1)
    judge()
    later(60)

    judge()

    found = open_at("PECOS")
    link = found["site.link_lost"]
    assert (link.state, link.sentence) == ("firing", "Link lost: none of 4 machines answers; 800 TH/s unseen")
    assert [one.rule for one in found.values() if one.covered_by_id is None] == ["site.link_lost"]


def test_a_site_that_is_not_read_is_stale_and_nothing_else_is_known_of_it(world):
    sweep(world.m1, [200, 200, 200, 200])
    sweep(world.c1, [200, None, None, None], ago_s=30)
    judge()
    SiteSweep.objects.filter(site=world.pecos).update(swept_at=timezone.now() - timedelta(minutes=5))

    judge()

    assert set(open_at("PECOS")) == {"site.stale", "site.hashrate_low", "site.containers_silent"}


def test_a_collector_that_stands_still_is_one_alert_and_not_one_a_site(world):
    for box in (world.c1, world.m1):
        sweep(box, [200, 200, 200, 200], ago_s=300)
    sweep(world.g1, [200, 200], ago_s=300)

    judge()

    assert list(Alert.objects.filter(rule__in=["sweeps.late", "site.stale"]).values_list("rule", flat=True)) == [
        "sweeps.late"
    ]


def test_nobody_is_called_to_a_site_in_maintenance(world):
    sweep(world.c1, [None, None, None, None])
    plan_off(world.pecos)

    judge()

    assert open_at("PECOS") == {}


def test_nobody_is_called_to_a_container_that_is_planned_to_be_off_but_to_the_others(world):
    other = Container.objects.create(site=world.pecos, code="C2", kind="asic", rows=2, columns=2)
    make_devices(other, 4, first_address="127.1.2.1")
    sweep(world.c1, [None, None, None, None])
    sweep(other, [200, 200, 200, 200])
    window = plan_off(world.pecos, world.c1)

    judge()

    assert open_at("PECOS") == {}
    PlannedWindow.objects.filter(pk=window.pk).update(end_at=window.begin_at + timedelta(minutes=1))

    judge()

    assert "site.containers_silent" in open_at("PECOS")


def test_machines_that_sleep_are_not_missed(world):
    sweep(world.c1, [200, 200, 200, 200])
    at, asleep = time.time() - 1, mining(0.0, state=State.SLEEPING)
    store.write(world.pecos.pk, [heard(machine(world.c1, slot), at, asleep) for slot in (1, 2, 3)])

    judge()

    assert "site.hashrate_low" not in open_at("PECOS")


def test_heat_names_the_hottest_container(world):
    sweep(world.c1, [200, 200, 200, 200], chip_c=99.0)

    judge()

    assert open_at("PECOS")["site.hot"].sentence == "99 °C in C1, the limit is 95 °C"


def test_a_meter_below_its_machines_and_a_silent_one(world):
    meter = Meter.objects.get(site=world.pecos)
    Meter.objects.filter(pk=meter.pk).update(observed_at=timezone.now(), power_w=10_000)
    sweep(world.c1, [200, 200, 200, 200])
    judge()
    assert open_at("PECOS")["site.meter_below"].sentence.startswith("The meter says 10 kW, 29 % less")

    Meter.objects.update(failing_since=timezone.now(), failing_reason="deadline", observed_at=None, power_w=None)
    judge()

    found = open_at("PECOS")
    assert found["meter.silent"].sentence == "meter main silent: deadline"
    assert "site.meter_below" in found


def test_gpu_nodes_that_are_down_and_a_contract_at_risk(world):
    box = Container.objects.create(site=world.muscat, code="AI1", kind="gpu", rows=1, columns=4)
    nodes = [make_gpu(box, slot) for slot in (1, 2, 3, 4)]
    GpuContract.objects.create(
        site=world.muscat, customer="Brightline", nodes=3, usd_per_node_h=16, penalty_usd_per_node_h=40,
        begin_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    sitemap.forget()
    at = time.time() - 5
    said = [heard(node, at, serving()) for node in nodes[:2]] + [silent(node, at) for node in nodes[2:]]
    store.write(world.muscat.pk, said)

    judge()

    found = open_at("MUSCAT")
    assert found["gpu.down"].sentence == "2 of 4 GPU nodes down in AI1"
    assert found["gpu.sla"].usd_per_h == 56


def test_a_card_that_reports_an_error_is_named_by_its_place(world):
    box = Container.objects.create(site=world.muscat, code="AI1", kind="gpu", rows=1, columns=4)
    node = make_gpu(box, 2)
    sitemap.forget()
    reading = serving()
    reading.gpus[0].xid = 79
    store.write(world.muscat.pk, [heard(node, time.time() - 5, reading)])

    judge()

    assert open_at("MUSCAT")["gpu.xid"].sentence == "AI1/2: GPU 0 reported XID 79, fell off the bus"


def test_a_pool_that_does_not_answer_is_its_operators(world):
    PoolAccount.objects.create(
        name="main", operator=world.partner, provider="braiins", failing_since=timezone.now(), failing_reason="refused"
    )

    judge()

    alert = Alert.objects.get(rule="pool.down")
    assert (alert.scope, alert.operator_id) == ("operator", world.partner.pk)


def test_what_waits_for_a_decision_is_there_at_once_and_goes_with_it(world):
    made = make_decision(world.pecos)
    judge()
    alert = open_at("PECOS")["decision.waiting"]
    assert (alert.state, alert.severity, alert.usd_per_h) == ("firing", "decision", 25)

    type(made).objects.filter(pk=made.pk).update(state="approved")
    judge()

    assert open_at("PECOS") == {}


def test_a_hold_that_stands_long_asks_whether_it_still_should(world):
    Hold.objects.create(
        request_id="5e4a1d2e-0000-4000-8000-000000000001", site=world.pecos, placed_by=world.bo,
        placed_at=timezone.now() - timedelta(minutes=61),
    )  # fmt: skip

    judge()

    assert "hold.long" in open_at("PECOS")


def test_a_task_that_fails_is_the_consoles(world):
    now = timezone.now()
    JobRun.objects.create(
        name="sites.read_meters", started_at=now, finished_at=now, outcome="failed", detail={"why": "no route"}
    )

    judge()

    assert Alert.objects.get(rule="console.tasks").sentence.startswith("sites.read_meters: no route")


def test_more_sites_and_machines_cost_no_more_queries(world):
    sweep(world.c1, [200, 200, None, None])
    judge()
    few = queries_of_a_round()
    region = Region.objects.create(code="east-africa", name="East Africa")
    for number in range(10):
        site = Site.objects.create(
            code=f"EAST{number}", name="East", operator=world.company, region=region, kind="hosted",
            time_zone="Africa/Nairobi", capacity_mw=5,
        )  # fmt: skip
        box = Container.objects.create(site=site, code="C1", kind="asic", rows=1, columns=4)
        make_devices(box, 2, first_address=f"127.8.{number}.1")
        sweep(box, [200, 200])
    judge()

    assert queries_of_a_round() == few


def queries_of_a_round() -> int:
    with CaptureQueriesContext(connection) as caught:
        judge()
    return len(caught)


def test_a_loan_is_near_its_call_or_called_and_a_price_that_is_gone_resolves_nothing(world):
    make_treasury(timezone.now())

    judge()

    found = {(one.rule, one.subject): one for one in Alert.objects.filter(scope="treasury")}
    assert set(found) == {("loan.near", "loan/ANT-2"), ("loan.called", "loan/ANT-3")}
    near = found["loan.near", "loan/ANT-2"]
    # 27,000,000 dollars and some nights' interest on 400 BTC at 88,000, called at 80 %.
    assert re.fullmatch(r"ANT-2: a fall of [34]\.\d % brings the call, at \$84,\d{3}; LTV 7[67]\.\d %", near.sentence)
    assert found["loan.called", "loan/ANT-3"].severity == "critical"

    # An hour later both prices are stale: of the loans nobody can tell.
    rules = {rule.name: rule for rule in treasury_rules.RULES}
    verdicts = treasury_rules.check(Context(timezone.now() + timedelta(hours=1), rules))
    assert [one.rule for one in verdicts.found] == ["loan.price"]
    assert set(found) <= verdicts.unknown


def test_a_proposal_that_waits_says_for_whom_and_is_over_by_itself():
    make_books()
    cast = people()
    row = ask(cast["ted"])
    judge()
    alert = open_at("Treasury")["proposal.waits"]
    assert (alert.severity, alert.url) == ("decision", f"/treasury/proposals/{row.pk}/")
    assert alert.sentence == "Sale of ted@example.com waits for 2 more than ted@example.com: to pay the power of June"

    say_yes(row, cast["tia"], cast["ann"])
    judge()
    assert open_at("Treasury")["proposal.waits"].sentence.startswith("Sale of ted@example.com is to be booked")

    booked(row, cast["ted"])
    judge()
    assert "proposal.waits" not in open_at("Treasury")
