"""Small drawings: a line begins where its history begins, and what hardly moves is drawn so."""

import re

from cango_ops.base.drawing import sparkline

WIDE, HIGH = 96, 24


def path_of(drawing: str) -> str:
    return re.search(r'<path d="([^"]+)"', drawing)[1]


def test_two_values_are_a_stroke_and_no_line():
    assert sparkline([None] * 94 + [1.0, 2.0]) == ""
    assert sparkline([]) == ""


def test_a_young_history_is_drawn_from_where_it_begins():
    # Three values over the whole width, the highest 2 below the edge, the lowest 2 above the other.
    assert path_of(sparkline([None] * 93 + [10.0, 30.0, 20.0])) == "M0.0 22.0 L48.0 2.0 L96.0 12.0"


def test_a_gap_within_the_line_stays_a_gap():
    assert path_of(sparkline([10.0, 30.0, None, 10.0, 30.0])) == "M0.0 22.0 L24.0 2.0 M72.0 22.0 L96.0 2.0"


def test_what_hardly_moves_is_drawn_as_what_hardly_moves():
    # 100 to 101 is a fifth of the least room, 5.05: from (5.05 - 1) / 2 above the lowest line on.
    assert path_of(sparkline([100.0, 101.0, 100.0])) == "M0.0 14.0 L48.0 10.0 L96.0 14.0"


def test_a_line_that_never_moves_runs_through_the_middle():
    assert path_of(sparkline([5.0, 5.0, 5.0])) == "M0.0 12.0 L48.0 12.0 L96.0 12.0"
    assert path_of(sparkline([0.0, 0.0, 0.0])) == "M0.0 12.0 L48.0 12.0 L96.0 12.0"
