"""How an alert goes from state to state. Pure.

    (none) -> pending -> firing -> acknowledged -> resolved -> pending again, within REOPEN_S

A condition must hold for hold_s before it fires and be gone for clear_s before it is resolved; each time that it
comes back soon after doubles the second. While nobody judges, nothing moves, and a stretch that was not watched counts
for neither: after an outage of the console's own nothing fires or resolves at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cango_ops.alerts.rules import GRAVITY

PENDING: Final = "pending"
FIRING: Final = "firing"
ACKNOWLEDGED: Final = "acknowledged"
RESOLVED: Final = "resolved"
OPEN: Final = (FIRING, ACKNOWLEDGED)

REOPEN: Final = timedelta(minutes=15)
# Evaluations come every 15 s: a longer pause than this was not watched.
UNWATCHED: Final = timedelta(seconds=90)
MOST_DOUBLINGS: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alert is. held_since: since when the condition is seen to hold; clear_since: to be gone, None: it holds.

    judged_at: when it was last looked at with an answer. resolved_at: while pending: when it was resolved before.
    reopened: how often it came back.
    """

    state: str
    severity: str
    held_since: datetime
    judged_at: datetime
    clear_since: datetime | None = None
    resolved_at: datetime | None = None
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    hold_s: float
    clear_s: float


def holds(before: Standing | None, severity: str, now: datetime, timing: Timing) -> Standing:
    """Where it stands once its condition was seen to hold."""
    if before is None:
        return fired_if_due(Standing(PENDING, severity, now, now), now, timing)
    after = replace(before, severity=severity, judged_at=now, clear_since=None)
    if before.state == RESOLVED:
        return fired_if_due(replace(after, state=PENDING, held_since=now), now, timing)
    if before.state == PENDING:
        since = now if was_unwatched(before, now) else before.held_since
        return fired_if_due(replace(after, held_since=since), now, timing)
    worse = GRAVITY[severity] > GRAVITY[before.severity]
    return replace(after, state=FIRING) if worse else after


def fired_if_due(standing: Standing, now: datetime, timing: Timing) -> Standing:
    if (now - standing.held_since).total_seconds() < timing.hold_s:
        return standing
    again = standing.resolved_at is not None
    return replace(standing, state=FIRING, resolved_at=None, reopened=standing.reopened + again)


def is_gone(before: Standing, now: datetime, timing: Timing) -> Standing | None:
    """Where it stands once its condition was seen not to hold; None: it never fired and is forgotten."""
    if before.state == RESOLVED:
        return before
    if before.state == PENDING:
        return None if before.resolved_at is None else replace(before, state=RESOLVED, judged_at=now)
    since = now if before.clear_since is None or was_unwatched(before, now) else before.clear_since
    after = replace(before, judged_at=now, clear_since=since)
    if (now - since).total_seconds() < clear_s(before.reopened, timing):
        return after
    return replace(after, state=RESOLVED, resolved_at=now)


def clear_s(reopened: int, timing: Timing) -> float:
    """What flaps must be gone for longer."""
    return timing.clear_s * 2 ** min(reopened, MOST_DOUBLINGS)


def was_unwatched(before: Standing, now: datetime) -> bool:
    return now - before.judged_at > UNWATCHED


def news(before: Standing | None, after: Standing | None) -> str:
    """The word for what happened, for the record and for people; empty where nothing did."""
    old, new = before.state if before else "", after.state if after else ""
    if new == FIRING and old == ACKNOWLEDGED:
        return "worsened"
    if new == FIRING and old != FIRING:
        return "reopened" if after and after.reopened else "fired"
    if new == RESOLVED and old in OPEN:
        return "resolved"
    if before and after and new in OPEN and GRAVITY[after.severity] > GRAVITY[before.severity]:
        return "worsened"
    return ""
