from dataclasses import replace

import pytest

from compute.protocols.reading import Board, Fault, Gpu, Pool, State
from compute.telemetry import verdict
from compute.telemetry.verdict import Expected, Whole
from tests.compute.telemetry.sweeps import mining, serving

S21 = Expected("asic", nameplate_ths=200.0, max_chip_c=95.0, boards=3)
NODE = Expected("gpu", max_chip_c=90.0, gpus=2)
NOON = 1_795_262_400  # 2026-11-21 12:00 UTC


def boards(*hashrates_ths, chip_c=70.0):
    return [Board(slot=slot, hashrate_ths=ths, chip_temperature_c=chip_c) for slot, ths in enumerate(hashrates_ths, 1)]


@pytest.mark.parametrize(
    ("reading", "state", "reason"),
    [
        (mining(200), "ok", ""),
        (mining(170), "ok", ""),
        (mining(169), "warning", "hashrate below 85 % of 200 TH/s"),
        (mining(99), "critical", "hashrate below 50 % of 200 TH/s"),
        (mining(0, state=State.STARTING), "ok", "starting"),
        (mining(0, state=State.SLEEPING), "maintenance", "asleep"),
        (mining(0, state=State.STOPPED), "critical", "stopped"),
        (mining(0, state=State.FAULT, errors=[Fault(code="P:1")]), "critical", "fault: P:1"),
        (mining(200, chip_c=90.0), "ok", ""),
        (mining(200, chip_c=91.0), "warning", "chip within 5 °C of its limit of 95 °C"),
        (mining(200, chip_c=96.0), "critical", "chip above its limit of 95 °C"),
        (mining(190, boards=boards(95.0, 0.0, 95.0)), "warning", "board 2 of 3 dead"),
        (mining(190, boards=boards(95.0, 95.0)), "warning", "2 of 3 boards answer"),
        (mining(200, fans_rpm=[5000, 0, 5000, 0]), "warning", "fan 2 and 4 of 4 dead"),
        (mining(200, pools=[]), "warning", "no pool set"),
        (mining(200, pools=[Pool(url="a", active=False)]), "warning", "no active pool"),
        (mining(200, pools=[Pool(url="a")]), "ok", ""),
        (mining(200, pools=None, boards=None, fans_rpm=None), "ok", ""),
        (mining(200, quality="unknown model"), "ok", "unknown model"),
        (mining(200, quality="partial"), "ok", "partial answer"),
        (mining(99, fans_rpm=[5000, 0]), "critical", "hashrate below 50 % of 200 TH/s"),
    ],
)
def test_a_miner_is_judged_by_its_gravest_fault(reading, state, reason):
    assert verdict.of_reading(reading, S21) == (state, reason)


@pytest.mark.parametrize(
    ("reading", "state", "reason"),
    [
        (mining(0, power_w=30.0, state=State.SLEEPING), "maintenance", "told to wake"),
        (mining(0, power_w=900.0, state=State.UNKNOWN), "maintenance", "told to wake"),
        (mining(0, state=State.STARTING), "maintenance", "told to wake"),
        (mining(0, boards=None, state=State.STOPPED), "maintenance", "told to wake"),
        (mining(169, boards=boards(169.0, 0.0)), "maintenance", "told to wake"),
        (mining(170), "ok", ""),
        (mining(0, state=State.FAULT, errors=[Fault(code="P:1")]), "critical", "fault: P:1"),
        (mining(100, chip_c=96.0), "critical", "chip above its limit of 95 °C"),
    ],
)
def test_of_a_miner_that_was_told_to_wake_only_faults_and_heat_are_told_before_it_is_there(reading, state, reason):
    assert verdict.of_reading(reading, S21, is_warming=True) == (state, reason)


def test_a_miner_that_was_told_to_wake_may_be_silent_while_it_restarts():
    said = verdict.of_silence("refused", NOON + 60, NOON, NOON, 20, is_warming=True)
    assert said == ("maintenance", "told to wake")


def test_a_node_that_loads_its_model_again_after_it_was_told_to_wake_is_not_asleep():
    assert verdict.of_reading(serving(state=State.SLEEPING), NODE, is_warming=True) == ("maintenance", "told to wake")
    assert verdict.of_reading(serving(), NODE, is_warming=True) == ("ok", "")


