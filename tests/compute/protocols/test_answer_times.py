"""Answer times in buckets."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.protocols.answer_times import BUCKETS, Tally, quantile_ms


def tally(*seconds: float) -> Tally:
    told = Tally()
    for each in seconds:
        told.add(each, None, "", 0.0)
    return told


def test_a_failure_has_no_time_but_words():
    told = tally(0.010)
    told.add(5.0, "deadline", "", 1_700_000_000.0)
    told.add(0.001, "garbled", "no STATS", 1_700_000_001.0)

    assert (told.asked, told.answered, sum(told.histogram)) == (3, 1, 1)
    assert (told.failure, told.failed_at) == ("garbled: no STATS", 1_700_000_001.0)


def test_long_words_are_cut():
    told = Tally()
    told.add(0.0, "garbled", "x" * 5_000, 1.0)

    assert len(told.failure) == 200


@pytest.mark.parametrize("part", [0.5, 0.99])
def test_a_quantile_is_right_to_a_fifth(part):
    draw = random.Random(7)
    times = sorted(draw.lognormvariate(-3, 0.8) for _ in range(5_000))

    told = quantile_ms(tally(*times).histogram, part)

    assert told == pytest.approx(1000 * times[int(part * len(times))], rel=0.2)


def test_no_answers_have_no_quantile():
    assert quantile_ms([0] * BUCKETS, 0.5) is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.floats(0, 1))
def test_every_time_has_a_bucket_and_a_quantile(times, part):
    told = tally(*times)

    assert sum(told.histogram) == len(times)
    assert 0 <= quantile_ms(told.histogram, part) <= 25_000
