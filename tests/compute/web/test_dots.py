"""Dots of what a megawatt-hour is worth: one axis for all sites, spikes hollow at its edge."""

import pytest

from compute.decisions.uses import Worth
from compute.web.switching.dots import Axis, axis_of, dots


def worth(use: str, margin: float) -> Worth:
    return Worth(use, use, margin, margin, 1.0, 1.0)


def test_the_axis_holds_nought_and_every_use_short_of_a_spike():
    assert axis_of([[worth("mining", 60.0)], [worth("sold", -7.0)]]) == Axis(-7.0, 60.0)
    assert axis_of([[worth("mining", -2000.0)], [worth("ai", 9000.0)]]) == Axis(-200.0, 500.0)
    assert axis_of([]) == Axis(-1.0, 1.0)


def test_a_place_is_a_share_of_the_width_with_room_at_both_ends():
    axis = Axis(-100.0, 100.0)
    assert [axis.at(usd) for usd in (-100.0, 0.0, 100.0, 900.0)] == pytest.approx([6.0, 50.0, 94.0, 94.0])


def test_leaving_it_off_is_the_rule_and_no_dot_and_a_spike_stands_hollow():
    drawn = dots([worth("ai", 600.0), worth("mining", 50.0), worth("idle", 0.0)], Axis(0.0, 500.0))
    assert drawn.count("<circle") == 2
    assert drawn.count("is-beyond") == 1
    assert "Margins, $/MWh: ai 600, mining 50" in drawn
