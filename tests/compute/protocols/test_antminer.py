"""Antminer stock firmware, by answers written after the recorded ones."""

import pytest

from cango_ops.wire import Garbled
from compute.protocols.antminer import Antminer, parse_poll, parse_stats
from compute.protocols.reading import Board, Fault, State
from tests.compute.protocols.worlds import Machine, answer

HEAD = {"BMMiner": "1.0.0", "Miner": "49.0.1.3", "Type": "Antminer S19 Pro"}
CHAINS = {
    "Elapsed": 50474,
    "GHS 5s": "110566.89",
    "miner_count": 3,
    "fan_num": 4,
    "fan1": 6000,
    "fan2": 5880,
    "fan3": 5040,
    "fan4": 0,
    "total_rateideal": 110000.0,
    "temp_pcb1": "73-45-64-65",
    "temp_pcb2": "47-50-65-66",
    "temp_pcb3": "46-44-64-63",
    "temp_pcb4": "0-0-0-0",
    "temp_chip1": "78-50-69-70",
    "temp_chip2": "52-55-70-71",
    "temp_chip3": "51-49-69-68",
    "temp_chip4": "0-0-0-0",
    "chain_acn1": 114,
    "chain_acn2": 114,
    "chain_acn3": 114,
    "chain_acn4": 0,
    "chain_acs1": " ooo ooo",
    "chain_acs2": " oxo oox",
    "chain_acs3": " ooo ooo",
    "chain_rate1": "37603.00",
    "chain_rate2": "35536.22",
    "chain_rate3": "37427.38",
    "chain_rate4": "",
}


def stats(**changed: object) -> bytes:
    return answer("STATS", HEAD, CHAINS | changed)


def test_one_connection_holds_a_sweep():
    machine = Machine({"stats": stats()})

    reading = machine.talk(Antminer().poll())

    assert machine.names == ["stats"]
    assert machine.asked[0].payload == b'{"command":"stats"}'
    assert reading.model == "Antminer S19 Pro"
    assert reading.firmware is None  # the inspection names it
    assert reading.vendor == "Bitmain"
    assert reading.state is State.MINING
    assert reading.uptime_s == 50474
    assert reading.hashrate_ths == 110.56689
    assert reading.expected_hashrate_ths == 110.0
    assert reading.power_w is None
    assert reading.fans_rpm == [6000, 5880, 5040, 0]
    assert reading.boards[0] == Board(slot=1, hashrate_ths=37.603, temperature_c=73, chip_temperature_c=78, chips=114)
    assert [board.slot for board in reading.boards] == [1, 2, 3]
    assert reading.quality == "ok"


def test_the_short_way_and_the_long_way_read_the_same():
    short, long = parse_poll(stats()), parse_stats(stats())
    long.errors = short.errors

    assert short == long


def test_dead_chips_are_faults():
    assert parse_stats(stats()).errors == [Fault(code="dead_chips", message="chain 2: 2 chips marked dead")]


def test_a_chain_without_chips_rate_and_heat_is_an_empty_place():
    reading = parse_poll(stats(chain_acn1=0, chain_rate1="", temp_pcb1="0-0-0-0", temp_chip1="0-0-0-0"))

    assert [board.slot for board in reading.boards] == [2, 3]


def test_a_machine_that_hashes_nothing_has_just_started_or_is_idle():
    assert parse_poll(stats(**{"GHS 5s": 0, "Elapsed": 60})).state is State.STARTING
    assert parse_poll(stats(**{"GHS 5s": 0, "Elapsed": 6000})).state is State.IDLE


def test_a_model_nobody_knows_is_still_read():
    raw = answer("STATS", HEAD | {"Type": "Antminer S99"}, CHAINS)

    reading = Machine({"stats": raw}).talk(Antminer().poll())

    assert (reading.model, reading.quality) == ("Antminer S99", "unknown model")
    assert reading.hashrate_ths == 110.56689


def test_a_refused_stats_is_followed_by_a_summary():
    refusal = answer("X", letter="E")
    summary = answer("SUMMARY", {"Elapsed": 900, "GHS 5s": 88422.0})

    reading = Machine({"stats": refusal, "summary": summary}).talk(Antminer().poll())

    assert reading.hashrate_ths == 88.422
    assert reading.boards is None
    assert reading.notes == ["stats: refused: ok (code 11)"]


NEW_API = {
    "elapsed": 501234,
    "rate_5s": 88422.0,
    "rate_ideal": 95000.0,
    "rate_unit": "GH/s",
    "fan": [4080, 4380],
    "chain": [
        {"index": 0, "rate_real": 29500.0, "asic_num": 88, "temp_pcb": [40.0, 47.0], "temp_chip": [55.0, 67.0]},
        {"index": 1, "rate_real": 29600.0, "asic_num": 88, "temp_pcb": [0, 0], "temp_chip": ["", ""]},
    ],
}


def test_the_newer_shape_of_stats_is_read_too():
    raw = answer("STATS", NEW_API, INFO={"miner_version": "49.0.1.3", "type": "Antminer S19"})

    reading = parse_poll(raw)

    assert reading.hashrate_ths == 88.422
    assert reading.fans_rpm == [4080, 4380]
    assert reading.boards == [
        Board(slot=0, hashrate_ths=29.5, temperature_c=47.0, chip_temperature_c=67.0, chips=88),
        Board(slot=1, hashrate_ths=29.6, chips=88),
    ]


def test_the_web_names_firmware_mac_and_serial_and_tells_sleep():
    system = b'{"minertype":"Antminer S19 Pro","macaddr":"02:B3:B9:8C:1E:C8","serinum":"ABC1",'
    system += b'"system_filesystem_version":"FR-1.12"}'
    answers = {"stats": stats(**{"GHS 5s": 0}), "get_system_info": system}
    answers["get_miner_conf"] = b'{"bitmain-work-mode":"1"}'

    reading = Machine(answers).talk(Antminer().inspect())

    assert (reading.firmware, reading.mac, reading.serial) == ("FR-1.12", "02:B3:B9:8C:1E:C8", "ABC1")
    assert reading.state is State.SLEEPING


@pytest.mark.parametrize(
    ("of_web", "firmware"),
    [("Tue Dec  6 16:12:30 CST 2022", "49.0.1.3"), ("FR-1.12(251009-S21)", "FR-1.12(251009-S21)")],
)
def test_the_day_of_a_build_names_no_firmware(of_web, firmware):
    answers = {"stats": stats(), "get_system_info": b'{"system_filesystem_version":"%s"}' % of_web.encode()}

    assert Machine(answers).talk(Antminer().inspect()).firmware == firmware


@pytest.mark.parametrize("raw", [b"", b"\x00", b"{", stats()[:100], b'{"STATUS":[{"STATUS":"S"}],"STATS":[]}'])
def test_empty_and_torn_answers_give_garbled_or_less(raw):
    try:
        reading = parse_poll(raw)
    except Garbled:
        return
    assert reading.hashrate_ths is None
