"""Answers that machines gave in the field and that were read wrongly once, cut down to what mattered."""

import pytest

from compute.protocols import ADAPTERS, dcgm, nvidia_smi
from compute.protocols.detect import language_of
from compute.protocols.mending import read_json
from compute.protocols.replay import decode, replay
from tests.compute.protocols.worlds import answer


def stats(model: str, **row: object) -> bytes:
    return answer("STATS", {"Type": model, "Miner": "1"}, {"Elapsed": 900, **row})


def read(language: str, **answers: bytes):
    return replay(ADAPTERS[language].inspect(), answers)


@pytest.mark.parametrize(("model", "ghs"), [("Antminer E3", 197.3), ("Antminer L7", 9529.45), ("Antminer L3+", 504.56)])
def test_ethash_and_scrypt_machines_mean_megahashes(model, ghs):
    assert read("antminer", stats=stats(model, **{"GHS 5s": ghs})).hashrate_ths == pytest.approx(ghs / 1e6)


def test_a_unit_that_is_said_weighs_more_than_the_model():
    assert read("antminer", stats=stats("Antminer L9", **{"GHS 5s": 16.2, "rate_unit": "GH"})).hashrate_ths == 0.0162


def test_boards_in_terahashes_are_brought_to_the_total_in_gigahashes():
    row = {"GHS 5s": 90000, "rate_unit": "GH", "chain_acn1": 79, "chain_acn2": 79}
    row |= {"chain_rate1": "44", "chain_rate2": "46"}

    reading = read("antminer", stats=stats("Antminer S19JPROWP", **row))

    assert reading.hashrate_ths == 90.0
    assert [board.hashrate_ths for board in reading.boards] == [44.0, 46.0]
    assert "the rates of its boards are in a unit a thousand times larger than its total" in reading.notes


def test_watts_that_no_machine_can_do_with_are_none():
    hiveon = read("antminer", stats=stats("Antminer S9 Hiveon", **{"GHS 5s": 11781.4, "chain_power": "34.65 (AB)"}))
    unmeasured = {"GHS 5s": 140258.58, "chain_consumption1": 0}
    vnish = read("vnish", stats=stats("Antminer S19 XP (Vnish 1.2.0-rc1)", **unmeasured))

    assert (hiveon.power_w, vnish.power_w) == (None, None)
    assert "34.65 W is less than any machine takes for 11.7814 TH/s" in hiveon.notes


def test_a_version_behind_the_name_hides_no_model():
    reading = read("antminer", stats=stats("Antminer S9 V1.3.58", **{"GHS 5s": 13883.81}))

    assert (reading.model, reading.quality) == ("Antminer S9 V1.3.58", "partial")


def test_backslashes_that_escape_nothing_are_mended():
    value, notes = read_json(rb'{"Firmware Version":"\'20200917.22.REL\'","Msg":"a\"b\u0041"}')

    assert value == {"Firmware Version": "'20200917.22.REL'", "Msg": 'a"bA'}
    assert notes == ["mended: not valid JSON"]


def test_a_whatsminer_of_2018_tells_of_its_boards_in_stats():
    summary = answer("SUMMARY", {"Elapsed": 43685, "MHS 1m": 12239079.5, "Fan Speed In": 5730, "Fan Speed Out": 5880})
    boards = answer("STATS", {"STATS": 0, "slot": 0, "temp_now_max": 85.5, "ok_chips": 62}, {"STATS": 1, "ID": "POOL0"})

    reading = read(language_of({"summary": summary}), summary=summary, stats=boards)

    assert (reading.vendor, reading.hashrate_ths, reading.fans_rpm) == ("MicroBT", 12.2390795, [5730, 5880])
    assert [(board.slot, board.temperature_c, board.chips) for board in reading.boards] == [(0, 85.5, 62)]


def test_modules_of_an_avalon_741_are_boards():
    one = "Ver[7411706-3162860] DNA[013cae6bfb1bb6c6] Elapsed[183] Temp[38] TMax[93] Fan[4110] GHSmm[7078.84] TA[88]"
    both = answer("STATS", {"STATS": 0, "Elapsed": 181, "MM ID1": one, "MM ID2": one.replace("93", "91")})

    reading = read("avalon", stats=both, summary=answer("SUMMARY", {"MHS av": 6325487.11}))

    assert (reading.model, reading.quality) == ("741", "partial")
    assert (reading.hashrate_ths, reading.fans_rpm) == (6.32548711, [4110, 4110])
    assert [(board.slot, board.chip_temperature_c) for board in reading.boards] == [(0, 93.0), (1, 91.0)]
    assert [board.chips for board in reading.boards] == [88, 88]


