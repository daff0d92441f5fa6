"""Answers of firmware that came after the first recordings, shortened: what each taught a reader."""

from pathlib import Path

import msgspec

from compute.protocols import avalon, bitaxe, nvidia_smi
from compute.protocols.antminer import parse_stats
from compute.protocols.replay import decode
from compute.protocols.whatsminer_v2 import parse_boards, parse_summary


def as_json(**words) -> bytes:
    return msgspec.json.encode(words)


# Whatsminer, API 2 of 2024 and later


def test_boards_of_newer_whatsminers_say_ths_where_mhs_is_written():
    boards = parse_boards(as_json(DEVS=[{"Slot": 0, "Temperature": 73.9, "MHS 1m": 45.61, "Factory GHS": 56792}]))

    assert boards[0].hashrate_ths == 45.61


def test_boards_of_older_whatsminers_say_mhs():
    boards = parse_boards(as_json(DEVS=[{"Slot": 0, "Temperature": 73.9, "MHS 1m": 45_610_000.0}]))

    assert boards[0].hashrate_ths == 45.61


def test_a_summary_may_stand_in_the_message_of_a_list_of_statuses():
    row = {"Elapsed": 200, "HS RT": 33_609_692, "Power": 3415.4}

    reading = parse_summary(as_json(STATUS=[{"STATUS": "S", "Code": 131, "Msg": row}]))

    assert (reading.hashrate_ths, reading.power_w, reading.uptime_s) == (33.609692, 3415.4, 200)


def test_a_dump_of_messages_by_name_is_parted(tmp_path: Path):
    path = tmp_path / "dump.txt"
    path.write_bytes(
        as_json(
            summary={"STATUS": "S", "Code": 131, "Msg": {"Elapsed": 884, "HS RT": 140_544_208, "Power": 3173.5}},
            edevs={"STATUS": [{"STATUS": "S"}], "DEVS": [{"Slot": 0, "MHS 1m": 45.61}]},
            get_miner_info={"STATUS": "S", "Code": 131, "Msg": {"mac": "CE:0C:1D:00:2A:53", "minersn": "H1"}},
        )
    )

    name, reading = decode(path)

    assert name == "whatsminer_v2"
    assert (reading.hashrate_ths, reading.mac, reading.serial) == (140.544208, "CE:0C:1D:00:2A:53", "H1")
    assert reading.boards[0].hashrate_ths == 45.61


def test_a_machine_that_has_just_booted_is_read_although_it_hashes_nothing(tmp_path: Path):
    path = tmp_path / "just_booted.json"
    row = {"Elapsed": 24, "HS RT": 0.0, "MHS av": 0.0, "Power": 262, "Factory GHS": 184229, "Fan Speed In": 0}
    path.write_bytes(as_json(STATUS=[{"STATUS": "S", "Msg": "Summary"}], SUMMARY=[row]))

    _, reading = decode(path)

    assert (reading.vendor, reading.state, reading.power_w) == ("MicroBT", "starting", 262.0)


# Avalon

WORKING = (
    "Ver[1066-50-20080702_a590d24] SYSTEMSTATU[Work: In Work, Hash Board: 2 ] Elapsed[166914] TMax[69] Fan1[6206] "
    "PS[0 1228 1299 238 3086 1296] GHSspd[0.00] GHSmm[53151.45] GHSavg[51187.10] MGHS[25593.50 25593.60] SoftOFF[0]"
)


def test_an_a10_that_draws_kilowatts_hashes_though_its_speed_is_always_nought():
    reading = avalon.parse_state(WORKING.encode())

    assert (reading.state, reading.hashrate_ths) == ("mining", 51.1871)
    assert [board.hashrate_ths for board in reading.boards] == [25.5935, 25.5936]


def test_one_that_draws_little_does_not():
    reading = avalon.parse_state(WORKING.replace("238 3086", "238 86").encode())

    assert (reading.state, reading.hashrate_ths) == ("idle", 0.0)
    assert [board.hashrate_ths for board in reading.boards] == [None, None]


def test_an_avalon_q_in_standby_still_draws_what_its_supply_takes():
    reading = avalon.parse_state(
        b"Ver[Q-25052801] SYSTEMSTATU[Work: In Idle, Hash Board: 1] PS[0 1216 1 0 0 2243 17] GHSspd[0.00] SoftOFF[4] "
        b"GHSavg[70967.01] MPO[800]"
    )

    assert (reading.state, reading.power_w) == ("sleeping", 17.0)


