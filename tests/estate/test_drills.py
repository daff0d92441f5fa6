import asyncio

import msgspec
import pytest

from cango_ops.estate.control import perform, send
from cango_ops.estate.drills import DRILLS, Drills
from cango_ops.estate.layout import CGMINER_PORT, DCGM_PORT, FEED_PORT, MODBUS_PORT, POOL_ADDRESS, PRICE_ADDRESS
from cango_ops.estate.world import Manner
from tests.estate.small_estate import Clock, open_estate

MINUTE = 60
READ_ONE = bytes.fromhex("000100000006010300010001")


def drill(estate, name: str, site: str | None = None, minutes: float = 30) -> dict:
    order = {"verb": "drill", "name": name, "site": site, "minutes": minutes}
    return perform(estate.world, order)


async def is_silent(estate, address: str, port: int, data: bytes) -> bool:
    try:
        await estate.bytes_of(address, port, data, limit_s=0.25)
    except TimeoutError:
        return True
    return False


async def test_link_lost_silences_one_site_and_its_meter(estate):
    inside, outside = estate.machine(site="MACON"), estate.machine(site="VILLETA")
    drill(estate, "link-lost", "MACON")

    assert await is_silent(estate, inside.address, CGMINER_PORT, b'{"command":"summary"}')
    assert await is_silent(estate, inside.site.site.meter.address, MODBUS_PORT, READ_ONE)
    assert (await estate.rpc(outside, "summary"))["STATUS"][0]["STATUS"] == "S"


async def test_a_drill_ends_by_itself_and_by_word(estate):
    machine = estate.machine(site="MACON")
    drill(estate, "link-lost", "MACON", minutes=5)
    estate.clock.now += 6 * MINUTE
    assert estate.world.manner(machine, estate.clock.now) is Manner.ANSWERS

    drill(estate, "link-lost")
    assert estate.world.manner(machine, estate.clock.now) is Manner.SILENT
    assert drill(estate, "none") == {"ok": True, "ended": 2}
    assert estate.world.manner(machine, estate.clock.now) is Manner.ANSWERS


async def test_a_heat_wave_warms_the_machines_within_minutes(estate):
    machine = estate.machine("whatsminer_v2")
    before = (await estate.rpc(machine, "summary"))["SUMMARY"][0]
    drill(estate, "heat-wave")
    estate.clock.now += 5 * MINUTE

    after = (await estate.rpc(machine, "summary"))["SUMMARY"][0]
    assert after["Env Temp"] - before["Env Temp"] == pytest.approx(14, abs=1)
    assert after["Fan Speed In"] > before["Fan Speed In"]


async def test_a_price_spike_is_in_the_real_time_price_of_the_sites_market(estate):
    async def price(market: str) -> float:
        _, _, body = await estate.http(PRICE_ADDRESS, FEED_PORT, f"/v1/real-time?market={market}")
        return msgspec.json.decode(body)["prices"][-1]["price"]

    drill(estate, "price-spike", "ODESSA")

    assert await price("ERCOT-WEST") > 1_000
    assert await price("OMAN") < 200


async def test_with_the_pool_down_machines_work_for_their_second(estate):
    machine = estate.machine("luxos")
    drill(estate, "pool-down")

    pools = (await estate.rpc(machine, "pools"))["POOLS"]
    status, _, _ = await estate.http(POOL_ADDRESS, FEED_PORT, "/stats/json/btc/", Pool_Auth_Token="estate-cango-token")
    assert [pool["Status"] for pool in pools] == ["Dead", "Alive", "Alive"]
    assert [pool["Stratum Active"] for pool in pools] == [False, True, False]
    assert status == 503


async def test_garbage_firmware_hits_three_in_ten(estate):
    drill(estate, "firmware-garbage")

    manners = [estate.world.manner(machine, estate.clock.now) for machine in estate.machines()]
    assert 0.2 < manners.count(Manner.BABBLES) / len(manners) < 0.4


