"""Machines, exporters and recordings of strangers, each in the fewest words that show what is odd in it."""

import json
import os
from pathlib import Path

import pytest

from cango_ops.wire import Garbled
from compute.protocols.antminer import Antminer
from compute.protocols.avalon import Avalon, parse_state
from compute.protocols.bitaxe import parse as parse_bitaxe
from compute.protocols.dcgm import parse as parse_dcgm
from compute.protocols.epic import Epic
from compute.protocols.mending import read_json
from compute.protocols.reading import State
from compute.protocols.replay import as_json, decode
from compute.protocols.whatsminer_v2 import Whatsminer
from tests.compute.protocols.worlds import Machine, answer

STATE = b"Ver[1126Pro-S-64-21072803_4ec6bb0_211fc46] SYSTEMSTATU[Work: In Work, Hash Board: 2 ] MGHS[31633.72 33776.49]"


def test_a_manual_s_example_may_have_comments_and_lack_a_comma():
    raw = b'{"code": 0,\n"msg": {"power": {"vin": 220.5, // Volts, i.e. 12 V\n"pin": 3264, // Output (W)\n'
    raw += b'"miner-sn": "x//y"\n   "power-limit-set": "3600",\n "web-pool": 1,\n}}}'

    value, notes = read_json(raw)

    assert value["msg"]["power"] == {
        "vin": 220.5, "pin": 3264, "miner-sn": "x//y", "power-limit-set": "3600", "web-pool": 1
    }  # fmt: skip
    assert notes == ["mended: not valid JSON"]


@pytest.mark.parametrize(
    "head", [b"STATS=0,ID=AVA100,Elapsed=6979,Calls=0,MM ID0=", b"CMD=estats\nElapsed=1797\nMM ID0="]
)
def test_an_avalon_s_row_without_its_status_is_read(head: bytes):
    reading = parse_state(head + STATE)

    assert (reading.model, reading.state) == ("1126Pro", State.MINING)
    assert len(reading.boards or []) == 2


def test_where_an_avalon_says_no_total_its_boards_are_it():
    assert parse_state(STATE).hashrate_ths == pytest.approx(65.41021)
    assert parse_state(STATE + b" GHSavg[60000.00]").hashrate_ths == 60.0
    assert parse_state(STATE + b" GHSspd[0.00]").hashrate_ths == 0.0


def test_an_avalon_whose_state_was_not_recorded_is_known_by_its_version():
    version = answer("VERSION", {"MODEL": "Nano3s", "PROD": "Avalon Nano3s", "LVERSION": "25021401_56abae7"})
    summary = answer("SUMMARY", {"Elapsed": 133_923, "MHS 1m": 6_649_033.64})

    reading = Machine({"version": version, "summary": summary}).talk(Avalon().inspect())

    assert (reading.firmware, reading.uptime_s) == ("25021401_56abae7", 133_923)
    assert reading.hashrate_ths == pytest.approx(6.649, abs=1e-3)


def test_a_whatsminer_whose_summary_has_no_rate_is_the_sum_of_its_boards():
    summary = answer("SUMMARY", {"MAC": "C6:01:02:03:04:05", "Power": 3400})
    boards = answer("DEVS", {"ASC": 0, "MHS 5m": 36e6}, {"ASC": 1, "MHS 5m": 37e6})

    reading = Machine({"summary": summary, "edevs": boards}).talk(Whatsminer().inspect())

    assert (reading.hashrate_ths, reading.state) == (73.0, State.MINING)


def test_the_longer_of_two_names_is_the_machine_s():
    stats = b'{"STATUS":{"STATUS":"S"},"INFO":{"type":"Antminer KS5"},'
    stats += b'"STATS":[{"elapsed":9,"rate_5s":21.3,"rate_unit":"TH/s"}]}'
    short = Machine({"stats": stats, "get_system_info": b'{"minertype":"Antminer KS5 Pro"}'})
    other = Machine({"stats": stats, "get_system_info": b'{"minertype":"Antminer S21"}'})

    assert short.talk(Antminer().inspect()).model == "Antminer KS5 Pro"
    assert other.talk(Antminer().inspect()).model == "Antminer KS5"


def test_the_summary_of_rpc_may_have_the_names_of_the_web():
    stats = (
        b'{"STATUS":[{"STATUS":"S"}],"INFO":{"type":"Antminer S21+"},"STATS":[{"fan":[0,3000,null],"chain":[{"index":0,'
    )
    stats += b'"asic_num":55,"temp_pcb":[30,null,40,null],"temp_chip":[null,null,null,null]}]}]}'
    summary = answer("SUMMARY", {"elapsed": 120, "rate_5s": 200_000, "rate_avg": 199_000, "rate_unit": "GH/s"})

    reading = Machine({"stats": stats, "summary": summary}).talk(Antminer().inspect())

    assert (reading.hashrate_ths, reading.uptime_s, reading.state) == (200.0, 120, State.MINING)
    assert [(board.chips, board.temperature_c) for board in reading.boards or []] == [(55, 40.0)]


