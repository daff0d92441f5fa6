import pytest

from cango_ops.estate import commands
from cango_ops.estate.chance import mix
from cango_ops.estate.course import course_of, started
from cango_ops.estate.faults import Fault, fault_of
from cango_ops.estate.layout import layout
from cango_ops.estate.machine import BOOT_S, Machine, Pulse, board_ths, fans_rpm
from cango_ops.estate.world import World
from tests.estate.small_estate import NOON, Clock

HOUR = 3_600.0


@pytest.fixture
def machine() -> Machine:
    world = World(layout(1, 620), Clock())
    found = (m for m in world.machines_of(world.sites[0]) if isinstance(m, Machine) and m.fault is Fault.NONE)
    return next(m for m in found if NOON - m.running(NOON)[0] > HOUR)


def test_a_ramp_is_half_done_in_its_middle():
    course = started(boot_at=0, silent_s=40, ramp_s=200)

    assert (course.load(20), course.load(140), course.load(240)) == (0.0, 0.5, 1.0)
    assert course.work_s(240) == 100.0
    assert course.work_s(300) == 160.0


def test_a_new_course_keeps_what_was_worked():
    course = course_of((0.0, 100.0), (1.0, 1.0)).then(50.0, (10.0, 0.0))

    assert course.load(55.0) == 0.5
    assert course.work_s(60.0) == 55.0
    assert course.work_s(1000.0) == 55.0


def test_a_machine_is_the_same_for_the_same_seed_and_moment():
    first, second = (World(layout(3, 620), Clock()).at("127.12.1.5") for _ in range(2))

    assert Pulse(first, NOON).ths == Pulse(second, NOON).ths
    assert first.fault is second.fault


def test_it_hashes_near_its_nameplate(machine):
    assert 0.8 * machine.plate.ths < Pulse(machine, NOON).ths < 1.1 * machine.plate.ths


def test_counters_never_fall_while_it_runs(machine):
    boot_at, _ = machine.running(NOON)
    moments = [boot_at + BOOT_S + 31.0 * i for i in range(100)]
    pulses = [Pulse(machine, t) for t in moments]

    assert [p.accepted for p in pulses] == sorted(p.accepted for p in pulses)
    assert [p.work_s for p in pulses] == sorted(p.work_s for p in pulses)


def test_it_warms_up_after_a_start(machine):
    boot_at, _ = machine.running(NOON)
    early, late = Pulse(machine, boot_at + BOOT_S + 60), Pulse(machine, boot_at + HOUR)

    assert early.ths < 0.5 * late.ths
    assert early.chip_c < late.chip_c
    assert early.is_starting
    assert not late.is_starting


def test_sleep_takes_seconds_and_waking_takes_minutes(machine):
    before = Pulse(machine, NOON).power_w
    commands.sleep(machine, NOON)
    assert Pulse(machine, NOON + 6).power_w == pytest.approx(before / 2, rel=0.1)
    assert Pulse(machine, NOON + 60).ths == 0
    assert Pulse(machine, NOON + 60).power_w == pytest.approx(32, abs=1)

    commands.wake(machine, NOON + 60)
    assert Pulse(machine, NOON + 80).ths == 0
    assert 0 < Pulse(machine, NOON + 60 + 120).power_w < 0.9 * before
    assert Pulse(machine, NOON + HOUR).power_w == pytest.approx(before, rel=0.1)


def test_a_power_limit_is_reached_and_held(machine):
    commands.limit(machine, NOON, 2000, settle_s=120)

    assert Pulse(machine, NOON + 30).power_w > 2_100
    assert Pulse(machine, NOON + 600).power_w == pytest.approx(2000, rel=0.03)
    assert machine.limit_w() == 2000


def test_a_limited_machine_is_more_efficient(machine):
    full = Pulse(machine, NOON)
    commands.limit(machine, NOON, machine.plate.watts * 0.7, settle_s=60)
    limited = Pulse(machine, NOON + HOUR)

    assert limited.power_w / limited.ths < full.power_w / full.ths


def test_a_reboot_begins_the_uptime_again(machine):
    commands.reboot(machine, NOON)

    assert Pulse(machine, NOON + 300).uptime_s == 300
    assert Pulse(machine, NOON + 300).accepted < 300


def test_without_pools_there_is_nothing_to_work_for(machine):
    commands.set_pools(machine, NOON, [])

    assert Pulse(machine, NOON + 60).ths == 0


def test_the_boards_make_up_the_machine(machine):
    pulse = Pulse(machine, NOON)

    assert sum(board_ths(machine, pulse, board) for board in range(3)) == pytest.approx(pulse.ths, rel=0.05)


def test_a_dead_board_takes_a_third(machine):
    whole = Pulse(machine, NOON).average_ths
    machine.fault = Fault.DEAD_BOARD

    assert Pulse(machine, NOON).average_ths == pytest.approx(whole * 2 / 3, rel=0.001)


def test_a_dead_fan_stands(machine):
    machine.fault = Fault.DEAD_FAN

    assert sorted(fans_rpm(machine, Pulse(machine, NOON)))[0] == 0
    assert sum(speed > 0 for speed in fans_rpm(machine, Pulse(machine, NOON))) == machine.plate.fans - 1


def test_a_few_machines_in_a_hundred_are_faulty_and_fewer_than_one_disturbs():
    dealt = [fault_of(mix(n)) for n in range(20_000)]
    disturbing = sum(fault in (Fault.HUNG, Fault.DRIP, Fault.GARBAGE) for fault in dealt)

    assert 0.03 < sum(fault is not Fault.NONE for fault in dealt) / 20_000 < 0.045
    assert disturbing / 20_000 < 0.01


def test_it_is_warmer_in_the_afternoon_than_before_dawn():
    site = World(layout(1, 620), Clock()).sites[0]  # Georgia: 20:30 UTC is about 15:00 by the sun
    assert site.ambient(NOON + 8.5 * HOUR) > site.ambient(NOON - 2.5 * HOUR) + 6
