"""Braiins OS, LuxOS, VNish and Avalon, by answers written after their documents."""

import msgspec
import pytest

from compute.protocols import ADAPTERS, signed
from compute.protocols.avalon import Avalon, facts_of, parse_state
from compute.protocols.braiins import Braiins
from compute.protocols.luxos import Luxos
from compute.protocols.reading import Board, State
from compute.protocols.signing import Login
from compute.protocols.vnish import Vnish
from tests.compute.protocols.worlds import Machine, answer, joined

BOS_SUMMARY = answer("SUMMARY", {"Elapsed": 7200, "MHS 5s": 13.5e6, "MHS av": 13.4e6})
BOS_DEVS = answer("DEVS", {"ASC": 0, "ID": 6, "MHS 5s": 4.5e6, "Nominal MHS": 4.6e6, "Status": "Alive"})
BOS_TEMPS = answer("TEMPS", {"TEMP": 0, "ID": 6, "Board": 59.0, "Chip": 75.0})
BOS_FANS = answer("FANS", {"FAN": 0, "RPM": 4440}, {"FAN": 1, "RPM": 4300}, {"FAN": 2, "RPM": 0}, {"FAN": 3, "RPM": 0})
BOS_TUNER = answer("TUNERSTATUS", {"ApproximateMinerPowerConsumption": 1179, "PowerLimit": 1420})


def test_a_sweep_of_braiins_is_one_joined_question():
    parts = joined(summary=BOS_SUMMARY, devs=BOS_DEVS, temps=BOS_TEMPS, fans=BOS_FANS, tunerstatus=BOS_TUNER)
    machine = Machine({"summary+devs+temps+fans+tunerstatus": parts})

    reading = machine.talk(Braiins().poll())

    assert machine.names == ["summary+devs+temps+fans+tunerstatus"]
    assert (reading.hashrate_ths, reading.expected_hashrate_ths) == (13.5, 4.6)
    assert (reading.power_w, reading.power_limit_w) == (1179.0, 1420.0)
    assert reading.fans_rpm == [4440, 4300]
    assert reading.boards == [Board(slot=6, hashrate_ths=4.5, temperature_c=59.0, chip_temperature_c=75.0)]


def test_braiins_without_rpc_is_read_over_rest():
    stats = {
        "miner_stats": {
            "real_hashrate": {"last_5s": {"gigahash_per_second": 141463.5}},
            "nominal_hashrate": {"gigahash_per_second": 142876.0},
        },
        "power_stats": {"approximated_consumption": {"watt": 3137}},
    }
    details = {"miner_identity": {"miner_model": "Antminer S19 XP"}, "status": 3, "mac_address": "02:ee:da:a9:b6:4a"}
    tuner = {
        "mode_state": {
            "powertargetmodestate": {"current_target": {"watt": 2431}, "profile": {"target": {"watt": 3031}}}
        }
    }
    answers = {"miner_stats": stats, "miner_details": details, "performance_tuner_state": tuner}
    machine = Machine({name: msgspec.json.encode(tree) for name, tree in answers.items()}, otherwise="refused")

    reading = machine.talk(Braiins().poll())

    assert (reading.model, reading.vendor) == ("Antminer S19 XP", "Bitmain")
    assert (reading.hashrate_ths, reading.power_w, reading.power_limit_w) == (141.4635, 3137.0, 3031.0)
    assert reading.state is State.SLEEPING
    assert "power scaling holds the target at 2431 W" in reading.notes


def test_braiins_rest_is_signed_in_with_a_token():
    answers = {"auth_login": b'{"token":"abc","timeout_s":3600}', "miner_stats": b'{"miner_stats":{}}'}
    machine = Machine(answers, otherwise="refused")

    machine.talk(signed("braiins", Login("root", "secret")).inspect())

    assert b'{"username":"root","password":"secret"}' in machine.asked[0].payload
    assert b"\r\nAuthorization: abc\r\n" in machine.asked[1].payload


def test_only_languages_with_a_sign_in_are_given_one():
    assert signed("luxos", Login("a", "b")) is ADAPTERS["luxos"]
    assert signed("braiins", None) is ADAPTERS["braiins"]


LUX = {
    "summary": answer("SUMMARY", {"Elapsed": 3453, "GHS 5s": 59756.0}),
    "devs": answer(
        "DEVS",
        {"ASC": 1, "MHS 5s": 20e6, "Nominal MHS": 20.5e6, "Temperature": 40.0},
        {"ASC": 0, "MHS 5s": 19e6, "Nominal MHS": 20.5e6, "Temperature": 40.0},
    ),
    "power": answer("POWER", {"PSU": False, "Watts": 1051}),
    "fans": answer("FANS", {"ID": 0, "RPM": 1920}),
    "temps": answer("TEMPS", {"ID": 0, "TopLeft": 47.0, "TopRight": 34.0, "BottomLeft": 0, "BottomRight": 33.0}),
}


def test_a_sweep_of_luxos_is_one_joined_question():
    machine = Machine({"summary+devs+power+fans+temps": joined(**LUX)})

    reading = machine.talk(Luxos().poll())

    assert (reading.hashrate_ths, reading.expected_hashrate_ths, reading.power_w) == (59.756, 41.0, 1051.0)
    assert reading.boards == [
        Board(slot=0, hashrate_ths=19.0, temperature_c=47.0),
        Board(slot=1, hashrate_ths=20.0, temperature_c=40.0),
    ]
    assert reading.notes == ["power is the firmware's estimate, not measured by the power supply"]


