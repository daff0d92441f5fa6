import asyncio
import socket

import msgspec
import pytest

from cango_ops.estate.layout import CGMINER_PORT

MANY = "+".join(["profiles"] * 200)


async def test_an_answer_larger_than_the_kernels_buffer_arrives_whole(estate):
    data = await estate.bytes_of(
        estate.machine("luxos").address, CGMINER_PORT, msgspec.json.encode({"command": MANY}), limit_s=60
    )

    assert len(data) > 200_000
    assert data.endswith(b'"id":1}\0')
    assert data.count(b'"profiles":[') == 200


async def test_a_caller_who_says_nothing_holds_nobody_up(estate):
    machine = estate.machine("antminer")
    silent = [await asyncio.open_connection(machine.address, CGMINER_PORT + estate.estate.shift) for _ in range(20)]

    answer = await estate.rpc(machine, "version")

    assert answer["STATUS"][0]["STATUS"] == "S"
    for _, writer in silent:
        writer.close()


async def test_a_caller_who_hangs_up_after_asking_harms_nothing(estate):
    machine = estate.machine("antminer")
    for _ in range(20):
        with socket.create_connection((machine.address, CGMINER_PORT + estate.estate.shift)) as caller:
            caller.sendall(b'{"command":"stats"}')

    assert (await estate.rpc(machine, "version"))["VERSION"]


async def test_a_closed_estate_takes_nobody(estate):
    machine = estate.machine("antminer")
    await estate.estate.close()

    with pytest.raises(ConnectionError):
        await estate.rpc(machine, "version")