@pytest.mark.parametrize(
    ("reading", "state"),
    [
        (mining(0, power_w=30.0, state=State.UNKNOWN), "maintenance"),
        (mining(0, power_w=None, state=State.STOPPED), "maintenance"),
        (mining(0, power_w=525.0), "critical"),
        (mining(1, power_w=30.0), "critical"),
        (mining(0, power_w=30.0, state=State.FAULT), "critical"),
        (mining(0, power_w=30.0, state=State.STARTING), "ok"),
    ],
)
def test_a_miner_that_an_order_put_to_sleep_sleeps_while_it_hashes_and_draws_nothing(reading, state):
    told = replace(S21, asleep_below_w=525.0)  # 15 % of 3,500 W
    assert verdict.of_reading(reading, told).state == state


def test_nothing_is_held_against_a_model_nobody_knows():
    assert verdict.of_reading(mining(3, chip_c=120.0), Expected("asic")) == ("ok", "")


@pytest.mark.parametrize(
    ("reading", "state", "reason"),
    [
        (serving(), "ok", ""),
        (serving(count=1), "warning", "1 of 2 GPUs report"),
        (serving(count=0), "critical", "0 of 2 GPUs report"),
        (serving(state=State.IDLE), "ok", "idle"),
        (serving(gpus=[Gpu(uuid="a", xid=79), Gpu(uuid="b")]), "warning", "GPU 0 reported XID 79, fell off the bus"),
        (serving(gpus=[Gpu(uuid="a", temperature_c=91.0)] * 2), "critical", "GPU above its limit of 90 °C"),
    ],
)
def test_a_gpu_node_is_judged_by_its_gpus(reading, state, reason):
    assert verdict.of_reading(reading, NODE) == (state, reason)


@pytest.mark.parametrize(
    ("last_ok_at", "failed_at", "state", "reason"),
    [
        (NOON, NOON + 20, "warning", "no answer since 12:00 UTC (no whole answer in time)"),
        (NOON, NOON + 38, "critical", "no answer since 12:00 UTC (no whole answer in time)"),
        (NOON, NOON + 3600, "critical", "no answer since 12:00 UTC (no whole answer in time)"),
        (None, NOON, "warning", "never answered (no whole answer in time)"),
        (None, NOON + 20, "critical", "never answered (no whole answer in time)"),
    ],
)
def test_one_missed_sweep_warns_two_are_critical(last_ok_at, failed_at, state, reason):
    assert verdict.of_silence("deadline", failed_at, last_ok_at, first_at=NOON, sweep_s=20) == (state, reason)


def whole(**said):
    plain = {
        "devices": 10, "reporting": 10, "asleep": 0, "awake_ths": 2000.0, "hashrate_ths": 2000.0, "gpus": 0,
        "gpus_reporting": 0,
    }  # fmt: skip
    return Whole(**(plain | said))


@pytest.mark.parametrize(
    ("sums", "state", "reason"),
    [
        (whole(), "ok", ""),
        (whole(hashrate_ths=2100.0), "ok", ""),
        (whole(hashrate_ths=1850.0), "ok", ""),
        (whole(hashrate_ths=1800.0), "warning", "10 % of hashrate missing"),
        (whole(hashrate_ths=1600.0), "critical", "20 % of hashrate missing"),
        (whole(reporting=0, hashrate_ths=0.0), "critical", "link lost: none of 10 machines answers"),
        (whole(asleep=10, awake_ths=0.0, hashrate_ths=0.0), "maintenance", "asleep"),
        (whole(asleep=5, awake_ths=1000.0, hashrate_ths=1000.0), "ok", ""),
        (whole(asleep=9, awake_ths=200.0, hashrate_ths=0.0, deployed_ths=2100.0), "ok", ""),
        (
            whole(asleep=5, awake_ths=1000.0, hashrate_ths=0.0, deployed_ths=2000.0),
            "critical",
            "50 % of hashrate missing",
        ),
        (whole(gpus=16, gpus_reporting=12), "critical", "4 of 16 GPUs missing"),
        (whole(awake_ths=0.0, hashrate_ths=0.0, reporting=9), "warning", "1 of 10 machines silent"),
        (whole(devices=0, reporting=0), "unknown", "no machines"),
        (whole(asleep=10, waking=10, awake_ths=0.0, hashrate_ths=0.0), "maintenance", "told to wake"),
        (whole(asleep=10, waking=10, reporting=0, awake_ths=0.0, hashrate_ths=0.0), "maintenance", "told to wake"),
        (whole(asleep=10, waking=4, awake_ths=0.0, hashrate_ths=0.0), "maintenance", "asleep, 4 of 10 told to wake"),
        (
            whole(asleep=9, waking=9, reporting=0),
            "critical",
            "link lost: none of 10 machines answers",
        ),
    ],
)
def test_a_site_is_judged_by_what_is_missing(sums, state, reason):
    assert verdict.of_whole(sums) == (state, reason)
