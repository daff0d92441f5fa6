import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.telemetry import chunk, codec
from compute.telemetry.codec import UnknownFormat, encode, from_rows, to_steps
from tests.compute.telemetry.test_codec import FEW, WIDE

HOUR = 1_795_262_400


def minute_frame(minute, rows):
    if not rows:
        return codec.empty("asic")
    slots, seconds, samples = zip(*rows, strict=True)
    return from_rows("asic", slots, HOUR + 60 * minute + np.array(seconds), to_steps("asic", samples))


def hours(values):
    row = st.tuples(st.integers(1, 5), st.integers(0, 59), st.lists(values, min_size=8, max_size=8))
    rows = st.lists(row, min_size=1, max_size=5, unique_by=lambda one: one[0])
    minutes = st.dictionaries(st.integers(0, 59), rows, max_size=5)
    return minutes.map(lambda found: {minute: minute_frame(minute, rows) for minute, rows in found.items()})


def as_bytes(frames):
    return {minute: encode(frame) for minute, frame in frames.items()}


@given(st.one_of(hours(FEW), hours(WIDE)))
def test_a_sealed_hour_opens_to_the_same_minutes(frames):
    assert as_bytes(chunk.unseal(chunk.seal("asic", HOUR, frames))) == as_bytes(frames)


@given(hours(FEW), hours(FEW))
def test_conflicts_stay_marked(one, other):
    frames = {
        minute: codec.merge(one.get(minute, codec.empty("asic")), other.get(minute, codec.empty("asic")))
        for minute in one.keys() | other.keys()
    }

    assert as_bytes(chunk.unseal(chunk.seal("asic", HOUR, frames))) == as_bytes(frames)


@given(hours(FEW), st.integers(1, 6))
def test_one_machine_is_read_as_the_frames_read_it(frames, slot):
    found = chunk.machine(chunk.seal("asic", HOUR, frames), slot)

    expected = [
        (frame.at[slot - 1], frame.values[:, slot - 1].tolist())
        for _, frame in sorted(frames.items())
        if slot <= frame.places and frame.present[slot - 1]
    ]
    seconds, steps = found or ([], np.zeros((8, 0)))
    assert list(zip(seconds, steps.T.tolist(), strict=True)) == expected


@pytest.mark.parametrize("data", [b"", b"CT", b"CH\x09" + bytes(12), b"CH\x01\x01" + bytes(13)])
def test_unknown_bytes_are_one_clear_error(data):
    with pytest.raises(UnknownFormat):
        chunk.unseal(data)


def test_a_damaged_chunk_is_one_clear_error():
    data = chunk.seal("asic", HOUR, {0: minute_frame(0, [(1, 5, [1.0] * 8)])})

    for end in range(len(data)):
        with pytest.raises(UnknownFormat):
            chunk.unseal(data[:end])
