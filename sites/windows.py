"""Plans windows of maintenance and relocation, ends them early, takes them back; each with its audit event.

They may be entered afterwards, too: what a month's uptime is split by is what is known when the month is frozen.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import IntegrityError, transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from sites import rights
from sites.models import PlannedWindow, Site

LONGEST: Final = timedelta(days=92)
FURTHEST: Final = timedelta(days=400)
NO_RIGHT: Final = "your role at this site does not allow it"


class WindowRefused(ValueError):
    """Why it is not entered. is_right: because the person may not."""

    def __init__(self, words: str, *, is_right: bool = False) -> None:
        super().__init__(words)
        self.is_right = is_right


class Place(NamedTuple):
    """A container by number and code; both empty: the whole site."""

    container_id: int | None = None
    container: str = ""


WHOLE: Final = Place()


class Wanted(NamedTuple):
    """A window as somebody wants it."""

    kind: str
    begin_at: datetime
    end_at: datetime
    reason: str
    place: Place = WHOLE


def may_plan(actor: User, site: Site) -> bool:
    return rights.may(actor, rights.OPERATE, site)


def plan(actor: User, site: Site, wanted: Wanted) -> PlannedWindow:
    """Enters the window. Raises WindowRefused."""
    if not may_plan(actor, site):
        raise WindowRefused(NO_RIGHT, is_right=True)
    now = database_now()
    check(wanted, now)
    row = PlannedWindow(
        site=site, container_id=wanted.place.container_id, container=wanted.place.container, kind=wanted.kind,
        begin_at=wanted.begin_at, end_at=wanted.end_at, reason=wanted.reason.strip(), entered_by=actor, entered_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(actor, "window.planned", f"site/{site.code}", told(row))
    except IntegrityError as why:
        if "window_once_a_place" not in str(why):
            raise
        raise WindowRefused("it overlaps another window of the same machines: end or take back that one") from why
    return row


def check(wanted: Wanted, now: datetime) -> None:
    """Raises WindowRefused."""
    if wanted.kind not in PlannedWindow.Kind.values:
        raise WindowRefused("it is maintenance or relocation")
    if not 0 < len(wanted.reason.strip()) <= 200:
        raise WindowRefused("say why, in at most 200 characters")
    if wanted.end_at <= wanted.begin_at:
        raise WindowRefused("it ends before it begins")
    if wanted.end_at - wanted.begin_at > LONGEST:
        raise WindowRefused(f"a window lasts at most {LONGEST.days} days")
    if not now - FURTHEST < wanted.begin_at < now + FURTHEST:
        raise WindowRefused(f"a window begins at most {FURTHEST.days} days before or after today")


def end_now(actor: User, window: PlannedWindow) -> bool:
    """Ends it early; False where it is not in force. Raises WindowRefused."""
    if not may_plan(actor, window.site):
        raise WindowRefused(NO_RIGHT, is_right=True)
    with transaction.atomic():
        now = database_now()
        if not PlannedWindow.objects.at(now).filter(pk=window.pk, begin_at__lt=now).update(end_at=now):
            return False
        audit.record(actor, "window.ended", f"site/{window.site.code}", told(window) | {"ended_at": now.isoformat()})
    return True


def withdraw(actor: User, window: PlannedWindow) -> bool:
    """Takes it back, as if it had never been entered; it stays on record. False where it was. Raises WindowRefused."""
    if not may_plan(actor, window.site):
        raise WindowRefused(NO_RIGHT, is_right=True)
    with transaction.atomic():
        rows = PlannedWindow.objects.standing().filter(pk=window.pk)
        if not rows.update(withdrawn_at=database_now(), withdrawn_by=actor):
            return False
        audit.record(actor, "window.withdrawn", f"site/{window.site.code}", told(window))
    return True


def told(row: PlannedWindow) -> dict[str, object]:
    return {
        "kind": row.kind, "place": row.place, "begin_at": row.begin_at.isoformat(), "end_at": row.end_at.isoformat(),
        "reason": row.reason,
    }  # fmt: skip
