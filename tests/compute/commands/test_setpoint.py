"""Setpoints of batteries over real sockets: one order, one write, confirmed by what the battery measures."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cango_ops.base import clock, leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import AuditEvent
from compute.commands import approve, claim, confirm, hold, send, sending
from compute.commands.evidence import NO, NOTHING, YES, BatteryNow, of_battery
from compute.commands.refusal import Refused
from compute.commands.request import retry
from compute.commands.setpoint import WantedSetpoint, request_setpoint
from compute.models import Command, CommandPolicy, Order
from compute.web.orders.form import WishForm
from compute.web.orders.rows import what_of
from sites.metering.storage import read_batteries
from sites.models import Battery
from tests.compute.commands.worlds import second_manager, states

pytestmark = pytest.mark.django_db(transaction=True)
MW = 1_000_000


@pytest.fixture
def battery(pecos, estate):
    """Macon's of the estate, 40 MWh and 20 MW, at Pecos; it has been heard."""
    plan = estate.small.world.by_code["MACON"].site.battery
    Battery.objects.create(
        site=pecos.pecos, capacity_mwh=40, charge_mw=20, discharge_mw=20, address=plan.address, port=plan.port
    )
    read_batteries()
    return Battery.objects.select_related("site").get()


def wanted(battery, **changes):
    given = {"request_id": uuid.uuid4(), "power_w": -5 * MW, "hours": 0.5, "reason": "cheap hours"}
    return WantedSetpoint(battery=battery, **given | changes)


def ordered(world, battery, **changes):
    """Above 1,000 kW two people approve."""
    once = approve.approve(request_setpoint(wanted(battery, **changes), world.ada), world.bo)
    return approve.approve(once, second_manager())


def run():
    sending.send_commands(linger_s=0.3)


def written(estate):
    return [entry for entry in estate.small.world.journal.entries if entry.dialect == "modbus"]


def settled():
    """The battery is read well after its order was sent."""
    Command.objects.update(sent_at=database_now() - timedelta(seconds=60))
    read_batteries()
    confirm.confirm_commands()


def test_a_battery_is_told_once_and_confirmed_by_what_it_draws(pecos, battery, estate):
    order = ordered(pecos, battery)

    run()
    run()

    assert states(order) == ["acknowledged"]
    (entry,) = written(estate)
    assert entry.parameters == "1 1 65535 15536 0 0 32768 32768 1 0 1800"
    settled()
    assert states(order) == ["confirmed"]
    battery.refresh_from_db()
    assert (battery.power_w, battery.setpoint_w) == (-5 * MW, -5 * MW)
    assert Order.objects.get().promised_w == -5 * MW
    verbs = list(
        AuditEvent.objects.filter(target=f"order/{order.pk}").order_by("sequence").values_list("verb", flat=True)
    )
    assert verbs[:2] == ["order.requested", "order.approved"]
    assert {"command.sent", "command.acknowledged", "command.confirmed"} <= set(verbs)


def test_a_setpoint_that_is_not_kept_is_no_success(pecos, battery, estate):
    """Told 5 MW out, and then emptied by somebody else's word: it measures nothing."""
    order = ordered(pecos, battery, power_w=5 * MW)
    run()
    estate.small.world.by_code["MACON"].battery.told_w = 0.0

    settled()
    assert states(order) == ["acknowledged"]
    Command.objects.update(confirm_by=database_now() - timedelta(seconds=1))
    confirm.confirm_commands()

    assert states(order) == ["failed"]
    assert Command.objects.get().reason == "not seen to take effect: 0 W, told 0 W"


def test_under_a_hold_no_setpoint_leaves(pecos, battery, estate):
    order = ordered(pecos, battery)
    hold.press(uuid.uuid4(), pecos.bo, site=pecos.pecos)

    run()

    assert states(order) == ["approved"]
    assert written(estate) == []