def test_a_tool_s_listing_of_an_avalon_is_read_line_by_line():
    listed = f"[STATS0] =>\n(\n   [ID] => AVA100\n   [MM ID0] => {WORKING}\n   [MM Count] => 1\n)\n"

    assert avalon.parse_state(listed.encode()).hashrate_ths == 51.1871
    assert avalon.parse_state(f"CMD=estats\nID=AVA100\nMM ID0={WORKING}\n".encode()).hashrate_ths == 51.1871


# Antminers cooled by water


def stats_of(model: str, **chain) -> bytes:
    row = {
        "elapsed": 100,
        "rate_5s": 358000,
        "rate_unit": "GH/s",
        "chain": [{"index": 0, "rate_real": 119000, **chain}],
    }
    return as_json(STATUS={"STATUS": "S"}, INFO={"type": model}, STATS=[row])


def test_water_is_no_chip_on_an_s21_hyd():
    board = parse_stats(stats_of("Antminer S21 XP Hyd.", temp_pcb=[0, 0, 0, 0], temp_chip=[30, 41, 0, 0])).boards[0]

    assert (board.temperature_c, board.chip_temperature_c) == (None, None)


def test_an_s21_plus_hyd_mixes_water_among_its_sensors():
    sensors = {"temp_pic": [80, 50, 51, 52], "temp_pcb": [30, 55, 39, 54], "temp_chip": [0, 0, 0, 0]}
    board = parse_stats(stats_of("Antminer S21+ Hyd.", **sensors)).boards[0]

    assert (board.temperature_c, board.chip_temperature_c) == (55.0, 80.0)


def test_the_same_array_of_a_machine_in_air_is_chips():
    board = parse_stats(stats_of("Antminer S19 XP", temp_pcb=[40, 50], temp_chip=[60, 71, 0, 0])).boards[0]

    assert (board.temperature_c, board.chip_temperature_c) == (50.0, 71.0)


def test_answers_under_headings_need_no_status(tmp_path: Path):
    path = tmp_path / "console.txt"
    path.write_text(
        '{"STATUS":[{"STATUS":"S"}],"STATS":[{"Type":"Antminer S19"},{"GHS 5s":95000.0,"chain_acn1":76}]}\n'
        '--- pools ---\n{"POOLS":[{"URL":"stratum+tcp://pool.example:3333","User":"a.1","Accepted":5}]}\n'
        '--- summary ---\n{"SUMMARY":[{"Elapsed":13196}]}\n'
    )

    _, reading = decode(path)

    assert (reading.pools[0].user, reading.pools[0].accepted, reading.uptime_s) == ("a.1", 5, 13196)


# Bitaxe, AxeOS 2.12 and later


def axe(**words) -> bytes:
    return as_json(**{"ASICModel": "BM1370", "hashRate": 1263.5, "temp": 61.5, "vrTemp": 60, "fanrpm": 3915, **words})


def test_a_paused_bitaxe_sleeps():
    assert bitaxe.parse(axe(hashRate=0, miningPaused=True)).state == "sleeping"


def test_what_a_bitaxe_holds_against_itself_is_a_fault():
    reading = bitaxe.parse(axe(hashRate=0, power_fault="VIN undervoltage"))

    assert reading.state == "fault"
    assert [(fault.code, fault.message) for fault in reading.errors] == [("power_fault", "VIN undervoltage")]


def test_a_second_fan_is_counted_where_there_can_be_one():
    chips = {"asics": [{"total": 600.0}, {"total": 663.5}]}

    assert bitaxe.parse(axe(fan2rpm=0)).fans_rpm == [3915]
    assert bitaxe.parse(axe(fan2rpm=0, hashrateMonitor=chips)).fans_rpm == [3915, 0]
    assert bitaxe.parse(axe(hashrateMonitor=chips)).boards[0].chips == 2


def test_minus_one_is_a_sensor_that_is_not_there():
    board = bitaxe.parse(axe(temp=-1, temp2=58)).boards[0]

    assert board.chip_temperature_c == 58.0


# GPUs


def test_a_gpu_that_the_driver_lost_is_a_fault():
    reading = nvidia_smi.parse(
        b"uuid, name, utilization.gpu [%], power.draw [W]\n"
        b"GPU-1, NVIDIA H100 80GB HBM3, 99 %, 690.12 W\n"
        b"GPU-2, NVIDIA H100 80GB HBM3, [N/A], [GPU is lost]\n"
    )

    assert [fault.message for fault in reading.errors] == ["GPU-2: the driver does not reach it"]
