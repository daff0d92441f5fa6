"""Walking the models of a SunSpec device."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from sites.meters import sunspec
from sites.meters.reading import MeterReading
from tests.sites.meters.replies import answered, at

MARK = (0x5375, 0x6E53)
COMMON = (1, 66, *([0x4142] * 64), 1, 0x8000)
END = (0xFFFF, 0)


def integer_meter(w: int, w_sf: int, kwh: int, wh_sf: int, model: int = 203) -> tuple[int, ...]:
    """105 registers: W at 16 with its scale at 20, the import accumulator at 44 with its scale at 52."""
    words = [0x8000] * 105
    words[16], words[20], words[52] = w & 0xFFFF, w_sf & 0xFFFF, wh_sf & 0xFFFF
    words[44], words[45] = kwh >> 16, kwh & 0xFFFF
    return (model, 105, *words)


def float_meter(w: float, wh: float) -> tuple[int, ...]:
    words = [0x7FC0, 0] * 62
    words[26:28] = struct.unpack(">HH", struct.pack(">f", w))
    words[66:68] = struct.unpack(">HH", struct.pack(">f", wh))
    return (213, 124, *words)


def test_meter_behind_the_common_model_is_found_and_scaled() -> None:
    held = at(40000, *MARK, *COMMON, *integer_meter(4_870, 4, 123_456, 3), *END)

    assert answered(sunspec.read(1), held) == MeterReading(power_w=48_700_000.0, energy_wh=123_456_000.0)


def test_scale_may_be_a_negative_power() -> None:
    held = at(40000, *MARK, *COMMON, *integer_meter(-12_345, -1, 7, 0), *END)

    assert answered(sunspec.read(1), held) == MeterReading(power_w=-1_234.5, energy_wh=7.0)


def test_models_in_front_of_the_meter_are_passed_over() -> None:
    other = (103, 50, *([0] * 50))
    held = at(40000, *MARK, *COMMON, *other, *integer_meter(10, 0, 1, 3, model=201), *END)

    assert answered(sunspec.read(1), held).power_w == 10.0


@pytest.mark.parametrize("base", [50000, 0])
def test_device_may_begin_elsewhere(base: int) -> None:
    held = at(base, *MARK, *COMMON, *integer_meter(10, 0, 1, 3), *END)

    assert answered(sunspec.read(1), held).power_w == 10.0


def test_meter_in_floats_needs_no_scale() -> None:
    held = at(40000, *MARK, *COMMON, *float_meter(1_500_000.0, 2.5e9), *END)

    assert answered(sunspec.read(1), held) == MeterReading(power_w=1_500_000.0, energy_wh=2.5e9)


def test_value_that_is_not_implemented_and_counter_that_is_not_kept_are_none() -> None:
    held = at(40000, *MARK, *COMMON, *integer_meter(0x8000, 0, 0, 0), *END)

    assert answered(sunspec.read(1), held) == MeterReading()


def test_value_without_its_scale_is_none() -> None:
    held = at(40000, *MARK, *COMMON, *integer_meter(10, 0x8000, 1, 3), *END)

    assert answered(sunspec.read(1), held) == MeterReading(energy_wh=1000.0)


@pytest.mark.parametrize(
    "held",
    [
        at(40000, *MARK, *COMMON, *END),
        at(40000, *MARK, 1, 0, *([7] * 200)),
        at(40000, 1, 2, 3, 4),
        {},
    ],
)
def test_device_without_a_meter_is_garbled(held: dict[int, int]) -> None:
    with pytest.raises(Garbled):
        answered(sunspec.read(1), held)


def test_absurd_scale_is_garbled() -> None:
    held = at(40000, *MARK, *COMMON, *integer_meter(10, 99, 1, 3), *END)

    with pytest.raises(Garbled, match=r"10\^99"):
        answered(sunspec.read(1), held)


@pytest.mark.parametrize("model", [203, 213])
def test_a_meter_that_is_too_short_is_not_read_beyond_its_end(model: int) -> None:
    held = at(40000, *MARK, *COMMON, model, 20, *([1] * 20), *integer_meter(10, 0, 1, 3), *END)

    with pytest.raises(Garbled, match=f"model {model} of 20 registers is too short"):
        answered(sunspec.read(1), held)


@given(words=st.lists(st.integers(0, 0xFFFF), max_size=160), base=st.sampled_from([40000, 50000, 0]))
def test_any_chain_ends_in_a_reading_or_in_garbled(words: list[int], base: int) -> None:
    with suppress(Garbled):
        assert isinstance(answered(sunspec.read(1), at(base, *MARK, *words)), MeterReading)


def test_a_chain_that_runs_in_circles_is_given_up() -> None:
    with pytest.raises(Garbled):
        answered(sunspec.read(1), at(40000, *MARK, *([1, 1, 7] * 200)))


@pytest.mark.parametrize(
    ("code", "words"), [(2, "no SunSpec mark"), (6, "device busy"), (11, "target does not answer")]
)
def test_gateway_whose_meter_is_silent_is_told_from_a_device_without_sunspec(code: int, words: str) -> None:
    with pytest.raises(Garbled, match=words):
        refused_with(code)


def refused_with(code: int) -> None:
    """A device that refuses every question so."""
    talk = sunspec.read(1)
    ask = next(talk)
    while True:
        ask = talk.send(ask.payload[:4] + bytes((0, 3, 1, 0x83, code)))


def test_models_of_the_maker_are_passed_over() -> None:
    held = at(40000, *MARK, *COMMON, 64001, 3, 7, 7, 7, 64002, 1, 9, *integer_meter(10, 0, 1, 3), *END)

    assert answered(sunspec.read(1), held).power_w == 10.0