def test_axeos_with_eight_pools_names_the_one_in_use_by_its_number():
    info = {
        "ASICModel": "BM1370", "hashRate_1m": 1440, "sharesAccepted": 7, "sharesRejected": 1, "stratumURL": "a.example",
        "isUsingFallbackStratum": 1, "primaryPoolIndex": 0, "secondaryPoolIndex": 5,
        "pools": [
            {"id": 0, "stratumURL": "a.example", "stratumPort": 3333, "stratumUser": "u"},
            {"id": 2, "stratumURL": "b.example", "stratumPort": 3333, "stratumUser": "v"},
            {"id": 5, "stratumURL": "c.example", "stratumPort": 34254, "stratumUser": "w", "stratumProtocol": "SV2"},
        ],
    }  # fmt: skip

    reading = parse_bitaxe(json.dumps(info).encode())

    assert reading.hashrate_ths == 1.44
    assert [(pool.url, pool.accepted, pool.active) for pool in reading.pools or []] == [
        ("a.example:3333", None, False), ("b.example:3333", None, False), ("c.example:34254", 7, True)
    ]  # fmt: skip


def test_an_epic_without_a_living_board_has_no_model_called_undefined():
    summary = (
        b'{"Status":{"Operating State":"Idling"},"Software":"PowerPlay-BMS v1.14.0","Session":{"Uptime":9},"HBs":[]}'
    )

    reading = Machine({"summary": summary, "capabilities": b'{"Model":"undefined"}'}).talk(Epic().inspect())

    assert reading.model is None
    assert "the machine did not say its model" in reading.notes


def test_a_gpu_s_name_may_stand_at_one_of_its_series_alone():
    reading = parse_dcgm(
        b'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a"} 78\nDCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-a",modelName="A100"} 9\n'
    )

    assert reading.model == "A100"
    assert [gpu.model for gpu in reading.gpus or []] == ["A100"]


def test_counted_xids_are_faults_while_they_are_in_the_window():
    count = b'DCGM_EXP_XID_ERRORS_COUNT{gpu="1",UUID="GPU-b",window_size_in_ms="300000",xid="79"} %d\n'
    last = b'DCGM_FI_DEV_XID_ERRORS{gpu="1",UUID="GPU-b"} 0\n'

    assert [fault.code for fault in parse_dcgm(count % 2 + last).errors or []] == ["XID 79"]
    assert parse_dcgm(last + count % 0).errors == []


def test_an_exporter_whose_nvidia_smi_fails_says_so(tmp_path: Path):
    page = tmp_path / "metrics.txt"
    page.write_text('nvidia_gpu_exporter_build_info{version="1.14.0"} 1\nnvidia_smi_last_collect_success 0\n')

    with pytest.raises(Garbled, match="nvidia-smi fails on its node"):
        decode(page)
    with pytest.raises(Garbled, match="nvidia-smi fails"):
        decode(page, "nvidia_gpu_exporter")


@pytest.mark.parametrize(
    "page",
    [
        'sglang:num_running_reqs{model_name="m"} 4.0\nsglang:generation_tokens_total{model_name="m"} 4400.0\n',
        "llamacpp:tokens_predicted_total 1250\nllamacpp:requests_processing 2\n",
        "tgi_batch_current_size 4\ntgi_queue_size 7\n",
        'gpu_package_power{gpu_id="0",card_model="Instinct MI300X"} 748\n',
    ],
)
def test_exporters_of_others_are_called_unknown(tmp_path: Path, page: str):
    (tmp_path / "metrics.txt").write_text(page)

    with pytest.raises(Garbled, match="an exporter that is not known here"):
        decode(tmp_path)


def test_a_page_of_which_nothing_can_be_read_is_not_whole(tmp_path: Path):
    (tmp_path / "metrics.txt").write_text('vllm:x{a="a="\n')

    assert decode(tmp_path)[1].quality == "partial"


def test_a_folder_of_a_gpu_node_and_a_miner_says_that_one_was_left_out(tmp_path: Path):
    (tmp_path / "metrics.txt").write_text('DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a"} 78\n')
    (tmp_path / "stats.txt").write_bytes(STATE + b" GHSmm[1]")

    language, reading = decode(tmp_path)

    assert language == "dcgm"
    assert "answers of a miner were recorded here too (avalon), and are not read" in reading.notes


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(Garbled, match="neither a file nor a folder"):
        decode(tmp_path / "pipe")


def test_figures_are_told_without_what_the_change_of_unit_left(tmp_path: Path):
    (tmp_path / "stats.txt").write_bytes(STATE + b" GHSavg[50291.83]")

    assert json.loads(as_json(decode(tmp_path, "avalon")[1]))["hashrate_ths"] == 50.29183