async def test_gpu_failure_hits_some_nodes_and_not_all(estate):
    nodes = [m for site in estate.world.sites for m in estate.world.machines_of(site) if m.language == "gpu_node"]
    before = sum(node.is_broken(estate.clock.now) for node in nodes)
    drill(estate, "gpu-failure")

    broken = sum(node.is_broken(estate.clock.now) for node in nodes)
    assert before < broken < len(nodes)
    _, _, body = await estate.http(nodes[0].address, DCGM_PORT, "/metrics")
    assert b"DCGM_FI_DEV_XID_ERRORS" in body


async def test_a_meter_that_is_gone_says_nothing_while_machines_answer(estate):
    machine = estate.machine(site="MACON")
    drill(estate, "meter-gone", "MACON")

    assert await is_silent(estate, machine.site.site.meter.address, MODBUS_PORT, READ_ONE)
    assert (await estate.rpc(machine, "summary"))["SUMMARY"]


def test_every_drill_says_what_it_does():
    assert set(DRILLS) == {
        "link-lost", "heat-wave", "price-spike", "pool-down", "firmware-garbage", "gpu-failure", "meter-gone",
    }  # fmt: skip


def test_a_drill_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no drill named 'flood'"):
        Drills().start("flood", None, 0.0, 1.0)


async def test_a_changed_machine_shows_it_at_once(estate):
    machine = estate.machine("whatsminer_v2")
    assert (await estate.rpc(machine, "get_error_code"))["Msg"]["error_code"] == []

    perform(estate.world, {"verb": "machine", "address": machine.address, "fault": "dead_board"})

    assert len((await estate.rpc(machine, "get_error_code"))["Msg"]["error_code"]) == 1
    assert len((await estate.rpc(machine, "edevs"))["DEVS"]) == 2


@pytest.mark.parametrize(
    "order",
    [
        {"verb": "dance"},
        {"verb": "drill", "name": "heat-wave", "site": "NOWHERE"},
        {"verb": "machine", "address": "127.11.1.1", "fault": "plague"},
        {"verb": "machine", "address": "127.99.1.1", "fault": "hung"},
        {"verb": "machine", "address": "127.11.1.1", "act": "dance"},
        {"verb": "machine", "address": "here", "fault": "hung"},
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_with_a_reason(estate, order):
    answer = perform(estate.world, order)

    assert answer["ok"] is False
    assert answer["error"]


async def test_orders_come_over_the_socket_in_the_run_folder(tmp_path):
    estate = await open_estate(Clock(), devices=84, run_dir=tmp_path)
    machine = next(iter(estate.machines()))
    order = {"verb": "machine", "address": machine.address, "act": "sleep"}

    answer = await asyncio.to_thread(send, tmp_path, order)
    status = await asyncio.to_thread(send, tmp_path, {"verb": "status"})
    await estate.estate.close()

    assert answer == {"ok": True, "address": machine.address, "act": "sleep"}
    assert (status["sites"], status["devices"]) == (42, 84)
    assert machine.control.is_asleep
    assert (tmp_path / "control.sock").stat().st_mode & 0o077 == 0


async def test_the_journal_is_a_file_with_one_command_a_line(tmp_path):
    estate = await open_estate(Clock(), devices=620, run_dir=tmp_path)
    machine = estate.machine("braiins")

    await estate.rpc(machine, "pause")
    await estate.estate.close()

    lines = (tmp_path / "journal.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line) for line in lines] == [
        {
            "at": 1_795_262_400.0, "address": machine.address, "port": 4028 + estate.estate.shift,
            "dialect": "braiins", "command": "pause", "parameters": "", "code": "0",
        }
    ]  # fmt: skip


def test_what_a_market_asked_during_a_spike_is_said_of_that_time_when_the_spike_is_over():
    drills = Drills()
    drills.start("price-spike", "PRYOR", now=1000.0, minutes=10)

    assert drills.on(1700.0) == []
    assert drills.is_on("price-spike", "PRYOR", 1300.0)
    assert not drills.is_on("price-spike", "PRYOR", 1700.0)
