"""Batteries that speak SunSpec: what they say, and the registers of a setpoint, worked by hand from the models."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from sites.meters import modbus, storage
from sites.meters.modbus import Refused
from sites.meters.storage import Controls, StorageReading, controls_of, setpoint_words
from tests.sites.meters.replies import answered, at

MARK, END = (0x5375, 0x6E53), (0xFFFF, 0)
# 701: W = -50 in steps of 10^5 W. 713: content 6,250 of 10^-2 %.
MEASURED = (701, 153, *([0x8000] * 8), 0xFFCE, *([0x8000] * 105), 5, *([0x8000] * 38))
CAPACITY = (713, 7, 4000, 2500, 6250, 10_000, 0, 4, 0xFFFE)


def controls(enabled=1, mode=1, raw=(0xFFFF, 0xCF2C)):
    """704 from its head on: -12,500 steps of 10^2 W are -1.25 MW."""
    words = [0x8000] * 65
    words[20:24] = [enabled, mode, *raw]
    words[53] = 2
    return (704, 65, *words)


def held(*models):
    return at(40000, *MARK, *[word for model in models for word in model], *END)


def test_a_battery_says_how_full_it_is_what_it_does_and_what_it_was_told():
    said = answered(storage.read(1), held(MEASURED, controls(), CAPACITY))

    assert said == StorageReading(power_w=-5_000_000.0, soc_share=0.625, setpoint_w=-1_250_000.0)


def test_what_it_does_not_say_is_none():
    assert answered(storage.read(1), held(CAPACITY)) == StorageReading(soc_share=0.625)
    assert answered(storage.read(1), held(CAPACITY, controls(enabled=0))).setpoint_w is None
    assert answered(storage.read(1), held(CAPACITY, controls(mode=0))).setpoint_w is None


def test_a_chain_without_storage_is_no_battery():
    with pytest.raises(Garbled, match="no storage among the SunSpec models"):
        answered(storage.read(1), held(MEASURED))


def test_more_than_full_is_garbled():
    with pytest.raises(Garbled, match="a content of 125 %"):
        answered(storage.read(1), held((713, 7, 4000, 2500, 12_500, 10_000, 0, 4, 0xFFFE)))


def test_where_it_is_told_is_found_behind_the_other_models():
    """40002 + head and 153 of 701 + head of 704 + 20."""
    assert answered(controls_of(1), held(MEASURED, controls())) == Controls(40179, 100.0, (0x8000, 0x8000))


def test_a_battery_that_takes_no_watts_says_so():
    with pytest.raises(Garbled, match="no model 704"):
        answered(controls_of(1), held(CAPACITY))
    with pytest.raises(Garbled, match="no setpoint in watts"):
        answered(controls_of(1), held(controls(raw=(0x8000, 0x0000))))


def test_a_setpoint_is_absolute_and_ends_at_rest():
    """-1.25 MW for 100,000 s (1 x 65,536 + 34,464), then 0 W; the percents stay as they stood."""
    words = setpoint_words(Controls(0, 100.0, (7, 8)), -1_250_000.0, 100_000)

    assert words == [1, 1, 0xFFFF, 0xCF2C, 0, 0, 7, 8, 1, 1, 34_464]


@pytest.mark.parametrize(("power_w", "seconds"), [(1e13, 60), (0.0, 0), (0.0, -5), (0.0, 2**32)])
def test_what_the_registers_cannot_say_is_refused(power_w, seconds):
    with pytest.raises(ValueError, match="cannot be said"):
        setpoint_words(Controls(0, 100.0, (0, 0)), power_w, seconds)


def test_a_write_is_one_frame_and_its_answer_repeats_it():
    ask = modbus.write_ask(1, 0x9CF3, [1, 2])

    assert ask.payload.hex() == "9cf30000000b01109cf300020400010002"
    modbus.parse_written(bytes.fromhex("9cf30000000601109cf30002"), 1, 0x9CF3, 2)
    with pytest.raises(Refused, match="illegal register"):
        modbus.parse_written(bytes.fromhex("9cf300000003019002"), 1, 0x9CF3, 2)
    with pytest.raises(Garbled, match="no answer to a write"):
        modbus.parse_written(bytes.fromhex("9cf30000000601109cf30003"), 1, 0x9CF3, 2)


@given(st.dictionaries(st.integers(39_990, 40_300), st.integers(0, 0xFFFF)), st.integers(0, 0xFFFF))
def test_whatever_stands_in_the_registers_is_a_reading_or_garbled(held_words, word):
    full = dict.fromkeys(range(40_000, 40_400), word) | held_words | at(40_000, *MARK)
    with suppress(Garbled):
        answered(storage.read(1), full)
