"""Who answers on real sockets: machines are known, everything else is refused."""

import asyncio
import json

import pytest

from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Outcome
from cango_ops.base.switchboard.reach import reach_to
from compute.scanning.who import Seen, who
from tests import machines
from tests.compute.collector.test_sweep import POOLS, STATS

VERSION = json.dumps({"STATUS": [{"STATUS": "S"}], "VERSION": [{"Type": "Antminer S21", "BMMiner": "2.0"}]}).encode()
ANTMINER = machines.speaks({"stats": STATS, "pools": POOLS, "version": VERSION})
EVERY = frozenset({"antminer", "epic", "bitaxe", "proto", "elphapex", "gpu_node", "vllm", "whatsminer_v3"})
HTML = b"<html><head><title>%s</title></head><body>Antminer</body></html>"


def http(body: bytes, kind: bytes = b"text/html", status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (status, kind, len(body)) + body


async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.read(4096))


async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    await reader.read(4096)


async def echoes_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)


LAMP = json.dumps({"system": {"get_sysinfo": {"mac": "50:C7:BF:00:00:01", "model": "KL130", "alias": "Lamp"}}}).encode()
NO_MACHINES = {
    "a smart lamp": machines.answers(http(LAMP, b"application/json")),
    "a smart lamp without HTTP": machines.answers(LAMP),
    "a printer": machines.answers(http(HTML % b"LaserJet")),
    "a camera that wants a sign-in": machines.answers(http(b"", status=b"401 Unauthorized")),
    "a web server of elsewhere": machines.answers(http(b"", status=b"302 Found\r\nLocation: http://127.0.0.9/")),
    "an SSH banner": greets,
    "an echo": echoes,
    "an echo that stays": echoes_for_ever,
    "an empty object": machines.answers(http(b"{}", b"application/json")),
    "an empty object without HTTP": machines.answers(b"{}"),
    "a status alone": machines.answers(b'{"STATUS":[{"STATUS":"S"}],"VERSION":[{"Type":"Antminer S21"}]}'),
    "nonsense": machines.answers(bytes(range(256)) * 8),
    "a flood": machines.floods,
    "a drip": machines.drips,
}


@pytest.fixture(scope="module")
def field():
    with machines.field() as started:
        yield started


def asked(port: int, languages: frozenset[str] = EVERY, total_s: float = 30.0) -> Outcome:
    with Switchboard() as board:
        board.add(
            Call(
                None,
                "127.0.0.1",
                port,
                lambda: who("127.0.0.1", port, languages),
                None,
                total_s,
                reach_to("127.0.0.1", port),
            )
        )
        while board.busy:
            for outcome in board.step(0.2):
                return outcome
    raise AssertionError("nothing ended")


def test_a_machine_says_who_it_is(field):
    port = field.put(ANTMINER)
    assert asked(port).result == Seen("127.0.0.1", port, "antminer", "Antminer S21", firmware="49.0.1.3")


@pytest.mark.parametrize("what", NO_MACHINES)
def test_what_is_no_machine_is_not_taken_for_one(field, what):
    outcome = asked(field.put(NO_MACHINES[what]), total_s=1.5)

    assert outcome.result is None
    assert outcome.failure not in (None, "refused", "unreachable")


def test_where_nobody_listens_there_is_nobody():
    assert asked(9).failure == "refused"
