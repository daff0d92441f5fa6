from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.telemetry import codec
from compute.telemetry.codec import MISSING, Frame, UnknownFormat, decode, encode, from_rows, merge, peek, to_steps

NOON = 1_795_262_400
# Few seconds and few values, so that equal seconds with other values are common and not a lucky find.
FEW = st.sampled_from([None, 0.0, 1.0, 200.25, -3.5])
WIDE = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-(2**60), 2**60).map(float))


def frames(values=FEW, kind="asic", places=6):
    columns = len(codec.DIGITS[kind])
    sample = st.tuples(
        st.integers(1, places), st.integers(NOON, NOON + 2), st.lists(values, min_size=columns, max_size=columns)
    )
    return st.lists(sample, max_size=places, unique_by=lambda one: one[0]).map(lambda rows: frame_of(kind, rows))


def frame_of(kind, rows) -> Frame:
    if not rows:
        return codec.empty(kind)
    slots, at, samples = zip(*rows, strict=True)
    return from_rows(kind, slots, at, to_steps(kind, samples))


def asic(slot: int, at: int, hashrate_ths: float, accepted: float = 10.0) -> Frame:
    return frame_of("asic", [(slot, at, [hashrate_ths, 3500.0, 61.5, 72.0, 5400.0, accepted, 0.0, 3600.0])])


def hashrate(frame: Frame, slot: int) -> float:
    return float(codec.from_steps("asic", frame.values)[0, slot - 1])


@given(frames(WIDE))
def test_what_was_encoded_is_decoded(frame):
    back = decode(encode(frame))

    assert (back.at == frame.at).all()
    assert (back.values == frame.values).all()
    assert (back.conflicts == frame.conflicts).all()


@given(frames(WIDE), st.integers(1, 8))
def test_one_place_is_read_as_the_whole_frame_reads_it(frame, slot):
    found = peek(encode(frame), slot)

    if slot > frame.places or not frame.present[slot - 1]:
        assert found is None
    else:
        steps = [None if step == MISSING else step for step in frame.values[:, slot - 1].tolist()]
        assert found == (frame.at[slot - 1], steps)


@given(st.lists(frames(), min_size=1, max_size=4))
def test_any_order_gives_the_same_bytes(several):
    def folded(order):
        whole = codec.empty("asic")
        for frame in order:
            whole = merge(whole, frame)
        return encode(whole)

    assert len({folded(order) for order in permutations(several)}) == 1


@given(frames(), frames(), frames())
def test_grouping_does_not_matter(a, b, c):
    assert encode(merge(merge(a, b), c)) == encode(merge(a, merge(b, c)))


@given(frames(), frames())
def test_what_was_merged_already_changes_nothing(a, b):
    both = merge(a, b)

    assert encode(merge(both, b)) == encode(merge(both, a)) == encode(both)


@given(frames(), frames())
def test_bytes_in_between_change_nothing(a, b):
    assert encode(merge(decode(encode(a)), decode(encode(b)))) == encode(merge(a, b))


def test_the_later_sample_stays():
    both = merge(asic(1, NOON + 20, 190.0), asic(1, NOON, 200.0))

    assert hashrate(both, 1) == 190.0
    assert both.at.tolist() == [NOON + 20]
    assert not both.conflicts.any()


def test_two_truths_of_one_second_are_a_conflict_with_one_winner():
    both = merge(asic(2, NOON, 190.0), asic(2, NOON, 200.0))

    assert hashrate(both, 2) == 200.0
    assert both.conflicts.tolist() == [False, True]


def test_a_later_sample_ends_the_conflict():
    both = merge(merge(asic(1, NOON, 190.0), asic(1, NOON, 200.0)), asic(1, NOON + 1, 195.0))

    assert not both.conflicts.any()


def test_a_counter_beyond_four_bytes_finds_room():
    frame = merge(asic(1, NOON, 200.0, accepted=3.0), asic(2, NOON, 200.0, accepted=6e12))

    assert codec.from_steps("asic", decode(encode(frame)).values)[5].tolist() == [3.0, 6e12]


def test_what_a_machine_did_not_say_is_not_zero():
    frame = frame_of("gpu", [(1, NOON, [None, None, 700.0, None, None, None, 8.0, None])])

    values = codec.from_steps("gpu", decode(encode(frame)).values)[:, 0]

    assert values[[2, 6]].tolist() == [700.0, 8.0]
    assert np.isnan(values[[0, 1, 3, 4, 5, 7]]).all()


def test_not_a_number_is_not_said():
    assert to_steps("asic", [[float("nan"), float("inf"), None, 1.05, 0, 0, 0, 0]])[0, :4].tolist() == [
        MISSING, MISSING, MISSING, 10,
    ]  # fmt: skip


def test_two_hundred_machines_of_one_minute_take_at_most_twenty_bytes_each():
    numbers = np.random.default_rng(1)
    noise = numbers.normal(0, 1, (200, 8))
    samples = [200, 3500, 60, 70, 5500, 90_000, 60, 500_000] + noise * [5, 40, 3, 3, 200, 20_000, 30, 200_000]
    frame = from_rows("asic", range(1, 201), NOON + numbers.integers(0, 60, 200), to_steps("asic", np.abs(samples)))

    assert len(encode(frame)) <= 200 * 20


@pytest.mark.parametrize("damage", ["version", "magic", "kind", "digits", "short", "long", "nothing"])
def test_unknown_bytes_are_one_clear_error(damage):
    data = bytearray(encode(asic(1, NOON, 200.0)))
    where = {"magic": 0, "version": 2, "kind": 3, "digits": codec.HEAD.size}.get(damage)
    if where is not None:
        data[where] = 99
    data = {"short": data[:-1], "long": data + b"x", "nothing": bytearray()}.get(damage, data)

    with pytest.raises(UnknownFormat):
        decode(bytes(data))