def test_the_watts_of_the_running_profile_are_the_limit():
    config = answer("CONFIG", {"Model": "Antminer S19k Pro", "Profile": "290MHz", "CurtailMode": "Sleep"})
    profiles = answer("PROFILES", {"Profile Name": "265MHz", "Watts": 1080}, {"Profile Name": "290MHz", "Watts": 1188})

    reading = Machine(LUX | {"config": config, "profiles": profiles}).talk(Luxos().inspect())

    assert (reading.power_limit_w, reading.model, reading.state) == (1188.0, "Antminer S19k Pro", State.SLEEPING)


def test_vnish_parts_its_name_from_the_machines():
    head = {"Type": "Antminer S21 Pro (Vnish 1.2.7)", "Miner": "0.0.0"}
    row = {"Elapsed": 4423, "GHS 5s": "173870.94", "state": "auto-tuning", "fan_num": 0, "fan1": 0}
    row |= {"chain_acn1": 65, "chain_rate1": 60797.0, "chain_consumption1": 861, "chain_fault1": "no chips"}

    reading = Machine({"stats": answer("STATS", head, row)}).talk(Vnish().poll())

    assert (reading.model, reading.firmware) == ("Antminer S21 Pro", "VNish 1.2.7")
    assert (reading.state, reading.power_w, reading.fans_rpm) == (State.TUNING, 861.0, [])
    assert [fault.message for fault in reading.errors] == ["no chips"]


A1246 = (
    "Ver[1246-83-21072802_4ec6bb0] DNA[02010000cbd2fd6d] SYSTEMSTATU[Work: In Work, Hash Board: 2 ] Elapsed[24684] "
    "Fan1[5344] Fan2[5392] PS[0 1214 1316 242 3189 1320 3504] GHSspd[81072.5] GHSmm[83923.0] GHSavg[79656.63] "
    "MGHS[26907.0 26025.0] MTmax[77 76] PVT_T0[ 63  70  70] PVT_T1[ 64  64  64] MPO[3200]"
)


def avalon(said: str, **more: object) -> bytes:
    return answer("STATS", {"STATS": 0, "ID": "AVA100", "Elapsed": 24684, "MM ID0": said, **more})


def test_values_may_hold_blanks_colons_and_commas():
    assert facts_of(A1246)["SYSTEMSTATU"] == "Work: In Work, Hash Board: 2"
    assert facts_of("'STATS':{Ver[Q-1] SSID[] Nonce Mask[25]}") == {"Ver": "Q-1", "SSID": "", "Nonce Mask": "25"}


def test_one_string_holds_an_avalon():
    machine = Machine({"stats": avalon(A1246)})

    reading = machine.talk(Avalon().poll())

    assert machine.names == ["stats"]
    assert (reading.hashrate_ths, reading.expected_hashrate_ths) == (81.0725, 83.923)
    assert (reading.power_w, reading.power_limit_w, reading.fans_rpm) == (3189.0, 3200.0, [5344, 5392])
    assert (reading.model, reading.serial, reading.quality) == ("1246", "02010000cbd2fd6d", "ok")
    assert reading.boards == [
        Board(slot=0, hashrate_ths=26.907, chip_temperature_c=77.0, chips=3),
        Board(slot=1, hashrate_ths=26.025, chip_temperature_c=76.0, chips=3),
    ]


@pytest.mark.parametrize(
    ("version", "supply", "limit", "watts"),
    [
        ("Nano3s-2502", "0 0 27541 4 0 3756 133", 133, 133.0),
        ("Nano3-2410", "0 0 1 2 3 89 4", 90, 89.0),
        ("1566-2410", "0 1215 1339 271 3526 1188 3731", 3600, 3731.0),
        ("1346-2410", "0 1215 1339 271 3210 1188 3731", 3300, 3210.0),
        ("1346-2410", "0 0 0 0 0 0 0", 3300, None),
    ],
)
def test_the_place_of_the_watts_depends_on_the_model(version, supply, limit, watts):
    assert parse_state(avalon(f"Ver[{version}] PS[{supply}] MPO[{limit}] GHSspd[1.0]")).power_w == watts


def test_an_avalon_told_to_sleep_shows_no_old_average_as_its_rate():
    said = "Ver[Q-25052801] SYSTEMSTATU[Work: In Idle, Hash Board: 1] SoftOFF[4] GHSspd[0.00] MGHS[44499.41] TA[160]"

    reading = parse_state(avalon(said))

    assert (reading.state, reading.hashrate_ths) == (State.SLEEPING, 0.0)
    assert all(board.hashrate_ths is None for board in reading.boards or [])


def test_litestats_is_asked_where_stats_is_empty():
    lite = answer("STATS", {"MM ID0:Summary": "'STATS':{Ver[Q-1] GHSspd[53000.0] HBITemp[75] MGHS[53000.0] TA[160]}"})
    machine = Machine({"stats": avalon(""), "litestats": lite})

    reading = machine.talk(Avalon().poll())

    assert machine.names == ["stats", "litestats"]
    assert reading.boards == [Board(slot=0, hashrate_ths=53.0, temperature_c=75.0, chips=160)]


def test_a_missing_sensor_says_273_below():
    assert parse_state(avalon("Ver[Nano3s-1] GHSspd[6598.84] ITemp[-273]")).notes == ["no inlet sensor"]


def test_a_sleeping_avalon_draws_what_the_wall_says_and_not_its_volts():
    said = "Ver[1466-23] SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] PS[0 1214 1316 2 28 1320 30] MPO[3230] GHSspd[0.00]"
    reading = parse_state(avalon(f"{said} SoftOFF[1]"))
    assert (reading.power_w, reading.state) == (30.0, State.SLEEPING)
