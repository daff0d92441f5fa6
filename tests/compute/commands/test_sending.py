"""Orders sent to machines on real sockets; what the estate's journal holds is what happened."""

import time
import uuid
from datetime import timedelta

import pytest

from cango_ops.base import audit, leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import AuditEvent, Lease
from cango_ops.estate import commands as act
from compute.collector import targets
from compute.commands import approve, claim, confirm, expire, send, sending
from compute.commands.refusal import Refused
from compute.commands.request import Wanted, request, retry
from compute.models import Command, Device, DeviceNow, Order
from compute.protocols.signing import Login
from compute.telemetry import sitemap
from sites.models import Membership, Meter, Role
from tests import machines as field_machines
from tests.base.threads import in_threads
from tests.compute.commands.senders import heard, ordered, run
from tests.compute.commands.worlds import say, states
from tests.worlds import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def moment(seconds):
    return database_now() + timedelta(seconds=seconds)


def test_every_language_of_the_estate_is_told_once(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 60))
    order = ordered(pecos, devices)

    run()

    assert set(states(order)) == {"acknowledged"}
    assert set(estate.writes().values()) == {1}
    assert len(estate.writes()) == 60
    assert {device.language for device in devices} == {"antminer", "braiins", "luxos", "whatsminer_v2", "avalon"}
    run()
    assert sum(estate.writes().values()) == 60


def test_what_was_told_is_confirmed_by_what_is_seen(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 5))
    order = ordered(pecos, devices)
    run()
    confirm.confirm_commands()
    assert set(states(order)) == {"acknowledged"}

    Command.objects.update(sent_at=moment(-60))
    say(devices[:4], asleep=True)
    confirm.confirm_commands()

    assert states(order) == ["confirmed"] * 4 + ["acknowledged"]
    assert order.commands.first().reason == "says that it sleeps, 0 TH/s, 30 W"
    assert order.commands.first().after_w == 30.0


def test_every_language_shows_that_it_sleeps(pecos, estate):
    devices = estate.put(pecos.c1, 10)
    estate.read(devices)
    order = ordered(pecos, devices)
    run()
    assert set(states(order)) == {"acknowledged"}

    for device in devices:  # two minutes later
        estate.machine(device).control = None
        act.sleep(estate.machine(device), time.time() - 120)
    Command.objects.update(sent_at=moment(-60))
    time.sleep(1.0)  # a sample is kept by the second
    estate.read(devices)
    confirm.confirm_commands()

    ended = {(command.device.language, command.state) for command in order.commands.all()}
    assert ended == {
        (language, "confirmed") for language in ("antminer", "avalon", "braiins", "luxos", "whatsminer_v2")
    }


def test_an_inference_node_sleeps_and_is_confirmed_by_what_it_says(pecos, estate):
    node = estate.small.node()
    device = Device.objects.filter(container=pecos.c1, slot=1).first()
    Device.objects.filter(pk=device.pk).update(
        address=node.address, port=9400 + estate.shift, language="gpu_node", is_gpu=True, gpus=8, nameplate_w=5600,
        nameplate_ths=None,
    )  # fmt: skip
    sitemap.forget()
    targets.forget()
    estate.read([device])
    order = ordered(pecos, [device])
    assert order.promised_w > 0

    run()
    assert states(order) == ["acknowledged"]
    assert [entry.command for entry in estate.entries()] == ["sleep"]
    confirm.confirm_commands()
    assert states(order) == ["acknowledged"]

    Command.objects.update(sent_at=moment(-60))
    time.sleep(1.0)  # a sample is kept by the second
    estate.read([device])
    confirm.confirm_commands()
    assert states(order) == ["confirmed"]
    assert order.commands.get().reason.startswith("says that it sleeps")


def test_an_ok_that_nobody_sees_come_true_is_a_failure(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 2))
    order = ordered(pecos, devices)
    run()

    Command.objects.update(sent_at=moment(-60), confirm_by=moment(-1))
    say(devices[:1])
    Command.objects.filter(device=devices[1]).update(sent_at=moment(60))
    confirm.confirm_commands()

    assert states(order) == ["failed", "unknown"]
    assert order.commands.first().reason == "not seen to take effect: 200 TH/s, 3,500 W"


