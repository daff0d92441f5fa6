"""Gaps between real time and day ahead, by hand."""

import numpy as np
import pytest

from compute.backtest.persistence import learnt


def left(gaps, known, *hours, step_h=1.0):
    return learnt(np.array(gaps, dtype=float), step_h).left_usd_mwh(known, np.array(hours, dtype=float)).tolist()


def test_before_anything_is_known_what_is_usual_is_left_of_a_gap():
    assert left([100], 0, 1, 2, 3) == pytest.approx([60, 30, 15])


def test_a_gap_that_stays_is_expected_to_stay():
    """100 pairs and three usual ones of 0.6: (100 + 1.8) / 103 of 50 USD."""
    assert left([50] * 101, 100, 1) == pytest.approx([50 * 101.8 / 103])
    assert left([50] * 101, 100, 24)[0] > 40


def test_a_gap_that_always_turns_over_is_expected_to_turn_over():
    """(-100 + 1.8) / 103 of 50 USD."""
    assert left([50, -50] * 50 + [50], 100, 1) == pytest.approx([-50 * 98.2 / 103])


def test_spikes_that_never_last_leave_nothing():
    """Four spikes before the present one: three usual ones still count, 1.8 / 7 of it."""
    gaps = np.zeros(90)
    gaps[9::20] = 1000.0

    assert left(gaps, 89, 1) == pytest.approx([1000 * 1.8 / 7])


def test_small_gaps_that_never_last_say_nothing_of_the_first_large_one():
    gaps = [0.0, 1.0] * 500 + [1000.0]

    assert left(gaps, 1000, 1) == pytest.approx([600], rel=1e-3)


def test_steps_of_five_minutes_are_compared_with_those_of_the_hour_before():
    """Each gap lasts for an hour and no longer: six of them, each turned over in the next."""
    gaps = np.repeat([30.0, -30.0] * 3, 12)

    assert left(gaps, 71, 1, step_h=1 / 12) == pytest.approx([30 * 58.2 / 63])


def test_nothing_of_the_future_enters():
    gaps = np.random.default_rng(1).normal(0, 50, 200)
    other = gaps.copy()
    other[101:] = 1e6

    assert left(gaps, 100, 1, 2, 5) == left(other, 100, 1, 2, 5)
    assert np.isfinite(left(other, 150, 1, 2, 5)).all()
