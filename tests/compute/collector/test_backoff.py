"""How often silent machines are asked."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from compute.collector import backoff
from compute.collector.backoff import Silence

IDS = st.integers(1, 10**7)
SWEEP_S = 20.0


def asked_at(device_id: int, until: float) -> list[float]:
    """The sweeps, from 0 on, in which a machine that never answers is asked."""
    silence, times, now = None, [], 0.0
    while now <= until:
        if backoff.is_due(device_id, silence, now):
            times.append(now)
            silence = backoff.missed(silence, now)
        now += SWEEP_S
    return times


def test_machine_is_asked_again_at_the_next_sweep_after_its_first_miss() -> None:
    assert asked_at(7, until=20.0) == [0.0, 20.0]


def test_dead_machine_is_asked_less_and_less() -> None:
    times = asked_at(7, until=24 * 3600.0)

    assert len([at for at in times if at < 300]) in (6, 7)  # 0, 20, then each 48 to 60 s
    assert len([at for at in times if 300 <= at < 3600]) in range(11, 16)  # each 240 to 300 s
    assert len([at for at in times if at >= 3600]) in range(45, 60)  # each 1440 to 1800 s, and 82,800 s of them


@given(IDS)
def test_returning_machine_is_noticed_within_half_an_hour(device_id: int) -> None:
    times = asked_at(device_id, until=12 * 3600.0)

    assert max(later - earlier for earlier, later in pairwise(times)) <= 1800 + SWEEP_S


@given(IDS, st.integers(2, 1000), st.floats(0, 1e6))
def test_wait_is_never_longer_than_its_step_and_at_most_a_fifth_shorter(
    device_id: int, misses: int, silent_s: float
) -> None:
    silence = Silence(misses, 1e9, 1e9 + silent_s)
    wait = backoff.next_try_at(device_id, silence) - silence.tried_at

    step = 1800 if silent_s >= 3600 else 300 if silent_s >= 300 else 60
    assert 0.8 * step - 1e-3 <= wait <= step + 1e-3


def test_machines_that_died_together_are_not_asked_together() -> None:
    silence = Silence(3, 0.0, 3600.0)
    times = sorted(backoff.next_try_at(device_id, silence) for device_id in range(1000, 2000))

    busiest = max(sum(at <= other < at + SWEEP_S for other in times) for at in times)
    assert busiest < 100  # of 1,000 machines spread over 360 s


@given(st.lists(IDS, min_size=1, max_size=300, unique=True))
def test_every_machine_of_a_dark_container_is_a_scout_in_its_turn(ids: list[int]) -> None:
    rounds = [backoff.scouts(ids, turn) for turn in range((len(ids) + 1) // 2)]

    assert {one for each in rounds for one in each} == set(ids)
    assert max(len(each) for each in rounds) == min(2, len(ids))


def test_machine_that_answers_nonsense_is_not_silent() -> None:
    assert "garbled" not in backoff.SILENT
    assert "denied" not in backoff.SILENT
