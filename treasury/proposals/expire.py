"""Ends proposals whose time has passed: unapproved at once, approved once what was done in time could be booked."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from treasury.closing.close import Refused
from treasury.models import Proposal
from treasury.proposals.approve import end
from treasury.proposals.book import GRACE

S = Proposal.State


def close_late(now: datetime) -> int:
    """How many were ended; one that somebody moved meanwhile is left alone."""
    late = Q(state=S.PROPOSED, not_after__lte=now) | Q(state=S.APPROVED, not_after__lte=now - GRACE)
    done = 0
    for row in Proposal.objects.filter(late):
        words = "nobody approved it in time" if row.state == S.PROPOSED else "it was not booked in time"
        try:
            with transaction.atomic():
                end(row, S.EXPIRED, "treasury", words)
        except Refused:
            continue
        done += 1
    return done
