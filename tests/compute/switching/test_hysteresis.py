from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from compute.switching.hysteresis import Direction, Memory, Offer, Rules, judge

STOP = Offer(Direction.STOP, gain_usd=100.0, margin_usd=1000.0, price_usd_mwh=80.0)
START = replace(STOP, direction=Direction.START)
RULES = Rules()


def windows(rules, offers):
    """The verdicts of one window after the other, a quarter of an hour apart."""
    memory, verdicts = Memory(), []
    for at, offer in enumerate(offers):
        verdict = judge(rules, memory, offer, now_h=at / 4)
        memory = verdict.memory
        verdicts.append(verdict.changes)
    return verdicts


def test_a_stop_waits_for_two_windows_and_a_start_for_four():
    assert windows(RULES, [STOP] * 3) == [False, True, False]
    assert windows(RULES, [START] * 4) == [False, False, False, True]


def test_wanting_the_opposite_begins_the_count_anew():
    assert windows(RULES, [STOP, START, STOP, STOP]) == [False, False, False, True]


def test_a_window_without_a_gain_begins_the_count_anew():
    assert windows(RULES, [STOP, replace(STOP, gain_usd=5.0), STOP, STOP]) == [False, False, False, True]


@pytest.mark.parametrize(
    ("gain", "margin", "changes"), [(25.0, 0.0, False), (26.0, 0.0, True), (60.0, 3000.0, False), (61.0, -3000.0, True)]
)
def test_the_gain_must_pass_25_dollars_and_two_per_cent_of_the_margin(gain, margin, changes):
    offer = replace(STOP, gain_usd=gain, margin_usd=margin, is_ordered=True)

    assert judge(RULES, Memory(), offer, 0.0).changes is changes


def test_a_spike_stops_at_once_and_does_not_start_at_once():
    assert judge(RULES, Memory(), replace(STOP, price_usd_mwh=151.0), 0.0).changes
    assert not judge(RULES, Memory(), replace(START, price_usd_mwh=151.0), 0.0).changes


def test_an_order_is_followed_at_once():
    assert judge(RULES, Memory(), replace(START, is_ordered=True), 0.0).changes


def test_no_more_starts_are_let_through_than_a_day_may_have():
    rules = Rules(windows_to_start=1, most_starts_a_day=2)

    assert windows(rules, [START] * 97) == [True, True, *[False] * 94, True]


def test_machines_that_start_by_a_change_of_use_wear_as_much_as_by_a_resume():
    """Power that goes from ASICs to nodes and back starts machines each time."""
    rules = Rules(windows_to_shift=1, most_starts_a_day=2)
    shift = replace(STOP, direction=Direction.SHIFT, starts=True)

    assert windows(rules, [shift] * 4) == [True, True, False, False]
    assert windows(rules, [replace(shift, starts=False)] * 4) == [True] * 4


def test_a_refusal_says_why():
    small, none = (judge(RULES, Memory(), replace(STOP, gain_usd=usd), 0.0).words for usd in (5.0, -0.001))
    assert small == "a change would earn $5.00 more, and must earn more than $25"
    assert none == "a change would earn nothing, and must earn more than $25"
    assert judge(RULES, Memory(), STOP, 0.0).words == "a change pays since 1 of the 2 rounds that it must"


def test_a_year_of_flapping_prices_starts_machines_no_more_often_than_the_rules_say():
    """5-minute prices that jump around the strike with each step: 105,120 windows, at most 8 starts in any 24 hours,
    and no run shorter than four windows of waiting."""
    dice, memory, is_on = Random(7), Memory(), True
    started_h, stopped_h = [], []
    for at in range(365 * 24 * 12):
        price = 80 + dice.uniform(-60, 60) + 50 * ((at // 7) % 2)
        wants_on = price < 100
        if wants_on == is_on:
            memory = judge(RULES, memory, replace(STOP, gain_usd=0.0), at / 12).memory
            continue
        offer = replace(START if wants_on else STOP, price_usd_mwh=price)
        verdict = judge(RULES, memory, offer, at / 12)
        memory = verdict.memory
        if verdict.changes:
            is_on = wants_on
            (started_h if is_on else stopped_h).append(at / 12)

    assert len(started_h) > 365
    assert len(started_h) <= 8 * 365
    assert all(later - first >= 24 for first, later in zip(started_h, started_h[8:], strict=False))
    off = list(zip(stopped_h, started_h, strict=False))
    assert all(start - stop >= 4 / 12 - 1e-9 for stop, start in off)
    assert all(stop < start for stop, start in off)
    assert all(one < other for one, other in pairwise(started_h))
