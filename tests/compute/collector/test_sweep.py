"""Sweeps against machines on real sockets and a real database."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from cango_ops.base import leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import JobRun, Lease
from compute.collector import memory, sweep, targets, writer
from compute.collector.read_now import read_site
from compute.collector.sweep import sweep_slot
from compute.models import Device, DeviceNow, LanguageHour, SiteSweep, SweepMemory
from tests import machines
from tests.machines import Field
from tests.worlds import World, make_world

CHECKOUT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.django_db(transaction=True)

STATS = json.dumps(
    {
        "STATUS": [{"STATUS": "S", "Code": 70, "Msg": "CGMiner stats"}],
        "STATS": [
            {"Type": "Antminer S21", "Miner": "49.0.1.3"},
            {
                "Elapsed": 90000, "GHS 5s": "198000.00", "miner_count": 3, "fan_num": 2, "fan1": 5000, "fan2": 5010,
                "temp_pcb1": "60-61", "temp_pcb2": "60-61", "temp_pcb3": "60-61",
                "temp_chip1": "70-71", "temp_chip2": "70-71", "temp_chip3": "70-71",
                "chain_acn1": 108, "chain_acn2": 108, "chain_acn3": 108,
                "chain_rate1": "66000.0", "chain_rate2": "66000.0", "chain_rate3": "66000.0",
            },
        ],
    }
).encode()  # fmt: skip

POOLS = json.dumps(
    {"STATUS": [{"STATUS": "S"}], "POOLS": [{"URL": "stratum+tcp://pool:3333", "User": "a", "Stratum Active": True}]}
).encode()
ANTMINER = machines.speaks({"stats": STATS, "pools": POOLS})


@pytest.fixture
def field() -> Iterator[Field]:
    with machines.field() as started:
        yield started


@pytest.fixture
def world(settings, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.COLLECTOR_SLOTS, settings.SWEEP_S = 4, 20
    monkeypatch.setattr(writer, "RETRY_AFTER_S", 0.0)
    targets.forget()
    return make_world(devices=4)


def put(field: Field, world: World, behaviour: machines.Behaviour = ANTMINER) -> None:
    """All machines of the world answer, each at a port of its own."""
    for device in Device.objects.all():
        Device.objects.filter(pk=device.pk).update(address="127.0.0.1", port=field.put(behaviour))
    targets.forget()


def replace(field: Field, device: Device, behaviour: machines.Behaviour) -> None:
    Device.objects.filter(pk=device.pk).update(port=field.put(behaviour))
    targets.forget()


def state_of(device: Device) -> tuple[str, str]:
    now = DeviceNow.objects.get(device=device)
    return now.state, now.reason


def test_every_machine_of_the_slot_is_stored_with_what_it_said(field: Field, world: World) -> None:
    put(field, world)

    report = sweep_slot(0)

    assert report["outcome"] == "done"
    assert (report["polled"], report["answered"], report["failed"]) == (10, 10, {})
    assert world.c1.totals.hashrate_ths == pytest.approx(4 * 198.0)
    assert {now.model_reported for now in DeviceNow.objects.all()} == {"Antminer S21"}
    assert {state_of(device)[0] for device in world.c1.devices.all()} == {"ok"}
    run = JobRun.objects.get(name="compute.sweep_slot/0")
    assert run.outcome == "done"
    assert run.detail["answered"] == 10
    assert run.detail["cpu_s"] > 0
    heard = [(row.language, row.asked, row.answered) for row in LanguageHour.objects.all()]
    assert sum(answered for _, _, answered in heard) == 10
    assert all(asked == answered for _, asked, answered in heard)


def test_second_sweep_polls_what_the_first_one_inspected(field: Field, world: World) -> None:
    put(field, world)
    assert sweep_slot(0)["inspected"] == 10

    report = sweep_slot(0)

    assert report["answered"] == 10
    assert report.get("inspected", 0) <= 1
    timed = sum(sum(row.histogram) for row in LanguageHour.objects.all())
    assert timed == 10 - report.get("inspected", 0)  # polls alone: an inspection is several questions


def test_slot_without_machines_says_so(world: World) -> None:
    report = sweep_slot(3)

    assert report == {"outcome": "skipped", "why": "no site of this slot has a machine that can be asked"}


def test_site_beyond_the_number_of_slots_is_swept_all_the_same(field: Field, world: World) -> None:
    type(world.pecos).objects.filter(code="PECOS").update(collector_slot=6)
    put(field, world)

    assert sweep_slot(2)["polled"] == 4
    assert sweep_slot(0)["polled"] == 6


def test_machine_that_cannot_be_asked_is_counted_and_not_connected_to(field: Field, world: World) -> None:
    put(field, world)
    first, second, *_ = world.c1.devices.all()
    Device.objects.filter(pk=first.pk).update(language="esperanto")
    Device.objects.filter(pk=second.pk).update(address="169.254.169.254")
    targets.forget()

    report = sweep_slot(0)

    assert report["polled"] == 8
    assert report["left_out"] == {"unknown language esperanto": 1, "address not allowed": 1}


def test_slot_that_another_worker_sweeps_is_left_to_it(field: Field, world: World) -> None:
    put(field, world)
    leases.take("sweep/0", ttl_s=60)

    assert sweep_slot(0) == {"outcome": "skipped", "why": "another worker sweeps this slot now"}
    assert not SiteSweep.objects.exists()


def begun_before(seconds_by_slot: dict[int, int]) -> None:
    """The last sweep of each of these slots began so long ago, and is over."""
    for slot, seconds in seconds_by_slot.items():
        leases.release(leases.take(sweep.lease_name(slot), 60))
        begun = database_now() - timedelta(seconds=seconds)
        Lease.objects.filter(name=sweep.lease_name(slot)).update(taken_at=begun)


def test_slots_wait_in_the_order_in_which_their_last_sweeps_began(world: World) -> None:
    begun_before({0: 15, 1: 40, 2: 5})
    assert sweep.waiting() == [3, 1, 0]  # 3 was never swept, 2 began less than half of 20 s ago


def test_whoever_is_woken_sweeps_the_slot_that_waited_longest(field: Field, world: World) -> None:
    put(field, world)
    begun_before({0: 25, 1: 30, 2: 45, 3: 21})
    leases.take(sweep.lease_name(2), 60)
    Lease.objects.filter(name=sweep.lease_name(2)).update(taken_at=database_now() - timedelta(seconds=45))
    assert [sweep.sweep_in_turn(3) and JobRun.objects.latest("pk").name for _ in range(3)] == [
        "compute.sweep_slot/1",
        "compute.sweep_slot/0",
        "compute.sweep_slot/3",
    ]


def test_slot_that_did_not_wait_is_swept_for_whoever_asks_for_it(field: Field, world: World) -> None:
    put(field, world)
    begun_before({0: 5, 1: 5, 2: 5, 3: 5})
    sweep.sweep_in_turn(2)
    assert JobRun.objects.latest("pk").name == "compute.sweep_slot/2"


def test_lease_is_given_back(field: Field, world: World) -> None:
    put(field, world)
    sweep_slot(0)

    assert Lease.objects.get(name="sweep/0").expires_at <= database_now()


def test_worker_that_lost_its_lease_writes_nothing(field: Field, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put(field, world)
    taken = leases.take

    def take_and_sleep_through(name: str, ttl_s: float) -> Lease | None:
        lease = taken(name, ttl_s)
        Lease.objects.update(expires_at=database_now() - timedelta(seconds=1))
        return lease

    monkeypatch.setattr(leases, "take", take_and_sleep_through)

    report = sweep_slot(0)

    assert report["outcome"] == "failed"
    assert report["why"] == "the lease ran out before the sweep was done"
    assert not SiteSweep.objects.exists()


def test_silent_machine_is_critical_after_two_sweeps_and_then_left_alone(field: Field, world: World) -> None:
    put(field, world)
    victim = world.c1.devices.first()
    replace(field, victim, machines.closes_at_once)

    first = sweep_slot(0)
    SweepMemory.objects.update(swept_at=database_now() - timedelta(seconds=20))
    second = sweep_slot(0)
    third = sweep_slot(0)

    assert first["failed"] == second["failed"] == {"closed": 1}
    assert (third["failed"], third["left_alone"]) == ({}, 1)


def test_reading_a_site_by_hand_asks_the_silent_ones_too_and_wakes_them(field: Field, world: World) -> None:
    put(field, world)
    victim = world.c1.devices.first()
    replace(field, victim, machines.closes_at_once)
    for _ in range(3):
        sweep_slot(0)
    replace(field, victim, ANTMINER)

    by_hand = read_site("PECOS")

    assert (by_hand["polled"], by_hand["answered"]) == (4, 4)
    assert state_of(victim)[0] == "ok"
    assert sweep_slot(0)["left_alone"] == 0


def test_another_process_goes_on_with_what_this_one_remembers(field: Field, world: World) -> None:
    put(field, world, machines.closes_at_once)
    sweep_slot(0)
    sweep_slot(0)

    remembered = memory.recall(0)

    assert len(remembered.silences) == 10
    assert {silence.misses for silence in remembered.silences.values()} == {2}
    assert remembered.turn == 2


def test_changed_address_is_asked_at_the_next_sweep(field: Field, world: World) -> None:
    put(field, world)
    sweep_slot(0)
    before = targets.map_version()
    Device.objects.filter(pk=world.c1.devices.first().pk).update(port=field.put(ANTMINER))

    deadline = time.monotonic() + 60
    while targets.map_version() == before and time.monotonic() < deadline:
        time.sleep(0.2)

    assert targets.map_version() > before


def test_sweep_remembers_how_many_inspections_there_was_time_for(field: Field, world: World) -> None:
    put(field, world)

    report = sweep_slot(0)

    assert report["inspections_allowed"] == 1000
    assert memory.recall(0).inspections in (500, 1000, 1500)  # by how long it took


def test_database_that_goes_away_ends_the_sweep_with_a_word_and_the_next_one_goes_on(
    field: Field, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(field, world)
    write = sweep.store.write

    def gone(*_: object) -> None:
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(sweep.store, "write", gone)
    report = sweep_slot(0)
    monkeypatch.setattr(sweep.store, "write", write)

    assert report["outcome"] == "failed"
    assert "shutting down" in report["why"]
    assert JobRun.objects.get(name="compute.sweep_slot/0").outcome == "failed"
    assert sweep_slot(0)["outcome"] == "done"


def test_command_reads_a_site_once_and_tells_in_json(field: Field, world: World, capsys) -> None:
    put(field, world)

    call_command("collect", site="PECOS", once=True, json=True)

    report = json.loads(capsys.readouterr().out)
    assert (report["outcome"], report["answered"]) == ("done", 4)


def test_command_refuses_a_slot_or_site_that_does_not_exist(world: World) -> None:
    with pytest.raises(CommandError, match="slots 0 to 3"):
        call_command("collect", slot=9, once=True)
    with pytest.raises(CommandError, match="no site NOWHERE"):
        call_command("collect", site="NOWHERE", once=True)


def collector(*words: str) -> subprocess.Popen:
    name = connection.settings_dict["NAME"]
    url = os.environ["CANGO_DATABASE_URL"]
    environment = os.environ | {"CANGO_DATABASE_URL": f"{url.rsplit('/', 1)[0]}/{name}", "CANGO_SWEEP_S": "5"}
    argv = [sys.executable, "manage.py", "collect", "--json", *words]
    return subprocess.Popen(argv, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(seen: object, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def test_killed_worker_is_followed_by_another_one(field: Field, world: World) -> None:
    put(field, world, machines.hangs)
    process = collector("--slot", "0")
    wait_for(lambda: Lease.objects.filter(name="sweep/0").exists())
    time.sleep(0.5)

    process.send_signal(signal.SIGKILL)
    process.communicate()
    put(field, world)

    Lease.objects.update(expires_at=database_now() + timedelta(seconds=60))  # as within its fifteen seconds
    assert sweep_slot(0)["outcome"] == "skipped"
    Lease.objects.update(expires_at=database_now())  # as after its fifteen seconds
    assert sweep_slot(0)["answered"] == 10


def test_collector_stops_cleanly_when_told_to(field: Field, world: World) -> None:
    put(field, world, machines.hangs)
    process = collector("--slot", "0")
    wait_for(lambda: Lease.objects.filter(name="sweep/0").exists())
    time.sleep(0.5)

    process.send_signal(signal.SIGTERM)
    out, error = process.communicate(timeout=60)

    assert process.returncode == 0, error.decode()
    report = json.loads(out)
    assert report["outcome"] == "failed"
    assert report["why"] == "stopped before 10 machines had answered"
    assert Lease.objects.get(name="sweep/0").expires_at <= database_now()
