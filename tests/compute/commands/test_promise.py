import pytest

from compute.commands.promise import Machine, Promise, promise
from compute.telemetry.answers import Cell

ALL = frozenset(("sleep", "wake", "power_limit"))


def machine(kind="asic", reason="", hashrate_ths=200.0, power_w=3500.0, can=ALL, **more) -> Machine:
    cell = Cell(
        device_id=1, slot=1, kind=kind, address="127.0.0.1", model="", state="ok", reason=reason, since=None,
        observed_at=None, hashrate_ths=hashrate_ths, power_w=power_w,
    )  # fmt: skip
    return Machine(cell, can, **({"nameplate_w": 3500.0, "nameplate_ths": 200.0} | more))


def test_a_sleeping_machine_promises_all_but_its_control_board():
    assert promise("sleep", None, machine()) == Promise(3500.0, 3470.0, 200.0, is_measured=True)


def test_without_a_meter_of_its_own_the_nameplate_counts_by_the_hashrate():
    said = promise("sleep", None, machine(power_w=None, hashrate_ths=100.0))
    assert said == Promise(1750.0, 1720.0, 100.0, is_measured=False)


def test_a_limit_promises_the_difference():
    assert promise("power_limit", 2500, machine()) == Promise(3500.0, 1000.0, pytest.approx(57.142857), True)


def test_waking_promises_to_draw_more():
    said = promise("wake", None, machine(reason="asleep", hashrate_ths=0.0, power_w=32.0))
    assert (said.less_w, said.less_ths) == (-3468.0, -200.0)


def test_a_gpu_node_keeps_an_eighth_of_its_nameplate():
    said = promise("sleep", None, machine("gpu", hashrate_ths=None, power_w=4000.0, nameplate_w=5600.0))
    assert said.less_w == 3300.0


@pytest.mark.parametrize(
    ("verb", "limit_w", "change", "why"),
    [
        ("sleep", None, {"reason": "asleep"}, "asleep already"),
        ("sleep", None, {"hashrate_ths": 0.0, "power_w": 40.0}, "asleep already"),
        ("wake", None, {}, "awake already"),
        ("power_limit", 2500, {"reason": "asleep"}, "asleep: a limit would wake it"),
        ("power_limit", 600, {}, "limit below a fifth of its nameplate"),
        ("power_limit", 4300, {}, "limit above its nameplate"),
        ("power_limit", 2500, {"can": frozenset(("sleep",))}, "its language cannot be told this"),
        ("sleep", None, {"is_fresh": False}, "no fresh reading"),
        ("sleep", None, {"has_open": True}, "another command is open"),
        ("sleep", None, {"power_w": None, "nameplate_w": None}, "neither power nor nameplate known"),
    ],
)
def test_who_is_left_out_is_left_out_for_a_reason(verb, limit_w, change, why):
    assert promise(verb, limit_w, machine(**change)) == why


def test_a_machine_that_hashes_nothing_yet_draws_power_is_not_asleep():
    assert promise("sleep", None, machine(hashrate_ths=0.0, power_w=1200.0)).less_w == 1170.0
