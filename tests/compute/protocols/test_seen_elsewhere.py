"""Answers met in other people's reports and programs, each in the fewest words that show what is odd in it."""

import json
from pathlib import Path

import pytest

from cango_ops.wire import Garbled
from compute.protocols.antminer import Antminer
from compute.protocols.antminer import parse_stats as parse_antminer
from compute.protocols.avalon import parse_state
from compute.protocols.bitaxe import parse as parse_bitaxe
from compute.protocols.cgminer import parse_pools, parse_reply
from compute.protocols.reading import Board, Pool, State
from compute.protocols.replay import decode
from compute.protocols.vllm import parse as parse_vllm
from compute.protocols.vnish import read_web
from tests.compute.protocols.worlds import Machine, answer


def test_the_web_page_of_pools_writes_its_names_small():
    raw = b'{"STATUS":{"STATUS":"S","Msg":"pools"},"INFO":{"type":"Antminer KS5"},"POOLS":[{"index":0,"url":"stratum+tcp://a:1",'
    raw += b'"user":"w.1","status":"Alive","priority":0,"accepted":5,"rejected":1},{"index":1,"url":"","user":""}]}'

    assert parse_pools(parse_reply(raw)) == [Pool(url="stratum+tcp://a:1", user="w.1", accepted=5, rejected=1)]


def test_an_antminer_that_sleeps_has_no_rows_in_its_stats():
    empty = b'{"STATUS":{"STATUS":"S"},"INFO":{"type":"Antminer S21 Pro"},"STATS":[]}'
    conf, system = b'{"bitmain-work-mode":"1"}', b'{"minertype":"Antminer S21 Pro","serinum":"A1"}'

    reading = Machine({"stats": empty, "get_miner_conf": conf, "get_system_info": system}).talk(Antminer().inspect())

    assert (reading.state, reading.model, reading.serial) == (State.SLEEPING, "Antminer S21 Pro", "A1")
    assert (reading.hashrate_ths, reading.boards) == (None, None)


def test_a_firmware_may_be_sold_under_another_name():
    head = {"BMMiner": "1.0.0", "Type": "Antminer T21 (7Miners 1.2.6-rc1)"}

    reading = parse_antminer(answer("STATS", head, {"Elapsed": 9, "GHS 5s": 190_000.0}))

    assert (reading.model, reading.firmware) == ("Antminer T21", "7Miners 1.2.6-rc1")


def test_what_stands_in_brackets_may_be_no_firmware():
    head = {"BMMiner": "1.0.0", "Miner": "30.0", "Type": "Antminer S9 Pro (v5.1)"}

    assert parse_antminer(answer("STATS", head, {"GHS 5s": 9_000.0})).model == "Antminer S9 Pro (v5.1)"


def test_the_web_of_vnish_names_its_seller_too(tmp_path: Path):
    miner = {"miner_type": "Antminer T21 (7Miners 1.2.6-rc1)", "hr_realtime": 201_229.03, "power_consumption": 3676}
    (tmp_path / "summary.json").write_text(json.dumps({"miner": miner}))

    language, reading = decode(tmp_path)

    assert (language, reading.model, reading.firmware) == ("vnish", "Antminer T21", "7Miners 1.2.6-rc1")
    assert (reading.hashrate_ths, reading.power_w) == (201.22903, 3676.0)
    assert read_web({"miner": miner | {"miner_type": "Antminer T21 (vnish 1.2.6)"}}).firmware == "VNish 1.2.6"


INNOSILICON = {
    "success": True,
    "DEVS": [
        {"ASC": 0, "Name": "HLT", "Temperature": 39, "MHS 5m": 470821977.34, "Hash Rate": 470.8, "Unit": "MH/s"},
        {"ASC": 1, "Name": "HLT", "Temperature": 40, "MHS 5m": 394100000.0, "Hash Rate": 394.1, "Unit": "MH/s"},
    ],
    "POOLS": [{"POOL": 0, "URL": "stratum+tcp://a:1", "User": "w", "Stratum Active": True}],
    "HARDWARE": {"Fan duty": 60},
}


