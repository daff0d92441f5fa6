"""The estate's batteries over real sockets: SunSpec out, a setpoint in, energy kept."""

import asyncio

import pytest

from cango_ops.estate.batteries import SET_AT
from cango_ops.estate.layout import MODBUS_PORT
from sites.meters import modbus, storage, sunspec
from tests.estate.test_orders_over_the_wire import asked

MW = 1e6
HOUR = 3600


def battery_of(estate, code="MACON"):
    return estate.world.by_code[code].battery


async def read(estate, code="MACON"):
    address = battery_of(estate, code).plan.address
    return await asyncio.to_thread(asked, estate, address, MODBUS_PORT, lambda: storage.read(1))


def telling(power_w, seconds):
    controls = yield from storage.controls_of(1)
    yield from modbus.write(1, controls.at, storage.setpoint_words(controls, power_w, seconds))
    return "written"


async def tell(estate, power_w, seconds=HOUR, code="MACON"):
    address = battery_of(estate, code).plan.address
    return await asyncio.to_thread(asked, estate, address, MODBUS_PORT, lambda: telling(power_w, seconds))


async def test_an_untold_battery_rests_and_says_how_full_it_is(estate):
    said = await read(estate)

    assert (said.power_w, said.setpoint_w) == (0.0, None)
    assert 0.3 <= said.soc_share <= 0.7


async def test_a_told_battery_charges_with_its_losses_until_its_time_is_over(estate):
    """Macon: 40 MWh, 20 MW. 10 MW for half an hour put in 5 MWh x 0.95."""
    before = (await read(estate)).soc_share

    assert await tell(estate, -10 * MW, seconds=HOUR // 2) == "written"
    while_told = await read(estate)
    estate.clock.now += HOUR
    afterwards = await read(estate)

    assert (while_told.power_w, while_told.setpoint_w) == (-10 * MW, -10 * MW)
    assert afterwards.soc_share - before == pytest.approx(4.75 / 40, abs=2e-4)
    assert (afterwards.power_w, afterwards.setpoint_w) == (0.0, 0.0)


async def test_it_gives_no_more_than_it_can_and_stops_when_it_is_empty(estate):
    await tell(estate, 90 * MW, seconds=10 * HOUR)
    assert (await read(estate)).power_w == 20 * MW

    estate.clock.now += 5 * HOUR
    said = await read(estate)

    assert (said.power_w, said.soc_share) == (0.0, 0.0)


async def test_the_sites_meter_sees_what_the_battery_takes(estate):
    site = estate.world.by_code["MACON"]
    address = site.site.meter.address

    async def metered():
        estate.clock.now += 2
        return (await asyncio.to_thread(asked, estate, address, MODBUS_PORT, lambda: sunspec.read(1))).power_w

    before = await metered()
    await tell(estate, -10 * MW)

    assert await metered() - before == pytest.approx(10 * MW, rel=0.02)


async def test_each_setpoint_stands_in_the_journal_once(estate):
    await tell(estate, 5 * MW, seconds=900)

    (entry,) = [entry for entry in estate.world.journal.entries if entry.dialect == "modbus"]
    assert (entry.command, entry.code) == (f"write {SET_AT}", "0")
    assert entry.parameters == "1 1 0 50000 0 0 32768 32768 1 0 900"


async def test_other_registers_and_nonsense_are_refused(estate):
    def writing(at, words):
        return lambda: modbus.write(1, at, words)

    address = battery_of(estate).plan.address
    for at, words in ((SET_AT + 1, [1] * 11), (SET_AT, [1] * 10), (SET_AT, [9] * 11)):
        assert await asyncio.to_thread(asked, estate, address, MODBUS_PORT, writing(at, words)) == "garbled"
    assert (await read(estate)).setpoint_w is None
