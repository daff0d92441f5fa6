"""Recorded answers in place of a machine: names of files, languages found out, and the decode command."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cango_ops.wire import Ask, Framing, Garbled, NoAnswer
from compute.management.commands.decode import Command
from compute.protocols.detect import language_of
from compute.protocols.recordings import recorded
from compute.protocols.replay import decode, find_answer
from tests.compute.protocols.worlds import answer

STATS = answer("STATS", {"Type": "Antminer S19", "Miner": "1"}, {"Elapsed": 90, "GHS 5s": 95000.0, "chain_acn1": 76})
VLLM = b'vllm:num_requests_running{engine="0"} 2\n'
DCGM = b'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-a",modelName="NVIDIA H200"} 40\n'


def rpc(name: str) -> Ask:
    return Ask(name, b"")


@pytest.mark.parametrize("file", ["stats", "rpc_stats", "avalon_a_stats", "stats_MM_ID0"])
def test_a_question_is_answered_from_the_file_of_its_name(file):
    assert find_answer(rpc("stats"), {file: b"x", "summary": b"y"}) == b"x"


def test_a_question_over_rpc_is_not_answered_from_the_web():
    with pytest.raises(NoAnswer) as caught:
        find_answer(rpc("stats"), {"web_stats": b"x", "stats_parsed": b"y"})

    assert caught.value.reason == "not_recorded"


def test_the_web_may_be_recorded_without_its_prefix():
    ask = Ask("get_system_info", b"", Framing.HTTP)

    assert find_answer(ask, {"system_info": b"x"}) == b"x"
    assert find_answer(ask, {"web_get_system_info": b"y"}) == b"y"
    assert find_answer(Ask("web_info", b"", Framing.HTTP), {"info": b"z"}) == b"z"


@pytest.mark.parametrize(
    ("answers", "language"),
    [
        ({"a": STATS}, "antminer"),
        ({"a": b'{"Description":"LUXminer 2025.4.8"}', "b": b'{"Type":"Antminer S19k Pro"}'}, "luxos"),
        ({"a": b'{"Type":"Antminer S21 Pro (Vnish 1.2.7)"}'}, "vnish"),
        ({"a": b'{"VERSION":[{"BOSer":"boser-openwrt 0.1.0"}]}'}, "braiins"),
        ({"a": b'{"Description":"whatsminer v1.4.0"}'}, "whatsminer_v2"),
        ({"a": b'{"desc":"get.miner.status"}'}, "whatsminer_v3"),
        ({"a": b'{"MM ID0":"Ver[1246]"}'}, "avalon"),
        ({"a": DCGM, "b": VLLM}, "gpu_node"),
        ({"a": DCGM}, "dcgm"),
        ({"a": VLLM}, "vllm"),
        ({"a": b'{"SUMMARY":[{}]}'}, "cgminer"),
    ],
)
def test_a_language_is_known_by_its_marks(answers, language):
    assert language_of(answers) == language


def test_the_folders_name_tells_where_the_answers_do_not():
    assert language_of({"summary": b'{"SUMMARY":[{}]}'}, hint="/captures/whatsminer/new") == "whatsminer_v2"


def test_a_folder_of_answers_is_decoded(tmp_path):
    (tmp_path / "stats.json").write_bytes(STATS)
    (tmp_path / "manifest.json").write_text('{"model":"something else"}')

    language, reading = decode(tmp_path)

    assert (language, reading.model, reading.hashrate_ths) == ("antminer", "Antminer S19", 95.0)


def test_a_single_file_of_any_name_is_decoded(tmp_path):
    (tmp_path / "from the customer.log").write_bytes(STATS)

    _, reading = decode(tmp_path / "from the customer.log")

    assert reading.hashrate_ths == 95.0


def test_a_node_is_joined_from_files_of_any_name(tmp_path):
    (tmp_path / "gpus.prom").write_bytes(DCGM)
    (tmp_path / "inference.prom").write_bytes(VLLM)

    language, reading = decode(tmp_path)

    assert (language, reading.model, reading.requests_running) == ("gpu_node", "NVIDIA H200", 2.0)


def test_an_empty_folder_is_said_to_be_empty(tmp_path):
    with pytest.raises(Garbled, match="no recorded answers"):
        recorded(tmp_path)


FIELDS = (
    "vendor model firmware mac serial uptime_s state hashrate_ths expected_hashrate_ths power_w power_limit_w fans_rpm "
    "boards pools errors gpus requests_running tokens_total quality notes"
)


def run(*arguments: object) -> dict[str, object]:
    out = StringIO()
    call_command(Command(), *map(str, arguments), stdout=out)
    return json.loads(out.getvalue())


def test_the_command_prints_every_field_and_null_for_what_was_not_said(tmp_path):
    (tmp_path / "stats.json").write_bytes(STATS)

    told = run(tmp_path, "--as", "antminer")

    assert " ".join(told) == FIELDS
    assert told["power_w"] is None
    assert told["boards"] == [
        {"slot": 1, "hashrate_ths": None, "temperature_c": None, "chip_temperature_c": None, "chips": 76}
    ]


@pytest.mark.parametrize("content", [b"", b"not a machine", b"\xff\xfe"])
def test_the_command_says_in_a_sentence_what_cannot_be_decoded(tmp_path, content):
    (tmp_path / "odd.txt").write_bytes(content)

    with pytest.raises(CommandError, match="cannot be decoded"):
        run(tmp_path / "odd.txt")


def test_the_command_says_in_a_sentence_that_nothing_is_there(tmp_path):
    with pytest.raises(CommandError, match="missing cannot be read: No such file"):
        run(tmp_path / "missing")
