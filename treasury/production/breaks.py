"""Keeps the list of breaks: what is found again stays, what is gone is closed, and what people say of it is kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.models import ReconciliationBreak

SHORTEST, LONGEST = 8, 500
OPEN: Final = ReconciliationBreak.State.OPEN
EXPLAINED: Final = ReconciliationBreak.State.EXPLAINED
CLOSED: Final = ReconciliationBreak.State.CLOSED


class Found(NamedTuple):
    """A break as it stands now. off_sat: the later of the two tellers less the earlier."""

    kind: str
    subject: str
    off_sat: int
    words: str
    owner: str = "treasury"


class Refused(Exception):
    """Why a person's word on a break is not taken."""


@transaction.atomic
def note(kinds: Collection[str], found: Sequence[Found], now: datetime, prefix: str = "") -> None:
    """Makes the breaks of these kinds (with `prefix`: whose subject begins so) those that were found."""
    kept = {
        (row.kind, row.subject): row
        for row in ReconciliationBreak.objects.select_for_update().filter(kind__in=kinds, subject__startswith=prefix)
    }
    there = set()
    for one in found:
        one = one._replace(subject=one.subject[:200], words=one.words[:300])
        there.add((one.kind, one.subject))
        row = kept.get((one.kind, one.subject))
        if row is None:
            ReconciliationBreak.objects.create(first_seen_at=now, seen_at=now, **one._asdict())
        else:
            again(row, one, now)
    gone = [row.pk for key, row in kept.items() if key not in there and row.state != CLOSED]
    ReconciliationBreak.objects.filter(pk__in=gone).update(state=CLOSED, closed_at=now)


def again(row: ReconciliationBreak, one: Found, now: datetime) -> None:
    """One that was found before: it opens again where it came back or changed after it was explained."""
    changes: dict[str, object] = {"off_sat": one.off_sat, "words": one.words, "seen_at": now}
    if row.state == CLOSED:
        stays_closed = bool(row.commented_by) and row.off_sat == one.off_sat
        changes |= {} if stays_closed else {"state": OPEN, "closed_at": None, "first_seen_at": now}
    elif row.off_sat != one.off_sat:
        changes |= {"state": OPEN}
    ReconciliationBreak.objects.filter(pk=row.pk).update(**changes)


@transaction.atomic
def say(user: User, number: int, words: str, closes: bool = False) -> ReconciliationBreak:
    """A person explains a break, or closes it with the reason. Raises Refused."""
    if not rights.may(user, rights.RECONCILE):
        raise Refused("breaks are explained by treasurers and admins of the company")
    words = " ".join(words.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise Refused(f"say in {SHORTEST} to {LONGEST} characters why")
    row = ReconciliationBreak.objects.filter(pk=number).first()
    if row is None:
        raise Refused("there is no such break")
    now, state = clock.now(), CLOSED if closes else EXPLAINED
    told = {"comment": words, "commented_by": user.email[:200], "commented_at": now}
    old = row.state
    if old == CLOSED or not move(row, "state", old, state, closed_at=now if closes else None, **told):
        raise Refused("the break is closed already")
    audit.record(
        user, f"break {state}", f"break/{row.kind}/{row.subject}"[:200], {"off_sat": row.off_sat, "words": words}
    )
    return row


def open_first() -> list[ReconciliationBreak]:
    """What is not closed, open ones first, the oldest first."""
    rows = ReconciliationBreak.objects.filter(~Q(state=CLOSED))
    return sorted(rows, key=lambda row: (row.state != OPEN, row.first_seen_at, row.pk))
