"""Every value that a source's own tests assert of its recording, compared with what is read, none left out."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from compute.protocols import ADAPTERS, catalog, whatsminer_errors
from compute.protocols.avalon import parse_state
from compute.protocols.reading import Reading
from compute.protocols.recordings import recorded
from compute.protocols.replay import decode, replay
from tests.compute.protocols.worlds import CAPTURES, answer, needs_captures

pytestmark = needs_captures

MHS_PER_THS = 1e6
TOLD: dict[str, Any] = json.loads((CAPTURES / "EXPECTED.json").read_text()) if CAPTURES.is_dir() else {}
FOLDERS = sorted(name for name in TOLD if (CAPTURES / name).is_dir())


def board(at: int, field: str) -> Callable[[Reading], Any]:
    return lambda reading: getattr(reading.boards[at], field)


FIELDS: dict[str, Callable[[Reading], Any]] = {
    "model": lambda r: r.model,
    "firmware": lambda r: r.firmware,
    "firmware_version": lambda r: r.firmware,
    "mac": lambda r: r.mac,
    "serial": lambda r: r.serial,
    "uptime_s": lambda r: r.uptime_s,
    "is_mining": lambda r: r.state in ("mining", "starting", "tuning"),
    "hashrate_ths": lambda r: r.hashrate_ths,
    "hashrate_ths_gt": lambda r: r.hashrate_ths,
    "hashrate_mhs": lambda r: r.hashrate_ths * MHS_PER_THS,
    "expected_hashrate_ths": lambda r: r.expected_hashrate_ths,
    "expected_hashrate_mhs": lambda r: r.expected_hashrate_ths * MHS_PER_THS,
    "GHSmm": lambda r: r.expected_hashrate_ths * 1000,
    "wattage_w": lambda r: r.power_w,
    "wattage_w_gt": lambda r: r.power_w,
    "tuning_target_w": lambda r: r.power_limit_w,
    "version": lambda r: r.firmware,
    "BVer": lambda r: r.firmware,
    "fans": lambda r: len(r.fans_rpm),
    "fans_rpm": lambda r: r.fans_rpm,
    "hashboards": lambda r: len(r.boards),
    "expected_hashboards": lambda r: len(r.boards),
    "total_chips": lambda r: sum(found.chips for found in r.boards),
    "expected_chips": lambda r: sum(found.chips for found in r.boards),
    "chips_per_board": lambda r: r.boards[0].chips,
    "board0_chips": board(0, "chips"),
    "board1_chips": board(1, "chips"),
    "board0_working_chips": board(0, "chips"),
    "board3_working_chips": board(3, "chips"),
    "board3_expected_chips": board(3, "chips"),
    "hashboards_0_chips": board(0, "chips"),
    "board_temp_c": board(0, "temperature_c"),
    "chip_temp_c": board(0, "chip_temperature_c"),
    "board0_outlet_chip_c": board(0, "chip_temperature_c"),
    "chip_c_first": board(0, "chip_temperature_c"),
    "pcb_c": lambda r: [found.temperature_c for found in r.boards],
    "pools": lambda r: len(r.pools),
    "pools_per_group": lambda r: [len(r.pools) // 2, len(r.pools) // 2],
    "pool0": lambda r: {key: getattr(r.pools[0], key) for key in ("accepted", "rejected", "url", "user")},
    "messages": lambda r: [fault.message for fault in r.errors],
    "temp6": lambda r: next(found.temperature_c for found in r.boards if found.slot == 6),
    "temp2_6": lambda r: next(found.chip_temperature_c for found in r.boards if found.slot == 6),
    "temp7": lambda r: next(found.temperature_c for found in r.boards if found.slot == 7),
    "temp2_7": lambda r: next(found.chip_temperature_c for found in r.boards if found.slot == 7),
    "power_w": lambda r: r.power_w,
    "power_w_from_table": lambda r: catalog.find(r.model).power_w,
    "summary_ghs_av": lambda r: r.hashrate_ths * MHS_PER_THS,
}
# A reading has no place for these: the console asks for what an operator acts on.
NO_PLACE = {
    *("hostname", "api_version", "control_board", "light_flashing", "psu_fans", "board_version", "pool_groups"),
    *("average_temp_c", "tuning_percent", "efficiency", "Freq", "PVT_T0_first", "board0_freq_mhz"),
    *("board0_inlet_chip_c", "board1_chip69_mhs", "board2_chip72_mhs", "board0_expected_hashrate_ths"),
    *("board0_active", "summary_hw_errors", "hashboards_when_summary_format_is_used"),
}
# Compared in a test of their own below.
ELSEWHERE = {
    "scaled_target_w",
    "from_litestats",
    "chip_c",
    "with_errors_messages",
    "with_errors_first",
    "with_errors_count",
}
# Where the reading says otherwise, and why.
OTHERWISE = {
    ("vnish/S17-vnish", "model"): "Antminer S17",  # the firmware's name stands in `firmware`
    ("vnish/S17-vnish", "power_w"): None,  # that source looked it up in a table; the answer does not say it
    ("auradine/teraflux-AT1500-2023-12.27", "board0_outlet_chip_c"): pytest.approx(45.827, abs=0.001),  # the warmest
    ("auradine/teraflux-AT1500-2023-12.27", "messages"): [],  # "Normal" is no fault
    ("elphapex/DG-Home1-1.0.5", "messages"): [],  # two lamps that say "ok"
    ("antminer/L3plus-cgminer4.9.0-rwglr", "pcb_c"): [37, 37, 36],  # chain 1 has no chips: absent, not 0 C
    ("antminer/L3plus-cgminer4.9.0-rwglr", "summary_ghs_av"): pytest.approx(411.85, rel=0.01),  # MH/s, last 5 s
}


@pytest.mark.parametrize("name", FOLDERS)
def test_every_asserted_value_is_read(name):
    _, reading = decode(CAPTURES / name)

    deviations = {
        key: (read, value)
        for key, value in TOLD[name]["asserted"].items()
        if key not in (NO_PLACE | ELSEWHERE)
        and not agrees(key, read := FIELDS[key](reading), OTHERWISE.get((name, key), value))
    }

    assert deviations == {}


def agrees(key: str, read: Any, value: Any) -> bool:
    if key.endswith("_gt"):
        return bool(read > value)
    return bool(read == (pytest.approx(value) if type(value) in (int, float) else value))


def test_every_asserted_key_is_accounted_for():
    keys = {key for name in FOLDERS for key in TOLD[name]["asserted"]}

    assert keys - set(FIELDS) - NO_PLACE - ELSEWHERE == set()


def test_the_scaled_target_stands_in_a_note():
    for name in FOLDERS:
        scaled = TOLD[name]["asserted"].get("scaled_target_w")
        if scaled and scaled != TOLD[name]["asserted"]["tuning_target_w"]:
            _, reading = decode(CAPTURES / name)
            assert f"power scaling holds the target at {scaled:g} W" in reading.notes


def test_litestats_of_the_same_machine_reads_on_its_own():
    said = (
        "'STATS':{Ver[Q-25052801_14a19a2] HBITemp[75] PS[0 1221 2421 66 1598 2422 1670] MPO[1600] GHSspd[53000.0] "
        "MGHS[53000.0]}"
    )
    working = parse_state(answer("STATS", {"MM ID0:Summary": said}))
    _, asleep = decode(CAPTURES / "avalon/HomeQ-25052801/litestats.json")

    told = TOLD["avalon/HomeQ-25052801"]["asserted"]["from_litestats"]
    assert (working.power_w, working.boards[0].temperature_c) == (told["wattage_w"], told["board_temp_c"])
    assert (asleep.state, asleep.power_w, asleep.boards[0].temperature_c) == ("sleeping", 146.0, 27.0)


def test_chips_of_a_chain_without_chips_are_absent():
    _, reading = decode(CAPTURES / "antminer/L3plus-cgminer4.9.0-rwglr")

    assert {found.slot: found.chip_temperature_c for found in reading.boards} == {2: 46, 3: 44, 4: 42}


def test_the_malformed_answer_of_a_volcminer():
    _, reading = decode(CAPTURES / "volcminer/D1-inline/stats_malformed.txt")

    assert (reading.fans_rpm, [found.chips for found in reading.boards]) == ([5610], [105])


def test_the_mixed_error_list_of_api_3():
    listed = TOLD["whatsminer/v3 error-code payload"]["asserted"]

    assert sorted(int(fault.code) for fault in whatsminer_errors.read_codes(listed["input"])) == listed["codes"]
    assert whatsminer_errors.read_codes("btminer process is down err") == []


@pytest.mark.parametrize(
    ("name", "language", "file"),
    [
        ("whatsminer/v1-api1.4.0-20210322.22.REL", "whatsminer_v2", "summary"),
        ("whatsminer/v2-api2.0.5-20230803.11.REL", "whatsminer_v2", "get_error_code"),
        ("whatsminer/v3-api3.0.2-20251209.16.Rel2", "whatsminer_v3", "get_device_info"),
    ],
)
def test_the_answers_with_errors_give_the_asserted_faults(name, language, file):
    answers = recorded(CAPTURES / name)
    answers[file] = answers[f"{file}_with_errors"]

    faults = [(int(fault.code), fault.message) for fault in replay(ADAPTERS[language].inspect(), answers).errors]

    told = TOLD[name]["asserted"]
    asserted = [(code, message) for code, message, *_ in told.get("with_errors_messages") or told["with_errors_first"]]
    assert faults[: len(asserted)] == asserted
    assert len(faults) == told.get("with_errors_count", len(asserted))
