"""The word of people about a decision: approve, refuse, hold. By right, once each, and on record."""

from datetime import timedelta
from typing import Final

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from cango_ops.live.publish import publish
from compute.commands.refusal import Refused, by_now
from compute.decisions.execute import execute, standing_words
from compute.decisions.ruling import judged_again
from compute.decisions.states import close
from compute.decisions.topics import topics_of
from compute.models import Decision, DecisionApproval
from sites import rights

D = Decision.State
HOLD_MIN: Final = 30
LONGEST_HOLD_MIN: Final = 24 * 60
# Ended without an order: a word given before does not count any more.
UNDONE: Final = (D.REFUSED, D.SUPERSEDED, D.EXPIRED)


def approve(decision: Decision, actor: User) -> Decision:
    """Counts the person's word, once; with the last one needed the orders are made. Raises Refused."""
    may_judge(decision, actor)
    with transaction.atomic():
        # Two people at the same moment: without the lock each would count the other out.
        rows = Decision.objects.select_for_update(of=("self",)).select_related("site", "plan")
        locked = rows.get(pk=decision.pk)
        _, is_new = DecisionApproval.objects.get_or_create(
            decision=locked, approver=actor, defaults={"at": database_now()}
        )
        if locked.state in UNDONE or (is_new and locked.state != D.PROPOSED):
            raise overtaken(locked)
        if not is_new:
            return locked
        if locked.not_after <= database_now():
            raise Refused("its time has passed; the next round proposes what pays then")
        judged_again(locked)
        given = len(standing_words(locked))
        if given >= locked.approvals_needed:
            move(locked, "state", D.PROPOSED, D.APPROVED, decided_by=actor, decided_at=database_now())
        publish(*topics_of(locked.site.code))
        detail: dict[str, object] = {"approvals": given, "needed": locked.approvals_needed}
        audit.record(actor, "decision.approved", f"decision/{locked.pk}", detail)
    if locked.state == D.APPROVED:
        execute(locked)
    return locked


def refuse(decision: Decision, actor: User, reason: str) -> None:
    """Ends a proposal. Raises Refused."""
    may_judge(decision, actor)
    if decision.state not in (D.PROPOSED, D.HELD):
        raise overtaken(decision)
    words = f"refused by {actor}: {reason.strip() or 'no reason given'}"
    with transaction.atomic():
        if not close(decision, D.REFUSED, actor, words):
            raise overtaken(Decision.objects.get(pk=decision.pk))


def hold(decision: Decision, actor: User, minutes: int, reason: str = "") -> None:
    """Puts a proposal aside; until the hold is over nothing else is proposed at the site. Raises Refused."""
    may_judge(decision, actor)
    if not 0 < minutes <= LONGEST_HOLD_MIN:
        raise Refused("a hold lasts from a minute to a day")
    with transaction.atomic():
        until = database_now() + timedelta(minutes=minutes)
        if not move(decision, "state", D.PROPOSED, D.HELD, held_until=until, decided_by=actor):
            raise overtaken(Decision.objects.get(pk=decision.pk))
        publish(*topics_of(decision.site.code))
        detail: dict[str, object] = {"until": until.isoformat(), "reason": reason.strip()[:200]}
        audit.record(actor, "decision.held", f"decision/{decision.pk}", detail)


def overtaken(decision: Decision) -> Refused:
    state = "approved, but not done" if decision.state == D.FAILED else decision.get_state_display().lower()
    return by_now(state, decision.end_reason)


def may_judge(decision: Decision, actor: User) -> None:
    if actor.token_rights is not None:
        raise Refused("to decide takes a person, not a token", is_right=True)
    if not rights.may(actor, rights.APPROVE, decision.site):
        raise Refused("your role at this site does not allow deciding", is_right=True)