def test_an_innosilicon_writes_a_section_a_chain_and_counts_solutions():
    summary = answer("SUMMARY", {"Elapsed": 48768, "MHS 5s": 51451.63}).replace(b"cgminer 4.11.1", b"innominer a9-1.1")
    chain = b'[{"STATS":0,"Num chips":12,"Num active chips":11,"Temp":47}]'
    chains = b'{"STATUS":[{"STATUS":"S"}],"STATS0":' + chain + b',"STATS1":[{"STATS":1}]}'

    reading = read("cgminer", summary=summary, stats=chains)

    assert reading.hashrate_ths is None
    assert [(board.slot, board.temperature_c, board.chips) for board in reading.boards] == [(0, 47.0, 11)]


def test_a_minerva_tells_of_its_chains_and_fans_in_stats():
    row = {"STATS": 0, "Chain ID": "1", "Name": "C12", "MHS 1m": 22729722.46, "Chip Count": 102, "Temp Avg": 85.87}
    reading = read(
        "cgminer",
        summary=answer("SUMMARY", {"MHS 1m": 22729722.46}),
        stats=answer("STATS", row | {"Fan Duty": 32.19, "Fan0 Speed": 3090, "Fan1 Speed": 3330}),
    )

    assert (reading.model, reading.fans_rpm, reading.quality) == ("C12", [3090, 3330], "unknown model")
    assert (reading.boards[0].slot, reading.boards[0].hashrate_ths, reading.boards[0].chips) == (1, 22.72972246, 102)


def test_an_ibelink_names_itself_in_devs_and_its_mac_in_summary():
    reading = read(
        "cgminer",
        summary=answer("SUMMARY", {"MHS 5s": 10601538.46, "MHS av": 10636758.32, "macaddress": "1001291b0206"}),
        devs=answer("DEVS", {"PGA": 0, "Name": "BM-N1Max", "MHS av": 3580422.87}),
    )

    assert (reading.model, reading.mac, reading.hashrate_ths) == ("BM-N1Max", "10:01:29:1b:02:06", 10.63675832)


def test_an_epic_miner_2_names_the_pool_in_use_alone():
    summary = b'{"Software":"epic-miner v2.0.6","Stratum":{"Current Pool":"a:700"},"Session":{"Average MHs":1828940.5}}'

    reading = read(language_of({"a": summary}), summary=summary)

    assert (reading.hashrate_ths, reading.pools[0].url, reading.pools[0].active) == (1.8289405, "a:700", True)


def test_a_blackminer_writes_in_the_shape_of_an_antminer():
    raw = stats("Blackminer F1", **{"GHS 5s": "16.0", "chain_acn1": 6, "chain_rate1": "16.0", "temp1": 58})

    reading = read(language_of({"a": raw}), stats=raw)

    assert (reading.vendor, reading.model, reading.quality) == ("Blackminer", "Blackminer F1", "unknown model")
    assert (reading.hashrate_ths, reading.boards[0].temperature_c) == (0.016, 58.0)


CSV = """Sat Nov 21 12:00:00 2026
uuid, name, driver_version, utilization.gpu [%], memory.used [MiB], power.draw [W], power.limit [W], temperature.gpu
GPU-a, NVIDIA L40S, 595.80, 97 %, 40213 MiB, 345.10 W, 350.00 W, 71
GPU-b, NVIDIA L40S, 595.80, [N/A], 3 MiB, [N/A], 350.00 W, 33
"""


def test_a_table_of_nvidia_smi_is_read():
    reading = nvidia_smi.parse(CSV.encode())

    assert language_of({"a": CSV.encode()}) == "nvidia_smi"
    assert (reading.model, reading.firmware) == ("NVIDIA L40S", "595.80")
    assert (reading.power_w, reading.power_limit_w) == (345.1, 700.0)
    assert [(gpu.uuid, gpu.utilisation_pct, gpu.memory_used_mib) for gpu in reading.gpus] == [
        ("GPU-a", 97.0, 40213.0),
        ("GPU-b", None, 3.0),
    ]


def test_a_table_without_units_and_uuids_is_read():
    reading = nvidia_smi.parse(b"index, name, utilization.gpu, power.draw\n0, Tesla T4, 5, 27.1\n1, Tesla T4, 0, 9.5\n")

    assert [(gpu.uuid, gpu.power_w) for gpu in reading.gpus] == [("bus 0", 27.1), ("bus 1", 9.5)]


def test_the_names_of_dcgm_exporter_1_are_known():
    label = b'{gpu="0",uuid="GPU-a"}'
    raw = b"dcgm_gpu_temp%b 41\ndcgm_power_usage%b 68.5\ndcgm_fb_used%b 100\n" % (label, label, label)

    reading = dcgm.parse(raw)

    assert language_of({"a": raw}) == "dcgm"
    assert (reading.gpus[0].temperature_c, reading.power_w, reading.gpus[0].memory_used_mib) == (41.0, 68.5, 100.0)


