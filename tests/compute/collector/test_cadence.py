"""When machines are inspected."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from compute.collector import cadence

IDS = st.integers(1, 10**7)


@given(IDS, st.floats(0, 1e6))
def test_machine_is_inspected_once_in_ten_minutes_of_sweeps(device_id: int, start: float) -> None:
    sweeps = [start + 20.0 * number for number in range(31)]  # 30 steps of 20 s

    due = [cadence.is_inspection_due(device_id, *step, 600.0) for step in pairwise(sweeps)]

    assert sum(due) == 1


def test_inspections_are_spread_over_the_sweeps() -> None:
    per_sweep = [
        sum(cadence.is_inspection_due(device_id, at, at + 20.0, 600.0) for device_id in range(5000, 8000))
        for at in (0.0, 20.0, 300.0, 580.0)
    ]

    assert all(80 <= count <= 120 for count in per_sweep)  # 3,000 machines, 30 sweeps in ten minutes


def test_uptime_shorter_than_the_time_since_the_last_sweep_is_a_restart() -> None:
    assert cadence.has_restarted(12, heard_at=1000.0, now=1020.0)
    assert not cadence.has_restarted(3600, heard_at=1000.0, now=1020.0)


def test_nothing_is_a_restart_without_an_uptime_or_a_sweep_before() -> None:
    assert not cadence.has_restarted(None, heard_at=1000.0, now=1020.0)
    assert not cadence.has_restarted(12, heard_at=None, now=1020.0)


def test_small_fleet_is_inspected_at_once_and_a_large_one_in_parts() -> None:
    assert cadence.inspections_at_most(900, sweep_s=20) == 1000
    assert cadence.inspections_at_most(100_000, sweep_s=60) == 6_666


def test_slower_sweeps_make_inspections_rarer() -> None:
    assert cadence.inspect_every_s(10) == 600
    assert cadence.inspect_every_s(60) == 3600
