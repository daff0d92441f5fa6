"""The windows that people set: one sets it, because it only forbids; two lift it before its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from treasury.closing.close import Refused, worded
from treasury.models import EmbargoWindow
from treasury.proposals.embargo import hold
from treasury.proposals.insiders import need_keeper

LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True)
class Wanted:
    """A window to be set."""

    kind: str
    binds: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@transaction.atomic
def forbid(wanted: Wanted, user: User) -> EmbargoWindow:
    """Sets a window; not into the past, so that nothing done becomes forbidden. Raises Refused."""
    need_keeper(user)
    hold(exclusive=True)
    now = clock.database_now()
    if wanted.kind not in EmbargoWindow.Kind.values or wanted.binds not in EmbargoWindow.Binds.values:
        raise Refused("it is no blackout, quarter end or time before a release")
    if not wanted.starts_at < wanted.ends_at <= wanted.starts_at + LONGEST or wanted.ends_at <= now:
        raise Refused("it ends after it begins, in the future, and lasts a year at most")
    row = EmbargoWindow.objects.create(
        kind=wanted.kind, binds=wanted.binds, starts_at=max(wanted.starts_at, now), ends_at=wanted.ends_at,
        reason=worded(wanted.reason), set_by=user.email, set_by_id=user.pk, set_at=now,
    )  # fmt: skip
    audit.record(user, "set embargo", f"embargo/{row.pk}", {"kind": row.kind, "binds": row.binds, "reason": row.reason})
    return row


@transaction.atomic
def ask_to_lift(row: EmbargoWindow, words: str, user: User) -> None:
    """The first of the two. Raises Refused."""
    need_keeper(user)
    asked = {"lift_asked_by": user.email, "lift_asked_by_id": user.pk, "lift_reason": worded(words)}
    if not move(row, "lift_asked_at", None, clock.database_now(), **asked):
        raise Refused("somebody has asked already")
    audit.record(user, "ask to lift embargo", f"embargo/{row.pk}", {"reason": row.lift_reason})


@transaction.atomic
def lift(row: EmbargoWindow, user: User) -> None:
    """The second, another person. Raises Refused."""
    need_keeper(user)
    row = EmbargoWindow.objects.select_for_update().get(pk=row.pk)
    if row.lift_asked_at is None:
        raise Refused("nobody has asked to lift it")
    if row.lift_asked_by_id == user.pk:
        raise Refused("it takes another person than the one who asked")
    if not move(row, "lifted_at", None, clock.database_now(), lifted_by=user.email, lifted_by_id=user.pk):
        raise Refused("it is lifted already")
    audit.record(user, "lift embargo", f"embargo/{row.pk}", {"asked_by": row.lift_asked_by})
