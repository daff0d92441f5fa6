import asyncio
import struct

import pytest
from pymodbus.client import AsyncModbusTcpClient

from cango_ops.estate.layout import MODBUS_PORT, layout
from cango_ops.estate.machine import Machine, Pulse
from cango_ops.estate.meters import abb_b23, scale_for, sunspec_203
from cango_ops.estate.registers import int16, text, uint32, uint64
from cango_ops.estate.world import World
from tests.estate.small_estate import Clock

SUNSPEC_SITE, ABB_SITE = "MACON", "CASPER"
HOUR = 3_600


async def read(estate, code: str, start: int, count: int) -> list[int]:
    address = estate.world.by_code[code].site.meter.address
    client = AsyncModbusTcpClient(address, port=MODBUS_PORT + estate.estate.shift, timeout=20, retries=0)
    await client.connect()
    try:
        return (await client.read_holding_registers(start, count=count, device_id=1)).registers
    finally:
        client.close()


def signed(word: int) -> int:
    return struct.unpack(">h", struct.pack(">H", word))[0]


def machines_w(estate, code: str) -> float:
    site = estate.world.by_code[code]
    return sum(machine.power_at(estate.clock.now) for machine in estate.world.machines_of(site))


async def power_203(estate, code: str = SUNSPEC_SITE) -> float:
    """Model 203 begins at 40070; W is its 17th register, W_SF its 21st."""
    words = await read(estate, code, 40_070, 107)
    return signed(words[2 + 16]) * 10.0 ** signed(words[2 + 20])


async def test_the_chain_of_sunspec_models_can_be_walked(estate):
    assert await read(estate, SUNSPEC_SITE, 40_000, 4) == [0x5375, 0x6E53, 1, 66]
    assert await read(estate, SUNSPEC_SITE, 40_070, 2) == [203, 105]
    assert await read(estate, SUNSPEC_SITE, 40_177, 2) == [0xFFFF, 0]


async def test_the_meter_sees_a_few_per_cent_more_than_the_machines_say(estate):
    said = machines_w(estate, SUNSPEC_SITE)

    assert 1.01 < await power_203(estate) / said < 1.12


async def test_the_phases_add_up_and_give_the_power(estate):
    words = (await read(estate, SUNSPEC_SITE, 40_072, 40))[:40]

    total, phases = signed(words[16]), [signed(word) for word in words[17:20]]
    assert sum(phases) == pytest.approx(total, abs=3)


async def test_energy_rises_with_the_power(estate):
    async def kwh() -> int:
        words = await read(estate, SUNSPEC_SITE, 40_072 + 44, 2)
        return words[0] << 16 | words[1]

    before, watts = await kwh(), await power_203(estate)
    estate.clock.now += HOUR

    assert await kwh() - before == pytest.approx(watts / 1000, rel=0.06)


async def test_sleeping_machines_are_missing_from_the_meter(estate):
    before = await power_203(estate)
    site = estate.world.by_code[SUNSPEC_SITE]
    asleep = [m for m in estate.world.machines_of(site) if isinstance(m, Machine)][:5]
    saved = sum(Pulse(m, estate.clock.now).power_w for m in asleep if m.fault != "off")
    for machine in asleep:
        control = machine.commanded(estate.clock.now)
        control.course = control.course.then(estate.clock.now, (1.0, 0.0))
    estate.clock.now += 60

    assert before - await power_203(estate) == pytest.approx(saved, rel=0.15)


async def test_an_abb_meter_speaks_its_own_map(estate):
    words = await read(estate, ABB_SITE, 0x5B14, 2)
    energy = await read(estate, ABB_SITE, 0x5000, 4)

    assert (words[0] << 16 | words[1]) / 100 == pytest.approx(machines_w(estate, ABB_SITE) * 1.06, rel=0.06)
    assert energy[3] > 0


async def test_registers_that_are_not_there_are_an_illegal_address(estate):
    address = estate.world.by_code[ABB_SITE].site.meter.address
    ask = bytes.fromhex("0007 0000 0006 01 03 0001 0002".replace(" ", ""))

    reader, writer = await asyncio.open_connection(address, MODBUS_PORT + estate.estate.shift)
    writer.write(ask)
    data = await asyncio.wait_for(reader.read(64), 30)
    writer.close()

    assert data == bytes.fromhex("0007 0000 0003 01 83 02".replace(" ", ""))


async def test_a_mining_machine_is_no_meter(estate):
    with pytest.raises(ConnectionResetError):
        await estate.bytes_of(estate.machine("avalon").address, MODBUS_PORT, b"\0\1\0\0\0\6\1\3\0\0\0\1")


def test_words_are_worked_by_hand():
    assert uint32(100_000) == [1, 34_464]
    assert uint64(2**40 + 5) == [0, 256, 0, 5]
    assert int16(-12.3, -1) == 0xFF85
    assert text("AB", 2) == [0x4142, 0]
    assert scale_for(700_000) == 2


def test_known_values_come_out_of_the_maps():
    instant = sunspec_203(1_200_000.0, 5e9, 7_967.0, 50.0, 60.0, "X")
    assert (instant[40_072 + 16], instant[40_072 + 20]) == (12_000, 2)
    assert instant[40_072 + 14] == 6_000

    abb = abb_b23(1_200_000.0, 5e9, 7_967.0, 50.0, 50.0)
    assert abb[0x5B14] << 16 | abb[0x5B15] == 120_000_000
    assert abb[0x5B2C] == 5_000
    assert abb[0x5B3A] == 972


def test_a_site_is_summed_up_without_making_its_machines():
    world, other = World(layout(1, 620), Clock()), World(layout(1, 620), Clock())
    site = world.sites[0]
    world.count_in(site)

    made = [machine.nominal_w() for machine in other.machines_of(other.sites[0])]
    assert site.untouched_w == pytest.approx((sum(w for w, _ in made), sum(w for _, w in made)))
