"""Calls of a site's demand-response programmes: told once under the caller's own number, and withdrawn.

A call that is told stands as it was told. The same one again is the same one, other times under its number are refused,
and what is over stays as it was. Two calls of one programme never cover the same minute: its power is paid once.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import AuditEvent, User
from cango_ops.live.publish import publish
from sites import rights
from sites.models import Programme, ProgrammeCall, Site

LONGEST: Final = timedelta(days=7)
FURTHEST: Final = timedelta(days=92)
MOST_TOLD: Final = 30
VERBS: Final = ("call.told", "call.withdrawn")


class CallRefused(ValueError):
    """Why it is not kept. field: what is wrong, empty where it is no field of the call. is_right: the person may not.
    is_wrong: what was said can never be, however things stand."""

    def __init__(self, words: str, field: str = "", *, is_right: bool = False, is_wrong: bool = False) -> None:
        super().__init__(words)
        self.field = field
        self.is_right = is_right
        self.is_wrong = is_wrong


class Called(NamedTuple):
    """A call as somebody tells it. programme: by name. call_id: the number that whoever calls gave it."""

    programme: str
    call_id: str
    begin_at: datetime
    end_at: datetime


def may_tell(actor: User, site: Site) -> bool:
    return rights.may(actor, rights.OPERATE, site)


def tell(actor: User, site: Site, said: Called) -> tuple[ProgrammeCall, bool]:
    """The call, and whether it is new. Raises CallRefused."""
    with transaction.atomic():
        programme = held_programme(actor, site, said.programme)
        known = ProgrammeCall.objects.filter(programme=programme, call_id=said.call_id).first()
        if known is not None:
            return same(known, said), False
        now = database_now()
        check(said, now)
        check_programme(programme, said)
        row = ProgrammeCall.objects.create(
            programme=programme, call_id=said.call_id, begin_at=said.begin_at, end_at=said.end_at, called_at=now
        )
        publish(f"site/{site.code}")
        audit.record(actor, "call.told", f"site/{site.code}", told(row))
    return row, True


def withdraw(actor: User, site: Site, programme: str, call_id: str) -> tuple[ProgrammeCall, bool]:
    """The call, and whether it stood until now. Raises CallRefused."""
    with transaction.atomic():
        held = held_programme(actor, site, programme)
        row = ProgrammeCall.objects.filter(programme=held, call_id=call_id).first()
        if row is None:
            raise CallRefused("is no call of this programme", "call_id", is_wrong=True)
        if row.withdrawn_at is not None:
            return row, False
        now = database_now()
        if row.end_at <= now:
            raise CallRefused("the call is over: what has been stays on record")
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        publish(f"site/{site.code}")
        audit.record(actor, "call.withdrawn", f"site/{site.code}", told(row))
    return row, True


def held_programme(actor: User, site: Site, name: str) -> Programme:
    """Locked: its calls are told one after the other. Raises CallRefused."""
    if not may_tell(actor, site):
        raise CallRefused("your role at this site does not allow it", is_right=True)
    found = Programme.objects.select_for_update(no_key=True).filter(site=site, name=name).first()
    if found is None:
        raise CallRefused("is no programme of this site", "programme", is_wrong=True)
    return found


def same(known: ProgrammeCall, said: Called) -> ProgrammeCall:
    """Raises CallRefused where the number was told with other times."""
    if (known.begin_at, known.end_at) != (said.begin_at, said.end_at):
        words = "this number was told with other times; withdraw that call and tell this one under a number of its own"
        raise CallRefused(words, "call_id")
    return known


def check(said: Called, now: datetime) -> None:
    """Raises CallRefused."""
    if not said.call_id.strip() or len(said.call_id) > 100 or not said.call_id.isprintable():
        raise CallRefused("give the call's number, 1 to 100 printable characters", "call_id", is_wrong=True)
    if said.end_at <= said.begin_at:
        raise CallRefused("it ends before it begins", "end_at", is_wrong=True)
    if said.end_at - said.begin_at > LONGEST:
        raise CallRefused(f"a call lasts at most {LONGEST.days} days", "end_at", is_wrong=True)
    if said.begin_at > now + FURTHEST:
        raise CallRefused(f"a call begins at most {FURTHEST.days} days ahead", "begin_at", is_wrong=True)
    if said.end_at <= now:
        raise CallRefused("it is over already, and nothing can follow it any more", "end_at")


def check_programme(programme: Programme, said: Called) -> None:
    """Raises CallRefused where the programme does not hold then, or calls already."""
    day = said.begin_at.astimezone(ZoneInfo(programme.site.time_zone)).date()
    if day < programme.valid_from or (programme.valid_until is not None and day > programme.valid_until):
        raise CallRefused("the programme does not hold on that day", "begin_at")
    standing = ProgrammeCall.objects.filter(programme=programme, withdrawn_at=None)
    other = standing.filter(begin_at__lt=said.end_at, end_at__gt=said.begin_at).first()
    if other is not None:
        raise CallRefused(f"call {other.call_id} of this programme covers some of that time: withdraw it first")


def told(row: ProgrammeCall) -> dict[str, object]:
    return {
        "programme": row.programme.name, "call": row.call_id, "begin_at": row.begin_at.isoformat(),
        "end_at": row.end_at.isoformat(),
    }  # fmt: skip


def history(site: Site) -> list[AuditEvent]:
    """Who told and who withdrew, the newest first."""
    events = AuditEvent.objects.filter(target=f"site/{site.code}", verb__in=VERBS)
    return list(events.order_by("-sequence")[:MOST_TOLD])
