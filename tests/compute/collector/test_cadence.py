"""When machines are inspected."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.collector import cadence

IDS = st.integers(1, 10**7)


@given(IDS, st.floats(0, 0.999), st.integers(1, 59))
def test_the_hand_passes_each_machine_once_a_round(device_id: int, start: float, sweeps: int) -> None:
    hands = [start]
    for _ in range(sweeps):
        hands.append(cadence.hand_after(hands[-1], 10.0, room=1000, devices=1000, sweep_s=10))
    rest = (hands[-1], start)

    passed = [cadence.is_passed(device_id, *step) for step in [*pairwise(hands), rest]]

    assert sum(passed) == 1


def test_inspections_are_spread_over_the_sweeps() -> None:
    after = cadence.hand_after(0.99, 20.0, room=1000, devices=3000, sweep_s=10)

    passed = sum(cadence.is_passed(device_id, 0.99, after) for device_id in range(5000, 8000))

    assert after == pytest.approx(0.0233, abs=1e-4)  # a thirtieth of a round, and past its end
    assert 80 <= passed <= 120  # of 3,000 machines


def test_the_hand_waits_where_there_is_no_room_and_makes_no_whole_round_after_a_pause() -> None:
    assert cadence.hand_after(0.5, 60.0, room=0, devices=1000, sweep_s=60) == 0.5
    assert cadence.hand_after(0.5, 60.0, room=5, devices=1000, sweep_s=60) == 0.505
    assert cadence.hand_after(0.5, 86_400.0, room=1000, devices=900, sweep_s=60) == pytest.approx(0.499)


def test_uptime_shorter_than_the_time_since_the_last_sweep_is_a_restart() -> None:
    assert cadence.has_restarted(12, heard_at=1000.0, now=1020.0)
    assert not cadence.has_restarted(3600, heard_at=1000.0, now=1020.0)


def test_nothing_is_a_restart_without_an_uptime_or_a_sweep_before() -> None:
    assert not cadence.has_restarted(None, heard_at=1000.0, now=1020.0)
    assert not cadence.has_restarted(12, heard_at=None, now=1020.0)


def test_small_fleet_is_inspected_at_once_and_a_large_one_in_parts() -> None:
    assert cadence.inspections_allowed(None, 900, sweep_s=20) == 1000
    assert cadence.inspections_allowed(50_000, 100_000, sweep_s=60) == 6_666
    assert cadence.inspections_allowed(0, 100_000, sweep_s=60) == 833  # everybody within two hours


def test_a_sweep_that_takes_its_whole_time_makes_the_next_hold_fewer_inspections() -> None:
    assert cadence.inspections_next(4000, took_s=55.0, sweep_s=60) == 2000
    assert cadence.inspections_next(4000, took_s=40.0, sweep_s=60) == 4000
    assert cadence.inspections_next(4000, took_s=20.0, sweep_s=60) == 6000


def test_a_few_hanging_machines_do_not_count_as_want_of_time() -> None:
    assert cadence.inspections_next(1000, took_s=10.0, sweep_s=5) == 1500


def rounds(poll_s: float, inspection_s: float, count: int = 240) -> list[tuple[int, float, int]]:
    """Sweeps of 100,000 machines a minute, on a machine that needs so much time for them: (inspected, seconds, left).

    All slots share the machine, so that a sweep takes as long as all four together.
    """
    said, left, rows = None, 100_000, []
    for _ in range(count):
        allowed = cadence.inspections_allowed(said, 100_000, 60)
        inspected = max(min(allowed, left), 1_666)  # once all are known, those that the hand passes
        took_s = poll_s + inspected * inspection_s
        said = cadence.inspections_next(allowed, took_s, 60)
        left = max(0, left - inspected)
        rows.append((inspected, took_s, left))
    return rows


def test_first_contact_with_a_whole_company_keeps_to_the_minute() -> None:
    made = rounds(poll_s=40.0, inspection_s=0.003)

    assert max(took_s for _, took_s, _ in made) <= 60
    assert next(minute for minute, (_, _, left) in enumerate(made) if not left) <= 60


def test_on_an_idle_machine_first_contact_is_over_within_twenty_minutes() -> None:
    made = rounds(poll_s=10.0, inspection_s=0.001)

    assert next(minute for minute, (_, _, left) in enumerate(made) if not left) <= 20


def test_slower_sweeps_make_inspections_rarer() -> None:
    assert cadence.inspect_every_s(10) == 600
    assert cadence.inspect_every_s(60) == 3600
