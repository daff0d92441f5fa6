"""Writes a note about a place, once however often it is sent, with its audit event."""

import uuid
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.live.publish import publish
from sites import rights
from sites.models import Note, Site

LONGEST: Final = 500
EARLIEST: Final = timedelta(days=400)
AHEAD: Final = timedelta(minutes=5)


class NoteRefused(ValueError):
    """Why it is not kept. is_right: because the person may not."""

    def __init__(self, words: str, *, is_right: bool = False) -> None:
        super().__init__(words)
        self.is_right = is_right


class Place(NamedTuple):
    """A container and perhaps a device of it; nothing: the whole site."""

    container_id: int | None = None
    container: str = ""
    device_id: int | None = None
    slot: int | None = None


WHOLE: Final = Place()


def may_note(actor: User, site: Site) -> bool:
    return rights.may(actor, rights.OPERATE, site)


def write(
    request_id: uuid.UUID, actor: User, site: Site, words: str, place: Place = WHOLE, at: datetime | None = None
) -> Note:
    """The note; sent again under the same id, the one that was kept. at: now, if not said. Raises NoteRefused."""
    if not may_note(actor, site):
        raise NoteRefused("your role at this site does not allow it", is_right=True)
    now = database_now()
    about = at or now
    check(words, about, now)
    with transaction.atomic():
        note, is_new = Note.objects.get_or_create(
            request_id=request_id,
            defaults={
                "site": site, "at": about, "words": words.strip(), "written_by": actor, "written_at": now,
                **place._asdict(),
            },
        )  # fmt: skip
        if is_new:
            publish(f"site/{site.code}", *([f"container/{place.container_id}"] if place.container_id else []))
            audit.record(actor, "note.written", f"site/{site.code}", told(note))
        elif (note.written_by_id, note.site_id) != (actor.pk, site.pk):
            raise NoteRefused("another note has this id")
    return note


def check(words: str, at: datetime, now: datetime) -> None:
    """Raises NoteRefused."""
    if not 0 < len(words.strip()) <= LONGEST:
        raise NoteRefused(f"a note says something, in at most {LONGEST} characters")
    if "\x00" in words:
        raise NoteRefused("a note holds no NUL byte")
    if not now - EARLIEST < at < now + AHEAD:
        raise NoteRefused(f"a note is about now, or at most {EARLIEST.days} days ago")


def told(note: Note) -> dict[str, object]:
    return {"note": note.pk, "place": note.place, "at": note.at.isoformat(), "words": note.words}