def test_a_machine_that_takes_the_question_and_is_silent_is_unknown_and_never_asked_again(pecos, settings):
    with field_machines.field() as field:
        devices = devices_at(pecos, [field.put(field_machines.closes_at_once)])
        order = ordered(pecos, devices)
        run()
        assert states(order) == ["unknown"]
        run()
        run()
        assert sum(field.connections.values()) == 1
        with pytest.raises(Refused, match="never repeated"):
            retry(order, uuid.uuid4(), pecos.ada, "again")


def devices_at(world, ports, language="avalon"):
    """Machines of Pecos/C1 at ports of this computer."""
    Device.objects.filter(container=world.c1).delete()
    devices = [
        Device.objects.create(
            site=world.pecos, container=world.c1, slot=place, address="127.0.0.1", port=port, language=language,
            nameplate_ths=200.0, nameplate_w=3500.0,
        )
        for place, port in enumerate(ports, 1)
    ]  # fmt: skip
    DeviceNow.objects.bulk_create(DeviceNow(device=device, site=world.pecos) for device in devices)
    sitemap.forget()
    say(devices)
    return devices


def test_what_could_not_be_reached_failed_and_may_be_tried_again_once(pecos):
    devices = devices_at(pecos, [9])
    order = ordered(pecos, devices)
    run()
    assert states(order) == ["failed"]
    assert order.commands.get().reason == "not reached (connection refused): nothing was sent"

    key = uuid.uuid4()
    again = retry(order, key, pecos.ada, "again")
    assert retry(order, key, pecos.ada, "again") == again
    assert again.commands.get().retry_of == order.commands.get()
    approve.refuse(again, pecos.bo, "")
    with pytest.raises(Refused):
        retry(order, uuid.uuid4(), pecos.ada, "and again")


def test_a_wrong_password_is_a_failure_and_the_next_machine_is_still_told(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 2, ("antminer",)))
    order = ordered(pecos, devices)

    run(logins_of=lambda ids: {pk: Login("root", "no" if pk == devices[0].pk else "root") for pk in ids})

    assert states(order) == ["failed", "acknowledged"]
    assert order.commands.first().answer == "it does not take the sign-in"


def test_a_stopped_order_stops_between_two_machines(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 30))
    order = ordered(pecos, devices, wave_size=10)
    order.wave_gap_s = 3600
    order.save(update_fields=["wave_gap_s"])
    run()
    assert sorted(states(order)) == ["acknowledged"] * 10 + ["approved"] * 20

    approve.stop(Order.objects.get(pk=order.pk), pecos.ada)
    run()
    assert sorted(states(order)) == ["acknowledged"] * 10 + ["stopped"] * 20
    assert sum(estate.writes().values()) == 10


def test_a_wave_that_goes_badly_is_the_last(pecos):
    order = ordered(pecos, devices_at(pecos, [9] * 0 + list(range(2, 24))), wave_size=11)
    run()
    order.refresh_from_db()
    assert (order.state, order.end_reason) == ("stopped", "stopped by itself: 11 of 11 machines did not take it")
    assert sorted(states(order)) == ["failed"] * 11 + ["stopped"] * 11


def test_what_is_late_expires_and_never_leaves(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 3))
    waiting = request(Wanted(uuid.uuid4(), pecos.pecos, "sleep", (devices[0].pk,), "x"), pecos.ada)
    running = ordered(pecos, devices[1:])
    Order.objects.update(not_after=moment(-1))
    run()
    assert expire.expire() == 2

    waiting.refresh_from_db()
    assert (waiting.state, states(waiting), states(running)) == ("expired", ["expired"], ["expired"] * 2)
    assert estate.entries() == []
    confirm.confirm_commands()
    running.refresh_from_db()
    assert running.state == "done"


def test_a_second_sender_finds_the_lease_taken(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 20))
    order = ordered(pecos, devices)

    in_threads(4, run)

    assert set(states(order)) == {"acknowledged"}
    assert set(estate.writes().values()) == {1}


