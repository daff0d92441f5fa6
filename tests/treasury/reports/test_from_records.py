"""What a month says of machines that were told to sleep, of moves, and of energy that decisions moved."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from cango_ops.base import audit
from compute.models import Command, Decision, Device, DeviceNow, Order, Plan
from tests.treasury.closing.worlds import OCTOBER
from tests.treasury.reports.test_gather import at, observe
from tests.worlds import make_world
from treasury.earnings.span import Month
from treasury.reports import from_commands, from_fleet, from_switching

pytestmark = pytest.mark.django_db

D = Decimal
SPAN = Month(OCTOBER)
HOUR = timedelta(hours=1)


@pytest.fixture
def world():
    return make_world()


def told(device, verb, sent_at, state="confirmed"):
    """A command that was seen to take effect two minutes after it was sent."""
    order = Order.objects.create(
        request_id=uuid.uuid4(), site=device.site, verb=verb, state=Order.State.DONE, is_automatic=True,
        requested_at=sent_at, reason="price spike", ruling="automatic", approvals_needed=0,
        not_after=sent_at + HOUR, promised_w=0.0, wave_size=1, waves=1,
    )  # fmt: skip
    return Command.objects.create(
        order=order, device=device, place=str(device), wave=1, state=state, sent_at=sent_at,
        ended_at=sent_at + timedelta(minutes=2),
    )  # fmt: skip


def test_a_machine_sleeps_from_its_command_until_it_is_seen_awake(world):
    one, two, *_ = Device.objects.filter(site=world.pecos)
    told(one, "sleep", at(10, 5))
    told(one, "wake", at(10, 5) + 58 * timedelta(minutes=1))
    told(two, "sleep", at(10, 31) + 23 * HOUR)

    # One: 60 minutes.   Two: the last hour of the month.
    assert from_commands.asleep_minutes(SPAN) == {world.pecos.pk: 120.0}


def test_a_sleep_that_began_before_the_month_counts_from_its_first_instant(world):
    one = Device.objects.filter(site=world.pecos).first()
    told(one, "sleep", at(9, 20))
    told(one, "wake", at(10, 1) + 28 * timedelta(minutes=1))

    assert from_commands.asleep_minutes(SPAN) == {world.pecos.pk: 30.0}


def test_told_twice_is_asleep_once_and_what_was_not_confirmed_not_at_all(world):
    one, two, *_ = Device.objects.filter(site=world.pecos)
    told(one, "sleep", at(10, 5))
    told(one, "sleep", at(10, 5) + HOUR)
    told(one, "wake", at(10, 5) + 2 * HOUR - timedelta(minutes=2))
    told(two, "sleep", at(10, 5), state="failed")

    assert from_commands.asleep_minutes(SPAN) == {world.pecos.pk: 120.0}


def test_curtailment_is_not_counted_as_outage(world):
    observe(world.pecos, at(10, 1), 744, 30_000_000.0, 24_000_000.0, expected=240, present=240, up=180)
    one, *_ = Device.objects.filter(site=world.pecos)
    told(one, "sleep", at(9, 30))

    found = from_fleet.facts(SPAN, from_fleet.site_months(SPAN))

    # One machine of four all month long: 44,640 of 178,560 machine-minutes, the rest of the 25 % lost is none.
    assert found["lost_curtailed_pct"].shown == D("25.00")
    assert found["lost_outage_pct"].shown == D("0.00")
    assert found["uptime_pct"].shown == D("75.00")
    assert found["lost_curtailed_pct"].lineage == ("orders:PECOS",)


def test_a_machine_on_its_way_is_lost_to_relocation(world):
    left = Device.objects.get(site=world.muscat, slot=1)
    DeviceNow.objects.filter(device=left).update(state="critical", reason="silent", since=datetime.now(UTC) - 2 * HOUR)
    now = datetime.now(UTC)
    audit.record("collector", "swap", "device/PECOS/C1/1", {"stood_at": str(left)})

    minutes = from_commands.relocated_minutes(Month(now.date().replace(day=1)))

    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert minutes == {"MUSCAT": pytest.approx(min(120.0, (now - month).total_seconds() / 60), abs=2)}
    assert from_commands.relocated_minutes(SPAN) == {}


def decided(site, ended_at, moves, before, after, hours=4):
    plan = Plan.objects.create(site=site, made_at=ended_at, begin_at=ended_at)
    return Decision.objects.create(
        site=site, plan=plan, state=Decision.State.DONE, direction="less", sentence="less", moves=moves,
        gain_usd=D(1), usd_per_h=D(1), change_mw=-2, proposed_at=ended_at - HOUR, until_at=ended_at + hours * HOUR,
        not_after=ended_at, approvals_needed=0, ruling="", request_id=uuid.uuid4(), ended_at=ended_at,
        before_mw=before, after_mw=after,
    )  # fmt: skip


def test_energy_is_moved_from_when_a_decision_worked_until_the_next_one(world):
    less, shift = [{"unit": "S21", "mw": -2.0}], [{"unit": "S21", "mw": -1.5}, {"unit": "gpu", "mw": 1.5}]
    first = decided(world.pecos, at(10, 3), less, 10.0, 8.2)
    second = decided(world.pecos, at(10, 3) + 3 * HOUR, shift, 8.2, 8.2)
    decided(world.muscat, at(10, 31) + 23 * HOUR, less, None, None)
    decided(world.ghost, at(10, 3), less, 3.0, 1.0)

    found = from_switching.facts(SPAN)["switched_mwh"]

    # 1.8 MW seen for 3 h, 1.5 MW shifted for 4 h, 2 MW ordered for the last hour of the month; partners are not in it.
    assert found.value == D("13.400")
    assert found.note == "3 decisions"
    assert found.lineage[:2] == (f"decision:PECOS/{first.pk}", f"decision:PECOS/{second.pk}")


def test_without_a_decision_nothing_is_reported_as_moved(world):
    assert from_switching.facts(SPAN)["switched_mwh"].reason == "no decision of the month was carried out"