def test_the_web_of_an_innosilicon_puts_several_sections_into_one_answer(tmp_path: Path):
    (tmp_path / "summary.json").write_text(json.dumps(INNOSILICON))

    _, reading = decode(tmp_path)

    # 470.8 + 394.1 MH/s, whatever the names that begin with MHS say.
    assert reading.hashrate_ths == pytest.approx(0.0008649)
    assert reading.boards[1] == Board(slot=1, hashrate_ths=pytest.approx(0.0003941), temperature_c=40.0)
    assert [pool.user for pool in reading.pools] == ["w"]


def test_a_mini_3_draws_what_its_supply_takes_and_not_what_it_gives():
    state = "Ver[Mini3-25011701] Elapsed[9] HBTemp[75] TMax[86] PS[0 1210 2083 37 760 2085 824] GHSspd[37890.5] "
    reading = parse_state(answer("STATS", {"MM ID0": state + "MGHS[37500] MTmax[86] TA[66]"}))

    assert (reading.model, reading.power_w, reading.hashrate_ths) == ("Mini3", 824.0, 37.8905)
    assert reading.boards == [Board(slot=0, hashrate_ths=37.5, temperature_c=75.0, chip_temperature_c=86.0, chips=66)]


def test_an_answer_broken_into_lines_by_a_mail_program_is_put_together():
    raw = b"STATUS=S,When=1,Code=70,Msg=CGMiner stats,Description=cgminer\n4.11.1|STATS=0,ID=AVANANO0,Elapsed=9,MM\r\n"
    raw += b"ID0=Ver[nano3-24071801]\nPS[0 0 0 3 2792 89 324]\nGHSspd[2630.98] MPO[90],MM Count=1|\n"

    reading = parse_state(raw)

    assert (reading.uptime_s, reading.power_w, reading.hashrate_ths) == (9, 89.0, 2.63098)


def test_an_exemplar_behind_a_value_is_no_label():
    page = (
        b'# TYPE vllm:num_requests_running gauge\r\nvllm:num_requests_running{engine="0",model_name="a } # {b"} 5.0\r\n'
    )
    page += b'vllm:num_requests_running{engine="1"} 3.0 # {trace_id="x"} 1.0 1520879607.789\r\n'
    page += b'vllm:prompt_tokens_total{engine="0"} 1.5e+06 1700000000000\r\n# EOF\r\n'

    serving = parse_vllm(page)

    assert (serving.requests_running, serving.tokens_total, serving.engines) == (8.0, 1_500_000.0, 2)
    assert serving.model == "a } # {b"


def test_a_series_that_is_told_twice_counts_once():
    line = b'vllm:generation_tokens_total{engine="0"} '

    assert parse_vllm(line + b"2e6\n" + line + b"3e6\n").tokens_total == 3_000_000.0


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b'# TYPE a gauge\nsglang:num_running_reqs{m="a"} 16.0\nsglang:token_usage 0.28\n', "sglang:num_running_reqs"),
        (b'gpu_package_power{card_series="AMD INSTINCT MI300X",gpu_id="0"} 137\n', "exporter that is not known here"),
        (b"<!DOCTYPE html><html><title>Login</title></html>", "a web page"),
        (b" \n\x00", "the recording is empty"),
    ],
)
def test_what_no_language_reads_is_refused_in_words(tmp_path: Path, said: bytes, words: str):
    (tmp_path / "metrics.txt").write_bytes(said)

    with pytest.raises(Garbled, match=words):
        decode(tmp_path / "metrics.txt")


def test_an_answer_of_api_3_may_hold_the_summary_the_boards_and_the_pools(tmp_path: Path):
    summary = {"elapsed": 9, "hash-realtime": 101.8, "power-realtime": 3268, "board-temperature": [69.5]}
    boards = [{"slot": 0, "hash-average": 33.5, "effective-chips": 70}]
    pools = [{"id": 1, "url": "stratum+tcp://a:1", "account": "w", "stratum-active": True}]
    whole = {"code": 0, "when": 1, "msg": {"summary": summary, "edevs": boards, "pools": pools}, "desc": "x"}
    (tmp_path / "get.miner.status.json").write_text(json.dumps(whole))

    language, reading = decode(tmp_path)

    assert (language, reading.hashrate_ths, reading.power_w) == ("whatsminer_v3", 101.8, 3268.0)
    assert reading.boards == [Board(slot=0, hashrate_ths=33.5, temperature_c=69.5, chips=70)]
    assert reading.pools == [Pool(url="stratum+tcp://a:1", user="w", active=True)]


