"""Reading meters over real sockets into a real database."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from cango_ops.base import leases
from cango_ops.base.models import JobRun
from cango_ops.live.models import LiveTopic
from sites.metering.queries import power_now
from sites.metering.read import read_meters
from sites.metering.save import Heard, save
from sites.meters.reading import MeterReading
from sites.models import Meter, MeterMinute
from tests import machines
from tests.machines import Behaviour, Field
from tests.sites.meters.replies import at, reply
from tests.worlds import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

B23 = at(0x5B14, 0x001E, 0x8480) | at(0x5000, 0, 0, 0x0001, 0x86A0)  # 20 kW and 1 MWh


def holds(held: Mapping[int, int]) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(reply(await reader.readexactly(12), held))

    return behave


@pytest.fixture
def field() -> Iterator[Field]:
    with machines.field() as started:
        yield started


@pytest.fixture
def world() -> World:
    return make_world(devices=0)


def set_up(meter: Meter, port: int, map_name: str = "abb_b23") -> Meter:
    Meter.objects.filter(pk=meter.pk).update(address="127.0.0.1", port=port, map_name=map_name)
    meter.refresh_from_db()
    return meter


@pytest.fixture
def meter(world: World) -> Meter:
    return world.pecos.meters.get()


def test_meter_is_read_and_kept(field: Field, world: World, meter: Meter) -> None:
    port = field.put(holds(B23))
    set_up(meter, port)

    report = read_meters()

    meter.refresh_from_db()
    assert (report["outcome"], report["meters"], report["answered"]) == ("done", 1, 1)
    assert (meter.power_w, meter.energy_wh, meter.failing_reason) == (20_000.0, 1_000_000.0, "")
    assert meter.minutes.get().power_w == 20_000.0
    assert field.connections["127.0.0.1", port] == 1  # both questions over one connection
    assert power_now([world.pecos.pk])[world.pecos.pk].power_w == 20_000.0
    assert set(LiveTopic.objects.values_list("topic", flat=True)) == {"fleet", "site/PECOS"}


def test_meters_of_several_makes_are_kept_together(field: Field, world: World, meter: Meter) -> None:
    set_up(meter, field.put(holds(B23)))
    relay = Meter.objects.create(site=world.muscat, name="main", address="127.0.0.1", port=1)
    set_up(relay, field.put(holds(at(1939, 0, 40_000))), map_name="abb_reu615")

    read_meters()

    powers = power_now([world.pecos.pk, world.muscat.pk])
    assert [powers[site.pk].power_w for site in (world.pecos, world.muscat)] == [20_000.0, 40_000.0]


def test_meter_that_is_gone_says_since_when_and_why(field: Field, world: World, meter: Meter) -> None:
    set_up(meter, field.put(holds(B23)))
    read_meters()
    set_up(meter, field.put(machines.closes_at_once))

    report = read_meters()
    first_failure = Meter.objects.get(pk=meter.pk).failing_since
    read_meters()

    meter.refresh_from_db()
    assert report["answered"] == 0
    assert meter.failing_since == first_failure
    assert meter.failing_reason.startswith("closes the connection")
    assert meter.power_w == 20_000.0  # its last word, with its time


def test_meter_that_is_back_is_no_longer_failing(field: Field, world: World, meter: Meter) -> None:
    set_up(meter, field.put(machines.closes_at_once))
    read_meters()
    set_up(meter, field.put(holds(B23)))

    read_meters()

    meter.refresh_from_db()
    assert (meter.failing_since, meter.failing_reason) == (None, "")


def test_meter_of_an_unknown_map_is_told_and_not_connected_to(field: Field, world: World, meter: Meter) -> None:
    port = field.put(holds(B23))
    set_up(meter, port, map_name="crystal_ball")

    read_meters()

    meter.refresh_from_db()
    assert meter.failing_reason == "no register map crystal_ball"
    assert ("127.0.0.1", port) not in field.connections


def test_meter_without_a_power_value_is_failing(field: Field, world: World, meter: Meter) -> None:
    set_up(meter, field.put(holds(B23 | at(0x5B14, 0x7FFF, 0xFFFF))))

    read_meters()

    meter.refresh_from_db()
    assert (meter.power_w, meter.failing_reason) == (None, "says no power")


def test_world_without_meters_says_so(world: World) -> None:
    Meter.objects.all().delete()

    assert read_meters() == {"outcome": "skipped", "why": "no site has a meter"}


def test_only_one_worker_reads_the_meters(world: World) -> None:
    leases.take("meters", ttl_s=60)

    assert read_meters()["outcome"] == "skipped"
    assert JobRun.objects.get().outcome == "skipped"


def test_write_without_its_lease_is_refused_whole(meter: Meter) -> None:
    lease = leases.take("meters", ttl_s=60)
    leases.release(lease)

    with pytest.raises(leases.LeaseLost):
        save([Heard(meter.pk, "PECOS", datetime.now(UTC), MeterReading(power_w=1.0))], lease)

    assert not MeterMinute.objects.exists()
