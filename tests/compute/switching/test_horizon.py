import numpy as np
import pytest

from compute.switching.carry import State, after, entering, state_of
from compute.switching.horizon import onto_steps, steps_h
from compute.switching.planning import plan_site
from compute.switching.reprice import reprice
from tests.compute.switching.worlds import asic, battery, site


def test_two_days_are_24_quarter_hours_and_42_hours():
    hours = steps_h()

    assert len(hours) == 66
    assert hours[:24].tolist() == [0.25] * 24
    assert hours[24:].tolist() == [1.0] * 42
    assert steps_h(7.5).tolist() == [0.25] * 24 + [1.0, 0.5]
    assert steps_h(3.0).tolist() == [0.25] * 12


def test_a_series_of_quarter_hours_becomes_means_over_the_steps():
    hours = np.array([0.25, 0.25, 1.0, 0.5])

    assert onto_steps(np.array([1.0, 2, 3, 4, 5, 6, 7, 9, 11]), hours).tolist() == [1.0, 2.0, 4.5, 8.0]
    with pytest.raises(ValueError, match="8 quarter hours do not fill 3 hours"):
        onto_steps(np.ones(8), np.array([1.0, 1.0, 1.0]))


def test_minimum_times_are_hours_whatever_the_steps_are():
    """Started a quarter of an hour ago and held for one: two quarters more and the first of the next."""
    pecos = site([asic(min_up_h=1.0, started=((0.25, 1.0),))], *[500] * 4, hours=0.25)

    assert plan_site(pecos).plan.modules["S21"].tolist() == [[1, 1, 1, 0]]


def test_a_plan_by_steps_of_different_length_is_priced_by_their_hours():
    uneven = site([asic()], 40, 40)
    uneven.hours[1] = 0.25

    assert reprice(uneven, plan_site(uneven).plan).profit_usd == pytest.approx(60 + 15)


def test_the_state_after_a_step_is_where_the_next_horizon_begins():
    unit = asic(min_up_h=1.0, min_down_h=0.5, on_before=0.0)
    state = State((0.0,), ((),), ((),), 1.0)

    begun = after(state, [unit], [1.0], 0.25, 1.5)
    later = after(begun, [unit], [1.0], 0.5, 1.5)
    ended = after(later, [unit], [0.0], 0.25, 1.5)

    assert begun.started == (((0.25, 1.0),),)
    assert later.started == (((0.75, 1.0),),)
    assert ended.started == ((),)
    assert ended.stopped == (((0.25, 1.0),),)
    assert ended.soc_mwh == 1.5


def test_a_site_is_planned_from_the_state_it_is_really_in():
    pecos = site([asic(min_up_h=1.0)], 500, 500, hours=0.25, battery=battery())
    just_started = State((1.0,), (((0.25, 1.0),),), ((),), 0.5)

    again = entering(pecos, just_started)

    assert state_of(again) == just_started
    assert plan_site(again).plan.modules["S21"].tolist() == [[1, 1]]
