import asyncio
import struct
from pathlib import Path

import msgspec
import pytest

from cango_ops.estate.layout import CGMINER_PORT, DCGM_PORT, LAB, WEB_PORT, WHATSMINER_V3_PORT, layout
from cango_ops.estate.recordings import recorded_machines
from tests.estate.small_estate import Clock, SmallEstate, open_estate

SUMMARY = b'{"STATUS":[{"STATUS":"S","Code":11}],"SUMMARY":[{"GHS 5s":1.5}],"id":1}\0'
MALFORMED = b'{"STATS":[{"Type":"Antminer S7"}{"GHS 5s":5130.11}],"id":1}\0'
EXPORTER = b'DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-1"} 41\n'
FILES = {
    "antminer/S7/rpc_summary.json": SUMMARY,
    "antminer/S7/stats.txt": MALFORMED,
    "antminer/S7/web_get_miner_conf.json": b'{"pools":[]}',
    "antminer/S7/system_info.json": b'{"serinum":"S"}',
    "antminer/S7/manifest.json": b"{}",
    "braiins/bos-25.07-plus-rest/miner_hw_hashboards.json": b'{"hashboards":[]}',
    "braiins/bos-gql/gql_boards.json": b'{"data":{"childSolvers":[{"realHashrate":1}]}}',
    "braiins/bos-gql/gql_pools.json": b'{"data":{"poolGroups":[{"url":"x"}]}}',
    "epic/umc/summary.json": b'{"Fans":1}',
    "gpu/dcgm-exporter/T4.txt": EXPORTER,
    "luxos/s19k/summary.json": b'{"SUMMARY":[{"a":1}]}',
    "luxos/s19k/stats_malformed.txt": b'{"STATS":[{"x":2}{"y":3}]}',
    "luxos/s19k/power.json": b'{"POWER":[{"Watts":1051}]}',
    "luxos/s19k/voltageget_1.json": b'{"VOLTAGE":[{"Board":1}]}',
    "whatsminer/v3-api/get_miner_status_summary.json": b'{"code":0,"msg":{}}',
}


@pytest.fixture
def folder(tmp_path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


@pytest.fixture
async def lab(folder):
    estate = await open_estate(Clock(), devices=84, captures=folder)
    yield estate
    await estate.estate.close()


def address_of(lab: SmallEstate, label: str) -> str:
    return next(m.address for m in lab.world.recorded.values() if m.label == label)


def test_the_layout_lists_the_recorded_machines_as_a_site(folder):
    site = layout(1, 84, captures=folder).sites[-1]

    assert (site.code, [c.code for c in site.containers]) == (LAB, ["CAPTURES"])
    assert [(slot.label, slot.language) for slot in site.containers[0].slots] == [
        ("antminer/S7", "antminer"),
        ("braiins/bos-25.07-plus-rest", "braiins"),
        ("braiins/bos-gql", "braiins"),
        ("epic/umc", "epic"),
        ("gpu/dcgm-exporter/T4.txt", "dcgm"),
        ("luxos/s19k", "luxos"),
        ("whatsminer/v3-api", "whatsminer_v3"),
    ]


async def test_a_recorded_answer_comes_byte_for_byte(lab):
    address = address_of(lab, "antminer/S7")

    assert await lab.bytes_of(address, CGMINER_PORT, b'{"command":"summary"}') == SUMMARY
    assert await lab.bytes_of(address, CGMINER_PORT, b'{"command":"stats"}') == MALFORMED


async def test_what_was_not_recorded_is_an_invalid_command(lab):
    answer = await lab.rpc(address_of(lab, "antminer/S7"), "pools")

    assert answer["STATUS"][0]["Code"] == 14


async def test_joined_questions_are_put_together(lab):
    answer = await lab.rpc(address_of(lab, "luxos/s19k"), "summary+power+temps")

    assert answer == {"summary": [{"SUMMARY": [{"a": 1}]}], "power": [{"POWER": [{"Watts": 1051}]}], "id": 1}


async def test_a_recording_that_says_of_itself_that_it_is_malformed_is_one(lab):
    data = await lab.bytes_of(address_of(lab, "luxos/s19k"), CGMINER_PORT, b'{"command":"stats"}')

    assert data == b'{"STATS":[{"x":2}{"y":3}]}'


async def test_a_parameter_is_part_of_the_name(lab):
    data = await lab.bytes_of(address_of(lab, "luxos/s19k"), CGMINER_PORT, b'{"command":"voltageget","parameter":"1"}')

    assert data == b'{"VOLTAGE":[{"Board":1}]}'


@pytest.mark.parametrize(
    ("label", "path", "body"),
    [
        ("antminer/S7", "/cgi-bin/get_miner_conf.cgi", b'{"pools":[]}'),
        ("antminer/S7", "/cgi-bin/get_system_info.cgi", b'{"serinum":"S"}'),
        ("braiins/bos-25.07-plus-rest", "/api/v1/miner/hw/hashboards", b'{"hashboards":[]}'),
    ],
)
async def test_web_paths_find_their_recording(lab, label, path, body):
    status, _, said = await lab.http(address_of(lab, label), WEB_PORT, path)

    assert (status, said) == (200, body)


async def test_graphql_finds_the_answer_with_most_of_its_fields(lab):
    query = msgspec.json.encode({"query": "{ bosminer { info { poolGroups { pools { url } } } } }"})

    _, _, said = await lab.http(address_of(lab, "braiins/bos-gql"), WEB_PORT, "/graphql", "POST", query)

    assert b"poolGroups" in said


async def test_an_exporter_gives_its_page(lab):
    _, _, said = await lab.http(address_of(lab, "gpu/dcgm-exporter/T4.txt"), DCGM_PORT, "/metrics")

    assert said == EXPORTER


async def test_http_on_the_cgminer_port_is_answered_as_http(lab):
    _, _, said = await lab.http(address_of(lab, "epic/umc"), CGMINER_PORT, "/summary")

    assert said == b'{"Fans":1}'


async def test_whatsminer_v3_is_asked_in_frames_with_their_length(lab):
    port = WHATSMINER_V3_PORT + lab.estate.shift
    reader, writer = await asyncio.open_connection(address_of(lab, "whatsminer/v3-api"), port)
    ask = b'{"cmd":"get.miner.status","param":"summary"}'
    writer.write(struct.pack("<I", len(ask)) + ask)

    length = struct.unpack("<I", await asyncio.wait_for(reader.readexactly(4), 30))[0]
    said = await asyncio.wait_for(reader.readexactly(length), 30)
    writer.close()

    assert said == b'{"code":0,"msg":{}}'


CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures"


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the folder of recorded answers is not here")
def test_every_folder_of_the_collection_has_a_language():
    found = recorded_machines(CAPTURES)

    assert len({m.address for m in found}) == len(found) > 40
    assert {"antminer", "braiins", "luxos", "whatsminer_v2", "whatsminer_v3", "avalon", "dcgm", "vllm"} <= {
        m.language for m in found
    }
