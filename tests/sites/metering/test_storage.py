"""Reading batteries over real sockets into a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cango_ops.base.models import JobRun
from sites.metering.storage import Said, read_batteries, save
from sites.meters.storage import StorageReading
from sites.models import Battery
from tests import machines
from tests.machines import Field
from tests.sites.metering.test_read import holds
from tests.sites.meters.test_storage import CAPACITY, MEASURED, controls, held
from tests.worlds import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def field() -> Iterator[Field]:
    with machines.field() as started:
        yield started


@pytest.fixture
def world() -> World:
    return make_world(devices=0)


def battery(world: World, port: int | None) -> Battery:
    where = {"address": "127.0.0.1", "port": port} if port else {}
    return Battery.objects.create(site=world.pecos, capacity_mwh=8, charge_mw=5, discharge_mw=5, **where)


def test_a_battery_is_asked_and_what_it_says_is_kept(field: Field, world: World) -> None:
    row = battery(world, field.put(holds(held(MEASURED, controls(), CAPACITY))))

    read_batteries()

    row.refresh_from_db()
    assert (row.soc_mwh, row.power_w, row.setpoint_w) == (5.0, -5_000_000.0, -1_250_000.0)
    assert (row.soc_source, row.failing_reason) == ("battery", "")
    assert datetime.now(UTC) - row.soc_at < timedelta(minutes=1)
    assert JobRun.objects.get(name="sites.read_batteries").detail["answered"] == 1


def test_a_battery_that_does_not_answer_keeps_its_last_word_and_says_why(field: Field, world: World) -> None:
    row = battery(world, field.put(holds(held(MEASURED))))
    Battery.objects.update(soc_mwh=4.0, soc_at=datetime.now(UTC) - timedelta(hours=1))

    read_batteries()
    read_batteries()

    row.refresh_from_db()
    assert row.soc_mwh == 4.0
    assert row.failing_reason == "answer not understood: no storage among the SunSpec models"
    assert row.failing_since is not None


def test_an_older_word_replaces_no_newer_one(world: World) -> None:
    row = battery(world, None)
    now = datetime.now(UTC)

    save([Said(row, now, StorageReading(soc_share=0.5))])
    save([Said(row, now - timedelta(seconds=9), StorageReading(soc_share=0.1))])

    row.refresh_from_db()
    assert row.soc_mwh == 4.0


def test_a_battery_without_an_address_is_never_asked(world: World) -> None:
    battery(world, None)

    read_batteries()

    assert JobRun.objects.get(name="sites.read_batteries").detail == {"why": "no battery has an address"}
