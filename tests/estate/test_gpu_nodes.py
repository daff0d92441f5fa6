import re

import pytest

from cango_ops.estate.faults import Fault
from cango_ops.estate.layout import DCGM_PORT, VLLM_PORT

HOUR = 3_600


def values(page: bytes, name: str) -> list[float]:
    return [float(v) for v in re.findall(rf"^{re.escape(name)}(?:\{{[^}}]*\}})? (\S+)$", page.decode(), re.M)]


async def page(estate, node, port: int) -> bytes:
    status, _, body = await estate.http(node.address, port, "/metrics")
    assert status == 200
    return body


async def test_the_exporter_tells_of_eight_gpus_by_uuid(estate):
    body = await page(estate, estate.node(), DCGM_PORT)

    assert len(set(re.findall(rb'UUID="(GPU-[0-9a-f-]{36})"', body))) == 8
    assert len(values(body, "DCGM_FI_DEV_POWER_USAGE")) == 8
    assert all(36 <= watts <= 700 for watts in values(body, "DCGM_FI_DEV_POWER_USAGE"))
    assert b"hostname=" in body
    assert b"Hostname=" not in body


async def test_energy_and_tokens_only_rise(estate):
    node, seen = estate.node(), []
    for _ in range(6):
        dcgm, vllm = await page(estate, node, DCGM_PORT), await page(estate, node, VLLM_PORT)
        energy = sum(values(dcgm, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"))
        seen.append((energy, values(vllm, "vllm:generation_tokens_total")[0]))
        estate.clock.now += 5 * HOUR

    for series in zip(*seen, strict=True):
        assert list(series) == sorted(set(series))


async def test_a_sleeping_server_draws_little_and_makes_no_tokens(estate):
    node = estate.node()
    awake = sum(values(await page(estate, node, DCGM_PORT), "DCGM_FI_DEV_POWER_USAGE"))

    status, _, _ = await estate.http(node.address, VLLM_PORT, "/sleep?level=1", "POST")
    estate.clock.now += 30
    asleep = sum(values(await page(estate, node, DCGM_PORT), "DCGM_FI_DEV_POWER_USAGE"))
    first = values(await page(estate, node, VLLM_PORT), "vllm:generation_tokens_total")
    estate.clock.now += HOUR
    later = values(await page(estate, node, VLLM_PORT), "vllm:generation_tokens_total")

    assert status == 200
    assert asleep < 0.4 * awake
    assert first == later
    assert (await estate.http(node.address, VLLM_PORT, "/is_sleeping"))[2] == b'{"is_sleeping":true}'


async def test_waking_takes_seconds(estate):
    node = estate.node()
    await estate.http(node.address, VLLM_PORT, "/sleep?level=1", "POST")
    estate.clock.now += HOUR
    await estate.http(node.address, VLLM_PORT, "/wake_up", "POST")

    assert values(await page(estate, node, VLLM_PORT), "vllm:num_requests_running") == [0.0]
    estate.clock.now += 30
    assert values(await page(estate, node, VLLM_PORT), "vllm:num_requests_running")[0] > 0
    assert [e.command for e in estate.world.journal.entries] == ["sleep", "wake_up"]


async def test_a_level_that_is_not_there_is_refused(estate):
    status, _, _ = await estate.http(estate.node().address, VLLM_PORT, "/sleep?level=3", "POST")

    assert status == 400
    assert estate.world.journal.entries[-1].code == "400"


async def test_a_gpu_with_an_xid_stops_the_server(estate):
    node = estate.node()
    estate.world.change(node.address, Fault.XID)

    assert 79 in values(await page(estate, node, DCGM_PORT), "DCGM_FI_DEV_XID_ERRORS")
    assert (await estate.http(node.address, VLLM_PORT, "/metrics"))[0] == 503


async def test_a_gpu_that_fell_off_the_bus_is_missing(estate):
    node = estate.node()
    estate.world.change(node.address, Fault.DEAD_GPU)

    assert len(values(await page(estate, node, DCGM_PORT), "DCGM_FI_DEV_GPU_TEMP")) == 7


async def test_a_mining_machine_has_no_exporter(estate):
    with pytest.raises(ConnectionResetError):
        await estate.http(estate.machine("luxos").address, DCGM_PORT, "/metrics")
