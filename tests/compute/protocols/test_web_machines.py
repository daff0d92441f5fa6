"""Machines that speak HTTP or a dialect of their own: ePIC, Auradine, Proto, Bitaxe, Elphapex, VolcMiner."""

import msgspec
import pytest

from cango_ops.wire import Garbled
from compute.protocols import bitaxe, elphapex, volcminer
from compute.protocols.auradine import Auradine
from compute.protocols.bitaxe import Bitaxe
from compute.protocols.cgminer import parse_reply
from compute.protocols.epic import Epic, parse_tree
from compute.protocols.proto import ProtoRig
from compute.protocols.reading import Board, Fault, Pool, State
from tests.compute.protocols.worlds import Machine, answer, joined

EPIC = {
    "Status": {"Operating State": "Mining", "Last Error": None},
    "Session": {"Uptime": 23170, "Accepted": 1862, "Rejected": 2},
    "HBs": [{"Index": 1, "Hashrate": [49440724.0, 103.1, 0.8], "Temperature": 67.0}],
    "HBStatus": [
        {"Index": 0, "Detected": True, "Enabled": False},
        {"Index": 1, "Detected": True, "Enabled": True},
        {"Index": 2, "Detected": False, "Enabled": True},
    ],
    "Power Supply Stats": {"Input Power": 2166.6},
    "PresetInfo": {"Target Power": 3000},
    "PerpetualTune": {"Algorithm": {"VoltageOptimizer": {"Target": 143, "Unit": "TH/s"}}},
    "Fans Rpm": {"Fans Speed 1": 5971, "Fans Speed 10": None, "Fans Speed 2": 0, "Fans Speed 3": None},
    "Stratum": {"Current Pool": "pool:3334", "IsPoolConnected": True},
    "StratumConfigs": [{"pool": "stratum+tcp://pool:3334", "login": "w"}, {"pool": "stratum+tcp://other:1"}],
}


def test_epic_boards_that_are_off_are_still_in_the_machine():
    reading = Machine({"summary": msgspec.json.encode(EPIC)}).talk(Epic().poll())

    assert reading.boards == [Board(slot=0), Board(slot=1, hashrate_ths=49.440724, temperature_c=67.0)]
    assert reading.errors == [Fault(code="board_off", message="board 0 is not enabled")]
    assert (reading.hashrate_ths, reading.expected_hashrate_ths) == (49.440724, 143.0)
    assert (reading.power_w, reading.power_limit_w, reading.fans_rpm) == (2166.6, 3000.0, [5971, 0])
    assert reading.pools[0] == Pool(url="stratum+tcp://pool:3334", user="w", accepted=1862, rejected=2, active=True)
    assert reading.pools[1].active is False


def test_epic_refuses_with_status_200():
    with pytest.raises(Garbled, match="wrong password"):
        parse_tree(b'{"result":false,"error":"wrong password"}')


AURADINE = {
    "summary": answer("SUMMARY", {"Elapsed": 56696, "MHS 5s": 20.6e6, "MHS 1m": 10.25e6}),
    "devs": answer("DEVS", {"DEV": 1, "ID": 1, "MHS 5s": 6.8e6, "Temperature": 28.25, "Status": "Alive"}),
    "psu": answer("PSU", {"PowerIn": "58.94W", "PowerOut": "0.00W"}),
    "fan": answer("Fan", {"ID": 1, "Speed": 7080}),
    "temperature": answer("Temperature", {"ID": 1, "BoardTemp": [{"Temperature": 41.5}], "ChipTemp": None}),
    "mode": answer("Mode", {"Mode": "custom", "Power": 2000, "Sleep": "on", "Ths": 160}),
}


def test_auradine_numbers_carry_units():
    machine = Machine({"summary+devs+psu+fan+temperature+mode": joined(**AURADINE)})

    reading = machine.talk(Auradine().poll())

    assert len(machine.asked) == 1
    assert (reading.hashrate_ths, reading.power_w, reading.power_limit_w) == (20.6, 58.94, 2000.0)
    assert reading.boards == [Board(slot=1, hashrate_ths=6.8, temperature_c=41.5)]
    assert reading.state is State.SLEEPING


