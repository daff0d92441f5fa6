"""The word of others about a proposal: approve this very content, reject, withdraw. Each once, whoever is first."""

from datetime import datetime
from typing import Final

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.books import entries
from treasury.closing.close import Refused, need, worded
from treasury.models import Proposal, ProposalApproval
from treasury.proposals import embargo, targets
from treasury.proposals.at_once import at_once
from treasury.proposals.book import overtaken
from treasury.proposals.policy import TOLD
from treasury.proposals.terms import of_proposal

S: Final = Proposal.State
K: Final = Proposal.Kind
OPEN: Final = (S.PROPOSED, S.APPROVED)
# Ended without being booked: a yes given before does not count any more.
UNDONE: Final = (S.REJECTED, S.WITHDRAWN, S.EXPIRED)
# Booked with the last approval: nothing is left to be carried out, and what was checked is the evidence.
AT_ONCE: Final = (K.ADDRESS, K.POLICY, K.EXCEPTION, *TOLD)


@embargo.refusing()
@transaction.atomic
def approve(proposal: Proposal, digest: str, user: User, words: str = "") -> Proposal:
    """Counts the person's yes to this content, once; with the last one needed it is approved. Raises Refused.

    words: for the address book, how the address was verified.
    """
    need(user, rights.APPROVE_TREASURY)
    if proposal.kind in TOLD:
        entries.lock()  # before the row's, as every writer of the books takes it
    # Two people at the same moment: without the lock each would count the other out.
    row = Proposal.objects.select_for_update().get(pk=proposal.pk)
    now = clock.database_now()
    if row.state not in UNDONE and row.approvals.filter(approver=user, digest=digest).exists():
        return row
    refuse_approval(row, digest, user, now)
    told = worded(words) if row.kind == K.ADDRESS else " ".join(words.split())[:500]
    ProposalApproval.objects.create(proposal=row, approver=user, digest=digest, words=told, at=now)
    given = row.approvals.count()
    if given >= row.approvals_needed and not move(row, "state", S.PROPOSED, S.APPROVED, approved_at=now):
        raise Refused("somebody else was first")
    if row.state == S.APPROVED and row.kind in AT_ONCE:
        at_once(row, user, told)
    detail = {"digest": digest, "approvals": given, "needed": row.approvals_needed, "words": told}
    audit.record(user, "approve proposal", f"proposal/{row.pk}", detail)
    return row


def refuse_approval(row: Proposal, digest: str, user: User, now: datetime) -> None:
    if row.maker_id == user.pk:
        raise Refused("nobody approves a proposal of their own")
    if row.state != S.PROPOSED:
        raise overtaken(row)
    if row.digest != digest:
        raise Refused("this is not what you looked at")
    if row.not_after <= now:
        raise Refused("its time has passed")
    embargo.refuse(row, user)
    targets.check(of_proposal(row), now)


@transaction.atomic
def reject(proposal: Proposal, user: User, words: str) -> None:
    """Ends it, as long as nothing is booked. Raises Refused."""
    need(user, rights.APPROVE_TREASURY)
    if proposal.maker_id == user.pk:
        raise Refused("it is your own: withdraw it")
    end(proposal, S.REJECTED, user, f"{user}: {worded(words)}")


@transaction.atomic
def withdraw(proposal: Proposal, user: User, words: str) -> None:
    """Its maker takes it back, as long as nothing is booked. Raises Refused."""
    need(user, rights.MOVE_TREASURY)
    if proposal.maker_id != user.pk:
        raise Refused("only its maker withdraws it")
    end(proposal, S.WITHDRAWN, user, f"{user}: {worded(words)}")


def end(proposal: Proposal, state: str, actor: User | str, words: str) -> None:
    """From wherever it is open; part of the caller's transaction. Raises Refused."""
    ended = {"ended_at": clock.database_now(), "end_reason": words[:500]}
    if not any(move(proposal, "state", old, state, **ended) for old in OPEN):
        raise overtaken(Proposal.objects.get(pk=proposal.pk))
    audit.record(actor, f"{state} proposal", f"proposal/{proposal.pk}", {"reason": words})
