"""What a month says of planned maintenance and relocation."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from compute.models import Device, Rollup
from compute.telemetry import partitions
from compute.telemetry.upsert import CONTAINER, SITE_SCOPE
from tests.treasury.closing.worlds import OCTOBER
from tests.treasury.reports.test_from_records import told
from tests.treasury.reports.test_gather import at, observe
from tests.worlds import HOUR, make_world, plan_off
from treasury.earnings.span import Month
from treasury.mining.losses import Minutes, Off, split
from treasury.reports import from_commands, from_fleet
from treasury.reports.from_windows import lost_minutes

pytestmark = pytest.mark.django_db

D = Decimal
SPAN = Month(OCTOBER)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def world():
    partitions.ensure([partitions.ROLLUP_QUARTER], [at(10, 1)])
    return make_world()


def quarter(scope, scope_id, start_at: datetime, expected=60, present=60, up=60):
    Rollup.objects.create(
        resolution_s=900, scope=scope, scope_id=scope_id, start_at=start_at, minutes=15, expected=expected,
        present=present, up=up,
    )  # fmt: skip


def test_what_did_not_work_in_a_window_is_maintenance(world):
    begin = at(10, 5)
    for place, (present, up) in enumerate([(60, 60), (20, 0), (0, 0), (60, 30)]):
        quarter(SITE_SCOPE, world.pecos.pk, begin + place * QUARTER, present=present, up=up)
    plan_off(world.pecos, begin_at=begin, end_at=begin + HOUR)

    # Silent: 40 and 60; answered and did not work: 20 and 30.
    assert lost_minutes(SPAN) == {(world.pecos.pk, "maintenance"): Off(silent=100.0, idle=50.0)}


def test_a_window_that_covers_a_quarter_in_part_takes_no_more_than_that_part(world):
    begin = at(10, 5)
    quarter(SITE_SCOPE, world.pecos.pk, begin, present=0, up=0)
    plan_off(world.pecos, begin_at=begin + timedelta(minutes=10), end_at=begin + HOUR)

    assert lost_minutes(SPAN) == {(world.pecos.pk, "maintenance"): Off(silent=20.0, idle=0.0)}


def test_a_window_of_a_container_leaves_the_others_alone_and_one_taken_back_takes_nothing(world):
    begin = at(10, 5)
    quarter(SITE_SCOPE, world.pecos.pk, begin, expected=600, present=300, up=300)
    quarter(CONTAINER, world.c1.pk, begin, present=60, up=15)
    plan_off(world.pecos, world.c1, kind="relocation", begin_at=begin, end_at=begin + HOUR)
    plan_off(world.muscat, begin_at=begin, end_at=begin + HOUR, withdrawn_at=begin, withdrawn_by=world.ada)
    quarter(SITE_SCOPE, world.muscat.pk, begin, present=0, up=0)

    assert lost_minutes(SPAN) == {(world.pecos.pk, "relocation"): Off(silent=0.0, idle=45.0)}


def test_a_window_across_the_end_of_the_month_counts_in_the_month(world):
    begin = at(10, 31) + 23 * HOUR
    for place in range(8):
        partitions.ensure([partitions.ROLLUP_QUARTER], [begin + place * QUARTER])
        quarter(SITE_SCOPE, world.pecos.pk, begin + place * QUARTER, present=0, up=0)
    plan_off(world.pecos, begin_at=begin, end_at=begin + 2 * HOUR)

    assert lost_minutes(SPAN)[world.pecos.pk, "maintenance"].silent == 240.0


def test_a_machine_that_was_put_to_sleep_for_its_maintenance_is_not_curtailed_meanwhile(world):
    one = Device.objects.filter(site=world.pecos).first()
    told(one, "sleep", at(10, 5))
    told(one, "wake", at(10, 5) + 4 * HOUR - timedelta(minutes=2))
    plan_off(world.pecos, one.container, begin_at=at(10, 5) + HOUR, end_at=at(10, 5) + 3 * HOUR)

    assert from_commands.asleep_minutes(SPAN) == {world.pecos.pk: 120.0}


def test_the_month_tells_maintenance_from_outage_and_opens_to_the_windows(world):
    observe(world.pecos, at(10, 1), 744, 30_000_000.0, 24_000_000.0, expected=240, present=240, up=180)
    for place in range(186 * 4):
        quarter(SITE_SCOPE, world.pecos.pk, at(10, 1) + place * QUARTER, present=60, up=45)
    plan_off(world.pecos, begin_at=at(10, 1), end_at=at(10, 1) + 186 * HOUR)

    found = from_fleet.facts(SPAN, from_fleet.site_months(SPAN))

    # A quarter of the machines was off all month; a quarter of the month was planned: 25 % of 25 %.
    assert found["lost_maintenance_pct"].shown == D("6.25")
    assert found["lost_outage_pct"].shown == D("18.75")
    assert found["lost_maintenance_pct"].lineage == ("windows:PECOS",)
    assert found["lost_maintenance_pct"].note == "planned windows: 1"


def test_a_month_without_a_window_reports_none_and_says_why(world):
    observe(world.pecos, at(10, 1), 744, 30_000_000.0, 24_000_000.0, expected=240, present=240, up=180)

    cell = from_fleet.facts(SPAN, from_fleet.site_months(SPAN))["lost_maintenance_pct"]

    assert cell.shown is None
    assert cell.reason == "no planned window was entered for the month; maintenance is in the outage"


def test_each_lost_minute_has_one_cause_also_where_records_claim_more():
    claimed = Minutes(100, 60, 50, 30, 40, maintenance=Off(silent=25, idle=5), moving=Off(silent=40, idle=0))

    found = split(claimed)

    assert (found.maintenance, found.relocated, found.curtailed, found.outage, found.silent) == (30, 15, 5, 0, 0)
    assert found.up + found.maintenance + found.relocated + found.curtailed == 100