def test_a_proto_rig_says_gigahashes():
    mining = {"mining-status": {"hashrate_ghs": 141147.5, "ideal_hashrate_ghs": 145000, "power_usage_watts": 3447.0}}
    mining["mining-status"] |= {"status": "Mining", "power_target_watts": 3400, "mining_uptime_s": 28}
    board = {"index": 0, "hashrate": {"unit": "TH/s", "value": 36.4}, "temperature": {"inlet": 41.2, "outlet": 55.2}}
    answers = {"mining": mining, "telemetry_full": {"hashboards": [board]}}

    reading = Machine({name: msgspec.json.encode(tree) for name, tree in answers.items()}).talk(ProtoRig().poll())

    assert (reading.hashrate_ths, reading.expected_hashrate_ths, reading.power_w) == (141.1475, 145.0, 3447.0)
    assert reading.boards == [Board(slot=0, hashrate_ths=36.4, temperature_c=55.2)]
    assert reading.state is State.MINING


AXE = {
    "ASICModel": "BM1368",
    "hashRate": 1000,
    "power": 2.65,
    "temp": 59.875,
    "vrTemp": 78,
    "fanrpm": 3517,
    "asicCount": 1,
    "uptimeSeconds": 4,
    "stratumURL": "pool",
    "stratumPort": 3333,
    "sharesAccepted": 7,
}


def test_one_answer_holds_a_bitaxe():
    reading = Machine({"system_info": msgspec.json.encode(AXE)}).talk(Bitaxe().poll())

    assert (reading.hashrate_ths, reading.power_w, reading.fans_rpm, reading.quality) == (1.0, 2.65, [3517], "ok")
    assert reading.boards == [Board(slot=0, hashrate_ths=1.0, temperature_c=78.0, chip_temperature_c=59.875, chips=1)]
    assert reading.pools == [Pool(url="pool:3333", accepted=7, active=True)]


def test_a_lamp_is_no_miner():
    with pytest.raises(Garbled, match="not a miner"):
        bitaxe.parse(b'{"name":"Philips hue","modelid":"BSB002"}')


def test_elphapex_says_megahashes_and_milli_degrees():
    row = {"elapsed": 60, "rate_5s": 2900.5, "rate_ideal": 3003.75, "rate_unit": "MH/s", "fan": ["420", "1020"]}
    row["chain"] = [
        {"index": 0, "asic_num": 0, "rate_real": 0, "temp_pcb": [47], "temp_chip": ["", ""]},
        {"index": 3, "asic_num": 120, "rate_real": 2900.5, "temp_pcb": [47, 67], "temp_chip": ["25687", "25562"]},
    ]
    raw = answer("STATS", row, INFO={"type": "DG-Home1", "dev_sn": "13HY"})

    reading = elphapex.read_stats(parse_reply(raw))

    assert (reading.hashrate_ths, reading.fans_rpm, reading.serial) == (0.0029005, [420, 1020], "13HY")
    assert reading.boards == [
        Board(slot=0, hashrate_ths=0.0, chips=0),
        Board(slot=3, hashrate_ths=0.0029005, temperature_c=67.0, chip_temperature_c=25.687, chips=120),
    ]


def test_volcminer_numbers_have_commas_and_mean_megahashes():
    raw = b'{"summary":{"elapsed":"42","ghs5s":"18,500.5"},"fan1":"1,200","fan2":"1300","fan3":"0","fan4":"0"}'

    reading = volcminer.parse_status(raw)

    assert (reading.hashrate_ths, reading.uptime_s, reading.fans_rpm) == (0.0185005, 42, [1200, 1300])


def test_volcminer_forgets_a_comma_between_objects():
    raw = b'{"STATUS":[{"STATUS":"S"}],"STATS":[{"CGMiner":"2.3.3"}{"STATS":0,"fan1":5610,"chain_acn1":105}],"id":1}'

    reading = volcminer.parse_stats(raw)

    assert (reading.fans_rpm, reading.boards) == ([5610], [Board(slot=1, chips=105)])
