from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.alerts.machine import (
    ACKNOWLEDGED,
    FIRING,
    PENDING,
    REOPEN,
    RESOLVED,
    UNWATCHED,
    Standing,
    Timing,
    clear_s,
    holds,
    is_gone,
    news,
)
from cango_ops.alerts.rules import CRITICAL, WARNING

TIMING = Timing(hold_s=60, clear_s=120)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def watched(verdicts: str, every_s: float = 15, before: Standing | None = None, start_s: float = 0) -> Standing | None:
    """Where it stands after so many rounds: + the condition holds, - it does not, ? nobody can tell."""
    standing = before
    for place, verdict in enumerate(verdicts):
        now = at(start_s + place * every_s)
        if verdict == "+":
            standing = holds(standing, WARNING, now, TIMING)
        elif verdict == "-" and standing is not None:
            standing = is_gone(standing, now, TIMING)
    return standing


def test_what_has_just_begun_waits():
    assert watched("+++").state == PENDING


def test_what_holds_for_its_time_fires():
    assert watched("+++++").state == FIRING


def test_what_passes_by_before_its_time_is_forgotten():
    assert watched("+++-") is None


def test_what_is_gone_for_its_time_is_resolved():
    assert watched("+++++" + "-" * 8).state == FIRING
    assert watched("+++++" + "-" * 9).state == RESOLVED


def test_a_moment_of_good_does_not_resolve_it():
    assert watched("+++++" + "-----+---").state == FIRING


def test_while_nobody_can_tell_nothing_moves():
    assert watched("+++++" + "?" * 500) == watched("+++++")
    assert watched("++" + "?" * 3) == watched("++")


def test_after_an_outage_the_time_to_fire_begins_anew():
    pending = watched("++")

    back = holds(pending, WARNING, at(15) + UNWATCHED + timedelta(seconds=1), TIMING)

    assert back.state == PENDING
    assert back.held_since == back.judged_at


def test_after_an_outage_the_time_to_resolve_begins_anew():
    clearing = watched("+++++" + "--")

    back = is_gone(clearing, at(90) + UNWATCHED + timedelta(seconds=30), TIMING)

    assert back.state == FIRING


def test_what_comes_back_soon_is_the_same_alert_and_must_be_gone_for_longer():
    resolved = watched("+++++" + "-" * 9)

    again = watched("+++++", before=resolved, start_s=300)

    assert (again.state, again.reopened, again.resolved_at) == (FIRING, 1, None)
    assert clear_s(again.reopened, TIMING) == 240
    assert news(resolved, holds(resolved, WARNING, at(300), TIMING)) == ""


def test_what_comes_back_for_a_moment_only_stays_resolved():
    resolved = watched("+++++" + "-" * 9)

    after = watched("++-", before=resolved, start_s=300)

    assert (after.state, after.resolved_at) == (RESOLVED, resolved.resolved_at)


def test_what_somebody_has_stays_theirs_until_it_grows_worse():
    theirs = Standing(ACKNOWLEDGED, WARNING, NOON, NOON)

    assert holds(theirs, WARNING, at(15), TIMING).state == ACKNOWLEDGED
    worse = holds(theirs, CRITICAL, at(15), TIMING)
    assert worse.state == FIRING
    assert news(theirs, worse) == "worsened"


def test_a_rule_without_a_time_fires_and_resolves_at_once():
    at_once = Timing(0, 0)

    fired = holds(None, WARNING, NOON, at_once)

    assert fired.state == FIRING
    assert is_gone(fired, at(15), at_once).state == RESOLVED


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("+-?a"), st.integers(1, 200)), max_size=120))
def test_whatever_happens_the_laws_hold(steps):
    """a: a person takes it."""
    now, standing, last_told = NOON, None, None
    for verdict, pause_s in steps:
        now += timedelta(seconds=pause_s)
        if verdict == "+" and is_long_over(standing, now):
            standing = None
        before = standing
        standing = moved(standing, verdict, now)
        word = news(before, standing) if verdict in "+-" else ""
        if word in ("fired", "reopened"):
            assert before is None or before.state == PENDING
            assert now - standing.held_since >= timedelta(seconds=TIMING.hold_s)
            assert last_told is None or now - last_told >= timedelta(seconds=TIMING.hold_s + TIMING.clear_s)
            last_told = now
        if word == "resolved":
            assert before.state in (FIRING, ACKNOWLEDGED)
            assert now - standing.clear_since >= timedelta(seconds=clear_s(before.reopened, TIMING))
        if verdict == "?":
            assert standing == before
        if before is not None and before.state in (FIRING, ACKNOWLEDGED):
            assert standing.state != PENDING
        if standing is not None:
            is_over = standing.state == RESOLVED
            assert not is_over or standing.resolved_at is not None
            assert standing.state not in (FIRING, ACKNOWLEDGED) or standing.resolved_at is None


def moved(standing: Standing | None, verdict: str, now: datetime) -> Standing | None:
    if verdict == "+":
        return holds(standing, WARNING, now, TIMING)
    if standing is not None and verdict == "-":
        return is_gone(standing, now, TIMING)
    if standing is not None and verdict == "a" and standing.state == FIRING:
        return replace(standing, state=ACKNOWLEDGED)
    return standing


def is_long_over(standing: Standing | None, now: datetime) -> bool:
    return standing is not None and standing.state == RESOLVED and now - standing.resolved_at > REOPEN
