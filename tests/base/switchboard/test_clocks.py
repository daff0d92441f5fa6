"""Deadlines without timers."""

from hypothesis import given
from hypothesis import strategies as st

from cango_ops.base.switchboard.clocks import Clocks

WAITS = st.lists(st.tuples(st.floats(0, 10), st.sampled_from((0.5, 2.0, 5.0))), max_size=40)


@given(WAITS, st.floats(0, 20))
def test_due_is_what_was_set_long_enough_ago_and_each_once(waits: list[tuple[float, float]], now: float) -> None:
    clocks: Clocks[int] = Clocks()
    for number, (at, seconds) in enumerate(sorted(waits)):
        clocks.set(at, seconds, number, 0)

    due = sorted(whose for whose, _ in clocks.due(now))

    assert due == [number for number, (at, seconds) in enumerate(sorted(waits)) if at + seconds <= now]
    assert clocks.due(now) == []


def test_pause_ends_when_the_next_wait_is_due() -> None:
    clocks: Clocks[str] = Clocks()
    clocks.set(100.0, 5.0, "slow", 1)
    clocks.set(101.0, 2.0, "quick", 1)

    assert clocks.pause(101.0, at_most_s=60.0) == 2.0
    assert clocks.pause(101.0, at_most_s=0.5) == 0.5
    assert clocks.pause(104.0, at_most_s=60.0) == 0.0