@pytest.mark.parametrize(
    ("name", "model", "vendor"), [("deviceModel", "Gamma", "Bitaxe"), ("deviceModel", "NerdQAxe++", "NerdAxe")]
)
def test_axeos_machines_are_known_by_the_names_of_their_families(name, model, vendor):
    raw = b'{"ASICModel":"BM1370","%b":"%b","hashRate":1123.5,"MACAddr":"AA:BB:CC:DD:EE:0F"}' % (
        name.encode(),
        model.encode(),
    )

    reading = read("bitaxe", system_info=raw)

    assert (reading.vendor, reading.model, reading.quality) == (vendor, model, "ok")
    assert (reading.hashrate_ths, reading.mac) == (1.1235, "AA:BB:CC:DD:EE:0F")


def test_what_a_chain_should_do_is_not_what_it_does():
    chains = [{"STATS": at, "Chain ID": at, "Num active chips": 72, "MHS av": 6082560.0} for at in range(2)]

    reading = read("cgminer", stats=answer("STATS", *chains))

    assert (reading.hashrate_ths, reading.state) == (None, "unknown")
    assert [(board.chips, board.hashrate_ths) for board in reading.boards] == [(72, None), (72, None)]


def test_the_port_of_a_board_is_no_model():
    reading = read("cgminer", devs=answer("DEVS", {"ASC": 0, "Name": "ttyS1", "MHS 1m": 131.91, "temperature": 34}))

    assert (reading.model, reading.quality) == (None, "partial")
    assert (reading.hashrate_ths, reading.boards[0].temperature_c) == (0.00013191, 34.0)


def test_temperatures_alone_tell_of_the_boards_of_bosminer():
    reading = read("braiins", temps=answer("TEMPS", {"ID": 6, "Board": 71.5, "Chip": 80.25}))

    assert [(board.slot, board.temperature_c, board.chip_temperature_c) for board in reading.boards] == [
        (6, 71.5, 80.25)
    ]


@pytest.mark.parametrize("name", ["vllm:%b", "ray_vllm:%b", "ray_vllm_%b", "vllm_%b"])
def test_vllm_is_read_under_ray_too(name):
    row = name.encode() + b'{WorkerId="%b",engine="0",model_name="m"} %d\n'
    raw = b"".join(row % (b"num_requests_running", worker, 2) for worker in (b"a", b"b"))
    raw += row % (b"generation_tokens_total", b"a", 100) + row % (b"prompt_tokens_total", b"a", 900)

    reading = read(language_of({"metrics": raw}), vllm_metrics=raw)

    assert (reading.requests_running, reading.tokens_total, reading.state) == (4.0, 1000.0, "serving")
    assert "2 engines, summed" in reading.notes


def test_vnish_says_its_unit_and_why_it_failed_in_different_answers():
    summary = b"""{"miner":{"miner_type":"Antminer L7 (Vnish 1.3.4)","hr_realtime":9500.5,"hr_nominal":9600,
        "power_consumption":3300,"power_usage":21,"miner_status":{"miner_state":"failure","failure_code":17,
        "description":"no chips on board 2"},"pools":[{"url":"a:1","user":"me","status":"working"}]}}"""

    reading = read("vnish", web_summary=summary, web_info=b'{"miner":"Antminer L7","hr_measure":"MH/s"}')

    assert (reading.hashrate_ths, reading.expected_hashrate_ths) == (0.0095005, 0.0096)
    assert (reading.power_w, reading.state, reading.pools[0].active) == (3300.0, "fault", True)
    assert [(fault.code, fault.message) for fault in reading.errors] == [("17", "no chips on board 2")]


STATUS_PAGE = b"""{"summary":{"elapsed":"90061","ghs5s":"13,744.52"},
"pools":[{"url":"a:1","user":"me","status":"Alive"}],"devs":[{"index":"6","chain_acn":"63","rate":"4,581.8","temp":"58","temp2":"73","fan5":"5520","fan6":"4200",
"chain_acs":" oooooooo ooooooox","chain_consumption":"502"}]}"""


def test_the_status_page_of_an_older_antminer_counts_in_gigahashes(tmp_path):
    (tmp_path / "get_miner_status.cgi").write_bytes(STATUS_PAGE)

    language, reading = decode(tmp_path)

    assert (language, reading.vendor, reading.hashrate_ths) == ("antminer", "Bitmain", 13.74452)
    assert (reading.uptime_s, reading.power_w, reading.fans_rpm) == (90061, 502.0, [5520, 4200])
    board = reading.boards[0]
    assert (board.slot, board.temperature_c, board.chip_temperature_c, board.chips) == (6, 58.0, 73.0, 63)
    assert [fault.message for fault in reading.errors] == ["chain 0: 1 chips marked dead"]
    assert [pool.url for pool in reading.pools] == ["a:1"]


def test_the_status_page_of_a_scrypt_miner_counts_in_megahashes():
    system = b'{"minertype":"Antminer L3+","macaddr":"02:00:00:00:00:07"}'

    reading = read("antminer", get_miner_status=STATUS_PAGE, get_system_info=system)

    assert (reading.model, reading.hashrate_ths) == ("Antminer L3+", pytest.approx(0.01374452))
