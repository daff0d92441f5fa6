"""What meters said, minute by minute, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from sites.metering.queries import energy_wh, power_now, series
from sites.metering.save import Heard, save
from sites.meters.reading import MeterReading
from sites.models import Meter, MeterMinute
from tests.worlds import World, make_world

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return make_world(devices=0)


@pytest.fixture
def meter(world: World) -> Meter:
    return world.pecos.meters.get()


def heard(meter: Meter, second: int, power_w: float | None, energy: float | None = None) -> Heard:
    reading = MeterReading(power_w=power_w, energy_wh=energy)
    return Heard(meter.pk, "PECOS", NOON + timedelta(seconds=second), reading)


def test_minute_holds_the_mean_of_its_readings_and_the_last_counter(meter: Meter) -> None:
    for second, power_w, energy in ((0, 100.0, 7.0), (20, 200.0, 8.0), (40, 600.0, 9.0)):
        save([heard(meter, second, power_w, energy)])

    minute = MeterMinute.objects.get()
    assert (minute.power_w, minute.energy_wh, minute.readings) == (pytest.approx(300.0), 9.0, 3)


def test_reading_that_comes_twice_or_late_changes_nothing(meter: Meter) -> None:
    save([heard(meter, 20, 200.0, 8.0)])
    save([heard(meter, 20, 200.0, 8.0)])
    save([heard(meter, 0, 1000.0, 7.0)])

    minute, now = MeterMinute.objects.get(), Meter.objects.get(pk=meter.pk)
    assert (minute.power_w, minute.readings) == (200.0, 1)
    assert (now.power_w, now.observed_at) == (200.0, NOON + timedelta(seconds=20))


def test_site_without_a_meter_has_no_metered_power(world: World) -> None:
    power = power_now([world.muscat.pk])[world.muscat.pk]

    assert (power.meters, power.power_w, power.reason) == (0, None, "no meter")


def test_old_reading_is_never_shown_as_power_now(world: World, meter: Meter) -> None:
    save([heard(meter, 0, 500.0)])

    fresh = power_now([world.pecos.pk], NOON + timedelta(seconds=40))[world.pecos.pk]
    stale = power_now([world.pecos.pk], NOON + timedelta(seconds=50))[world.pecos.pk]

    assert (fresh.power_w, fresh.age_s(NOON + timedelta(seconds=40))) == (500.0, 40.0)
    assert (stale.power_w, stale.reason, stale.observed_at) == (None, "main: stale", NOON)


def test_sum_of_a_site_waits_for_all_its_meters(world: World, meter: Meter) -> None:
    Meter.objects.create(site=world.pecos, name="second", address="127.0.0.1", port=1, map_name="abb_b23")
    save([heard(meter, 0, 500.0)])

    power = power_now([world.pecos.pk], NOON)[world.pecos.pk]

    assert (power.meters, power.fresh, power.power_w, power.reason) == (2, 1, None, "second: never read")


def test_series_adds_meters_and_leaves_gaps(world: World, meter: Meter) -> None:
    second = Meter.objects.create(site=world.pecos, name="second", address="127.0.0.1", port=1, map_name="abb_b23")
    for at_s, power_w in ((0, 100.0), (60, 200.0), (120, 300.0), (180, 400.0)):
        save([heard(meter, at_s, power_w)])
    for at_s, power_w in ((60, 10.0), (180, 30.0)):
        save([heard(second, at_s, power_w)])

    found = series([world.pecos.pk], NOON, NOON + timedelta(minutes=5))

    assert found.resolution_s == 60
    assert found.start_at[1] == NOON + timedelta(minutes=1)
    assert found.power_w == [100.0, 210.0, None, 430.0, None]  # the second meter was put in during the second minute


def test_longer_series_has_means_of_its_steps(world: World, meter: Meter) -> None:
    for at_s, power_w in ((0, 100.0), (60, 200.0), (900, 600.0)):
        save([heard(meter, at_s, power_w)])

    assert series([world.pecos.pk], NOON, NOON + timedelta(minutes=30), 900).power_w == [150.0, 600.0]


def test_energy_is_what_the_counter_counted(meter: Meter) -> None:
    for at_s, energy in ((0, 1_000.0), (60, 1_400.0), (120, None), (180, 2_000.0)):
        save([heard(meter, at_s, 1.0, energy)])

    assert energy_wh(meter.pk, NOON, NOON + timedelta(minutes=5)) == 1_000.0
    assert energy_wh(meter.pk, NOON, NOON + timedelta(minutes=1)) is None