def test_a_sender_that_lost_its_lease_sends_nothing_more(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 3))
    order = ordered(pecos, devices)
    lost = leases.take(sending.LEASE, 15)
    claim.open_waves(lost)
    jobs = claim.claim(lost, 10)
    Lease.objects.update(expires_at=moment(-1))
    fresh = leases.take(sending.LEASE, 15)

    with pytest.raises(leases.LeaseLost):
        send.mark_sent(jobs, lost)
    claim.recover(fresh)
    assert set(states(order)) == {"approved"}
    again = claim.claim(fresh, 10)
    assert {job.pk for job in again} == {job.pk for job in jobs}


def test_what_a_dead_sender_had_sent_is_unknown_read_back_and_confirmed(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 2, ("avalon",)))
    order = ordered(pecos, devices)
    lost = leases.take(sending.LEASE, 15)
    claim.open_waves(lost)
    send.mark_sent(claim.claim(lost, 10), lost)
    act.sleep(estate.machine(devices[0]), time.time() - 60)
    Lease.objects.update(expires_at=moment(-1))

    run()
    assert states(order) == ["unknown", "unknown"]
    Command.objects.update(sent_at=moment(-30))
    confirm.confirm_commands()
    assert states(order) == ["confirmed", "unknown"]
    Command.objects.update(confirm_by=moment(-1))
    confirm.confirm_commands()
    assert states(order) == ["confirmed", "failed"]
    assert estate.entries() == []


def test_somebody_may_say_what_became_of_an_unknown_command(pecos):
    order = ordered(pecos, devices_at(pecos, [9]))
    Command.objects.update(state="unknown")
    viewer = make_user("Vi")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=pecos.pecos)
    command = order.commands.get()
    with pytest.raises(Refused):
        confirm.settle(command, viewer, has_worked=True, words="")

    confirm.settle(command, pecos.ada, has_worked=False, words="breaker was open")

    command.refresh_from_db()
    assert (command.state, command.reason) == ("failed", "ada@example.com on the spot: breaker was open")
    with pytest.raises(Refused, match="not unknown any more"):
        confirm.settle(command, pecos.ada, has_worked=True, words="")


def test_an_order_is_done_when_nothing_is_open_and_its_meter_is_read_after(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 1))
    Meter.objects.filter(site=pecos.pecos).update(power_w=9_000.0, observed_at=moment(0))
    order = ordered(pecos, devices)
    run()
    Command.objects.update(sent_at=moment(-60))
    say(devices, asleep=True)
    confirm.confirm_commands()
    order.refresh_from_db()
    assert (order.state, order.meter_before_w, order.meter_after_w) == ("done", 9_000.0, None)

    Meter.objects.filter(site=pecos.pecos).update(power_w=8_000.0, observed_at=moment(0))
    Command.objects.update(sent_at=moment(-30))
    confirm.confirm_commands()
    order.refresh_from_db()
    assert order.meter_after_w is None  # its machines may take a minute

    Command.objects.update(sent_at=moment(-90))
    Meter.objects.filter(site=pecos.pecos).update(power_w=5_600.0, observed_at=moment(0))
    confirm.confirm_commands()
    order.refresh_from_db()
    assert order.meter_after_w == 5_600.0
    assert "s after the last command: machines may take 60 s by their makers' word" in order.meter_words


def test_each_step_of_each_command_is_in_the_chain(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 5))
    order = ordered(pecos, devices)
    run()
    Command.objects.update(sent_at=moment(-60))
    say(devices, asleep=True)
    confirm.confirm_commands()

    ids = set(order.commands.values_list("pk", flat=True))
    for step in ("command.claimed", "command.sent", "command.acknowledged", "command.confirmed"):
        events = AuditEvent.objects.filter(verb=step, target=f"order/{order.pk}")
        assert {pk for event in events for pk in event.detail["commands"]} == ids
    assert audit.verify().wrong is None


def test_what_waited_too_long_for_its_turn_stays_here(pecos, estate, monkeypatch):
    monkeypatch.setattr(sending, "LATE_S", -1.0)
    devices = heard(pecos, estate.put(pecos.c1, 5))
    order = ordered(pecos, devices)
    run()
    assert estate.entries() == []
    assert {command.reason for command in order.commands.all()} == {"held up before the wire: nothing was sent"}
    assert set(states(order)) == {"failed"}
