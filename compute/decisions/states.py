"""The states of a decision and how it ends: one compare-and-set, one audit event. Part of the caller's transaction."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from cango_ops.live.publish import publish
from compute.decisions.topics import topics_of
from compute.models import Decision

D = Decision.State
OPEN: Final = (D.PROPOSED, D.HELD, D.APPROVED, D.ORDERED)
# From where to where a decision may go.
MOVES: Final = frozenset(
    {
        (D.PROPOSED, D.APPROVED), (D.PROPOSED, D.REFUSED), (D.PROPOSED, D.HELD), (D.PROPOSED, D.SUPERSEDED),
        (D.PROPOSED, D.EXPIRED), (D.HELD, D.EXPIRED), (D.HELD, D.REFUSED), (D.APPROVED, D.ORDERED),
        (D.APPROVED, D.FAILED), (D.ORDERED, D.DONE), (D.ORDERED, D.FAILED),
    }
)  # fmt: skip


def may_move(old: str, new: str) -> bool:
    return (old, new) in MOVES


def close(decision: Decision, new: str, actor: User | str, words: str) -> bool:
    """Ends the decision; False where somebody was first."""
    if not may_move(decision.state, new):
        raise ValueError(f"no decision goes from {decision.state} to {new}")
    ended = {"ended_at": database_now(), "end_reason": words[:300]}
    if not move(decision, "state", decision.state, new, **ended):
        return False
    publish(*topics_of(decision.site.code))
    audit.record(actor, f"decision.{new}", f"decision/{decision.pk}", {"reason": words[:300]})
    return True


def close_late(now: datetime) -> int:
    """Ends proposals that nobody answered in time, and holds that are over."""
    late = Q(state=D.PROPOSED, not_after__lte=now) | Q(state=D.HELD, held_until__lte=now)
    done = 0
    for decision in Decision.objects.filter(late).select_related("site"):
        words = "nobody answered in time" if decision.state == D.PROPOSED else "the hold is over"
        with transaction.atomic():
            done += close(decision, D.EXPIRED, "planner", words)
    return done