def test_a_sender_that_died_after_its_record_is_never_followed_by_a_second_write(pecos, battery, estate):
    order = ordered(pecos, battery)
    first = leases.take("commands/send", 60)
    claim.open_waves(first)
    send.mark_sent(claim.claim(first, 10), first)
    leases.release(first)

    run()

    assert states(order) == ["unknown"]
    assert written(estate) == []
    settled()
    assert states(order) == ["unknown"]


def test_the_same_request_is_one_order_and_a_battery_has_one_open_command(pecos, battery, estate):
    wish = wanted(battery)
    one, same = request_setpoint(wish, pecos.ada), request_setpoint(wish, pecos.ada)
    assert one == same
    with pytest.raises(Refused, match="belongs to another order"):
        request_setpoint(wanted(battery, request_id=wish.request_id, power_w=MW), pecos.ada)
    with pytest.raises(Refused, match="another command to this battery is open"):
        request_setpoint(wanted(battery), pecos.ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Command.objects.create(order=one, battery=battery, place="", wave=1)
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"power_w": 21 * MW}, "can neither give nor take so much"),
        ({"power_w": -21 * MW}, "can neither give nor take so much"),
        ({"hours": 25.0}, "hours must be above 0 and at most 24"),
        ({"hours": 0.0}, "hours must be above 0 and at most 24"),
        ({"reason": " "}, "say why"),
    ],
)
def test_what_makes_no_sense_is_refused(pecos, battery, changes, words):
    with pytest.raises(Refused, match=words):
        request_setpoint(wanted(battery, **changes), pecos.ada)


def test_a_battery_that_was_not_heard_lately_or_cannot_be_asked_is_not_told(pecos, battery):
    Battery.objects.update(soc_at=clock.now() - timedelta(minutes=6))
    with pytest.raises(Refused, match="has not said lately"):
        request_setpoint(wanted(Battery.objects.select_related("site").get()), pecos.ada)
    Battery.objects.update(address=None)
    with pytest.raises(Refused, match="has no address"):
        request_setpoint(wanted(Battery.objects.select_related("site").get()), pecos.ada)


def test_a_failed_setpoint_is_asked_for_anew_and_never_repeated(pecos, battery):
    order = ordered(pecos, battery)
    Command.objects.update(state="failed")

    with pytest.raises(Refused, match="ask for a new setpoint"):
        retry(order, uuid.uuid4(), pecos.ada, "again")


def test_machines_are_not_offered_a_setpoint():
    assert [verb for verb, _ in WishForm.base_fields["verb"].choices] == ["sleep", "wake", "power_limit"]


def test_who_may_not_operate_the_site_may_not_ask(pecos, battery):
    with pytest.raises(Refused, match="does not allow it"):
        request_setpoint(wanted(battery), pecos.cy)


def test_the_console_alone_may_only_advise_until_the_site_says_otherwise(pecos, battery, estate):
    with pytest.raises(Refused, match="advise only"):
        request_setpoint(wanted(battery), None)
    CommandPolicy.objects.create(
        site=pecos.pecos, requester="console", mode="automatic", max_kw=6000, max_hours=1, max_usd=1000,
        two_person_above_kw=9000,
    )  # fmt: skip

    order = request_setpoint(wanted(battery), None)

    assert (order.state, order.is_automatic) == ("approved", True)
    assert what_of(order, 1) == "Have the battery at PECOS take 5,000,000 W"
    run()
    assert states(order) == ["acknowledged"]


@pytest.mark.parametrize(
    ("power_w", "says"), [(-5_000_000, YES), (-4_800_000, YES), (-4_700_000, NO), (0, NO), (None, NOTHING)]
)
def test_evidence_is_the_measured_power_within_five_per_cent(power_w, says):
    now = clock.now()
    seen = BatteryNow(now, power_w, -5_000_000, rated_w=20_000_000)

    assert of_battery(-5_000_000, now - timedelta(minutes=1), seen).says == says
    assert of_battery(-5_000_000, now, seen).says == NOTHING
