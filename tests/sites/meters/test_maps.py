"""Meters whose registers stand in a table. The register values are worked by hand from the makers' tables."""

import pytest

from cango_ops.wire import Garbled
from sites.meters import maps
from sites.meters.catalog import METERS
from sites.meters.reading import MeterReading
from tests.sites.meters.replies import answered, at


def test_abb_b23_gives_watts_of_hundredths_and_energy_of_hundredths_of_a_kwh() -> None:
    held = at(0x5B14, 0x001E, 0x8480) | at(0x5000, 0, 0, 0x0001, 0x86A0)  # 2,000,000 and 100,000

    assert answered(METERS["abb_b23"](1), held) == MeterReading(power_w=20_000.0, energy_wh=1_000_000.0)


def test_power_fed_back_is_negative() -> None:
    held = at(0x5B14, 0xFFFF, 0xFF9C) | at(0x5000, 0, 0, 0, 0)  # -100

    assert answered(METERS["abb_b24"](1), held) == MeterReading(power_w=-1.0, energy_wh=0.0)


def test_quantity_the_meter_cannot_measure_is_none() -> None:
    held = at(0x5B14, 0x7FFF, 0xFFFF) | at(0x5000, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF)

    assert answered(METERS["abb_b23"](1), held) == MeterReading()


def test_m4m20_that_was_wired_the_other_way_counts_what_is_drawn_as_export() -> None:
    held = at(0xCB1A, 0xFEB1, 0xCE42) | at(0x5004, 0, 0, 0x58FE, 0x8B17)  # -21,901,758 W and 1,493,076,759

    assert answered(METERS["abb_m4m20_reversed"](1), held) == MeterReading(
        power_w=21_901_758.0, energy_wh=14_930_767_590.0
    )


def test_schneider_pm5340_gives_kilowatts_in_a_float_and_whole_watt_hours() -> None:
    held = at(3059, 0x44FA, 0x2000) | at(3203, 0, 0, 0x0012, 0xD687)  # 2001.0 and 1,234,567

    assert answered(METERS["schneider_pm5340"](1), held) == MeterReading(power_w=2_001_000.0, energy_wh=1_234_567.0)


def test_float_that_is_no_number_is_none() -> None:
    held = at(3059, 0xFFC0, 0x0000) | at(3203, 0x8000, 0, 0, 0)

    assert answered(METERS["schneider_pm5340"](1), held) == MeterReading()


@pytest.mark.parametrize("words", [(0x8000, 0x44BB), (0x7149, 0xF2CA)])  # 1500.0 in the other order; 1e30
def test_float_that_no_meter_says_is_refused_and_not_taken_for_nought(words: tuple[int, int]) -> None:
    with pytest.raises(Garbled, match=r"other order|a power of"):
        answered(METERS["schneider_pm5340"](1), at(3059, *words) | at(3203, 0, 0, 0x0012, 0xD687))


def test_counter_beyond_all_energy_is_refused() -> None:
    held = at(0x5B14, 0x001E, 0x8480) | at(0x5000, 0xFFFF, 0, 0, 0)

    with pytest.raises(Garbled, match="a counter of"):
        answered(METERS["abb_b23"](1), held)


def test_relay_says_power_and_no_energy() -> None:
    assert answered(METERS["abb_reu615"](1), at(1939, 0, 40_000)) == MeterReading(power_w=40_000.0)


def test_meter_of_another_map_is_refused() -> None:
    with pytest.raises(Garbled, match="illegal register"):
        answered(METERS["abb_b23"](1), at(40000, 0x5375, 0x6E53))


def test_every_map_reads_numbers_that_fit_into_one_question() -> None:
    fields = [field for each in maps.MAPS.values() for field in (each.power_w, each.energy_wh) if field]

    assert all(0 <= field.register <= 0xFFFF - 4 and field.unit for field in fields)


def test_satec_counts_kilowatts_and_keeps_the_low_register_first() -> None:
    # 48,700 kW is 0xBE3C, 1,234,567 kWh is 0x0012D687
    held = at(14336, 0xBE3C, 0x0000) | at(14720, 0xD687, 0x0012)

    assert answered(METERS["satec_pm180"](1), held) == MeterReading(power_w=48_700_000.0, energy_wh=1_234_567_000.0)


def test_satec_without_voltage_transformers_counts_watts_and_may_feed_back() -> None:
    held = at(14336, 0xFF9C, 0xFFFF) | at(14720, 7, 0)  # -100

    assert answered(METERS["satec_pm180_direct"](1), held) == MeterReading(power_w=-100.0, energy_wh=7_000.0)