NERDQAXE = {
    "ASICModel": "BM1370", "deviceModel": "NerdQAxe++", "asicCount": 4, "hashRate": 4800.0, "fanrpm": 1862,
    "fans": [{"rpm": 1862}, {"rpm": 1790}], "stratumURL": "a.io", "stratumPort": 3333, "stratumUser": "w",
    "fallbackStratumURL": "b.io", "fallbackStratumPort": 25, "fallbackStratumUser": "v", "sharesAccepted": 9,
    "sharesRejected": 1,
}  # fmt: skip


def test_a_nerdaxe_lists_its_fans_and_says_in_an_object_which_pool_it_works_for():
    one = {"poolMode": 0, "usingFallback": True, "pools": [{"connected": True, "accepted": 9, "rejected": 1}]}

    reading = parse_bitaxe(json.dumps(NERDQAXE | {"stratum": one}).encode())

    assert reading.fans_rpm == [1862, 1790]
    assert reading.pools == [
        Pool(url="a.io:3333", user="w", active=False),
        Pool(url="b.io:25", user="v", accepted=9, rejected=1, active=True),
    ]


def test_a_nerdaxe_may_work_for_two_pools_at_once():
    both = [{"connected": True, "accepted": 6, "rejected": 1}, {"connected": True, "accepted": 3, "rejected": 0}]

    reading = parse_bitaxe(json.dumps(NERDQAXE | {"stratum": {"pools": both}}).encode())

    assert [(pool.accepted, pool.rejected, pool.active) for pool in reading.pools] == [(6, 1, True), (3, 0, True)]


def test_a_nerdaxe_that_shut_itself_down_is_stopped():
    raw = json.dumps(NERDQAXE | {"shutdown": True, "hashRate": 0.0, "uptimeSeconds": 9_000}).encode()

    assert parse_bitaxe(raw).state is State.STOPPED


def test_compute_instances_of_one_mig_instance_share_its_memory(tmp_path: Path):
    instance = "    MIG Device\n        GPU Instance ID    : 2\n        Compute Instance ID    : {}\n"
    instance += "        FB Memory Usage\n            Used    : 16925 MiB\n"
    log = "==============NVSMI LOG==============\nGPU 00000000:01:00.0\n    Product Name    : NVIDIA H200\n"
    (tmp_path / "smi.txt").write_text(log + "    GPU UUID    : GPU-1\n" + instance.format(0) + instance.format(1))

    _, reading = decode(tmp_path / "smi.txt")

    assert [(gpu.uuid, gpu.memory_used_mib) for gpu in reading.gpus] == [("GPU-1", None), ("GPU-1/2", 16925.0)]


def test_a_serial_number_of_noughts_is_none(tmp_path: Path):
    (tmp_path / "info.json").write_text('{"info": {"model": "X", "serialNumber": "0", "mac": "02:B3:B9:8C:1E:C8"}}')

    assert decode(tmp_path / "info.json")[1].serial is None


def test_an_object_of_which_nothing_is_known_says_so(tmp_path: Path):
    (tmp_path / "rocm.json").write_text('{"card0": {"Current Socket Graphics Package Power (W)": "131.0"}}')

    _, reading = decode(tmp_path / "rocm.json")

    assert reading.notes[0] == "no field of the answers is known here"


def test_json_beyond_reading_is_refused_with_its_defect(tmp_path: Path):
    (tmp_path / "stats.json").write_bytes(b'{"STATS":' + b"[" * 10_000 + b"]" * 10_000 + b"}")

    with pytest.raises(Garbled, match="stats: JSON nested too deeply"):
        decode(tmp_path)
