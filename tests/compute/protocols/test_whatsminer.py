"""Whatsminer API 1, 2 and 3, by answers written after MicroBT's documents."""

import msgspec
import pytest

from cango_ops.wire import Framing, Garbled, NoAnswer
from compute.protocols import whatsminer_errors, whatsminer_v3
from compute.protocols.cgminer import parse_reply
from compute.protocols.reading import Board, Fault, State
from compute.protocols.whatsminer_v2 import (
    Whatsminer,
    parse_boards,
    parse_message,
    parse_summary,
    read_boards,
    read_summary,
)
from compute.protocols.whatsminer_v3 import WhatsminerV3
from tests.compute.protocols.worlds import Machine, answer, joined

ROW = {
    "Elapsed": 25000,
    "HS RT": 124500000.0,
    "MHS av": 125000000.0,
    "Factory GHS": 126000,
    "Power": 3200,
    "Power Limit": 3300,
    "Fan Speed In": 5400,
    "Fan Speed Out": 5280,
    "MAC": "D4:01:02:03:04:05",
    "Firmware Version": "'20230803.11.REL'",
    "Error Code Count": 2,
    "Error Code 0": 110,
    "Error Code 1": 5072,
}
DEVS = answer("DEVS", {"ASC": 0, "Slot": 0, "MHS av": 41.5e6, "Temperature": 65.0, "Chip Temp Max": 80.0})


def test_summary_and_boards_are_two_connections_or_one_where_they_join():
    machine = Machine({"summary": answer("SUMMARY", ROW), "edevs": DEVS})
    joining = Machine({"summary+edevs": joined(summary=answer("SUMMARY", ROW), edevs=DEVS)})

    reading = machine.talk(Whatsminer().poll())

    assert machine.names == ["summary", "edevs"]
    assert joining.talk(Whatsminer().poll(join=True)) == reading
    assert joining.names == ["summary+edevs"]
    assert (reading.hashrate_ths, reading.expected_hashrate_ths) == (124.5, 126.0)
    assert (reading.power_w, reading.power_limit_w) == (3200.0, 3300.0)
    assert reading.fans_rpm == [5400, 5280]
    assert reading.firmware == "20230803.11.REL"
    assert reading.boards == [Board(slot=0, hashrate_ths=41.5, temperature_c=65.0, chip_temperature_c=80.0)]
    assert reading.errors == [
        Fault(code="110", message="Intake fan speed error."),
        Fault(code="5072", message="Slot 2 water speed is abnormal."),
    ]


def test_a_rate_that_slipped_into_terahashes_is_seen_by_the_others():
    reading = Machine({"summary": answer("SUMMARY", ROW | {"HS RT": 124.5})}).talk(Whatsminer().poll())

    assert reading.hashrate_ths == 124.5
    assert "HS RT is in TH/s here" in reading.notes


HEALTHY = ROW | {"Error Code Count": 0}


@pytest.mark.parametrize(
    "row",
    [
        HEALTHY,
        HEALTHY | {"HS RT": 0.0, "MHS av": 0.0},
        HEALTHY | {"HS RT": 1e30},
        HEALTHY | {"Power Limit": 0, "Fan Speed In": 99999},
        ROW,
        {key: value for key, value in HEALTHY.items() if key != "HS RT"},
    ],
    ids=["healthy", "standing", "absurd", "unlimited", "faulty", "without HS RT"],
)
def test_the_short_way_and_the_long_way_read_the_same(row):
    raw = answer("SUMMARY", row)

    assert parse_summary(raw) == read_summary(parse_reply(raw))
    assert parse_boards(DEVS) == read_boards(parse_reply(DEVS))


def test_switched_off_is_asleep():
    status = b'{"STATUS":"S","Code":131,"Msg":{"mineroff":"true"}}'
    answers = {"summary": answer("SUMMARY", ROW | {"HS RT": 0.0, "MHS av": 0}), "status": status}

    assert Machine(answers).talk(Whatsminer().inspect()).state is State.SLEEPING


def test_the_faults_of_both_reports_are_told_once():
    listed = b'{"STATUS":"S","Code":131,"Msg":{"error_code":["110":"2024-06-15 09:15:00","218":"2024-06-15 10:30:00"]}}'
    answers = {"summary": answer("SUMMARY", ROW), "get_error_code": listed}

    reading = Machine(answers).talk(Whatsminer().inspect())

    assert [fault.code for fault in reading.errors] == ["110", "5072", "218"]


def test_a_message_that_is_a_sentence_is_a_refusal():
    with pytest.raises(Garbled, match="can't access write cmd"):
        parse_message(b'{"STATUS":"S","Code":14,"Msg":"can\'t access write cmd"}')


def test_an_error_list_of_all_kinds_gives_its_codes():
    listed = ["2010", 541, {"541": "x", "reason": "hashboard"}, {"5032": "Slot 2 voltage abnormal"}, "not-a-code", None]

    faults = whatsminer_errors.read_codes(listed)

    assert [fault.code for fault in faults] == ["2010", "541", "5032"]
    assert whatsminer_errors.read_codes("btminer process is down err") == []


def v3(message: object, code: int = 0) -> bytes:
    return msgspec.json.encode({"code": code, "when": 1, "msg": message, "desc": "get.miner.status"})


def test_api_3_asks_in_frames_with_a_length():
    asked = whatsminer_v3.ask("get.miner.status", "summary")

    assert asked.framing is Framing.LENGTH_LE32
    assert asked.payload == b"\x2c\x00\x00\x00" + b'{"cmd":"get.miner.status","param":"summary"}'


SUMMARY_3 = {
    "elapsed": 50000,
    "hash-realtime": 171.259,
    "factory-hash": 181.051,
    "power-realtime": 3156.0,
    "power-limit": 3600,
    "fan-speed-in": 5400,
    "fan-speed-out": 5280,
    "board-temperature": [41.1, 40.1],
}


def test_api_3_speaks_of_terahashes():
    edevs = {"edevs": [{"id": 0, "hash-realtime": 57.2, "chip-temp-max": 80.0, "effective-chips": 75}]}
    answers = {"get_miner_status_summary": v3({"summary": SUMMARY_3}), "get_miner_status_edevs": v3(edevs)}

    reading = Machine(answers).talk(WhatsminerV3().poll())

    assert reading.hashrate_ths == 171.259
    assert reading.power_w == 3156.0
    assert reading.boards == [Board(slot=0, hashrate_ths=57.2, temperature_c=41.1, chip_temperature_c=80.0, chips=75)]


def test_api_3_refuses_with_a_sentence():
    machine = Machine({"get_miner_status_summary": v3("invalid command", code=-2)})

    with pytest.raises((Garbled, NoAnswer)):
        machine.talk(WhatsminerV3().poll())


def test_api_3_may_say_its_faults_in_one_sentence():
    device = {"miner": {"type": "M60S_VK40"}, "error-code": "btminer process is down err"}
    answers = {"get_miner_status_summary": v3({"summary": SUMMARY_3}), "get_device_info": v3(device)}

    reading = Machine(answers).talk(WhatsminerV3().inspect())

    assert reading.errors == []
    assert "btminer process is down err" in reading.notes
