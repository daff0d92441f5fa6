"""Adds to the record of deeds, and checks that nobody has changed it since."""

import hashlib
import json
from collections.abc import Iterator
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from cango_ops.base.models import AuditEvent, User

# Any constant will do: it names the one lock under which events are numbered.
LOCK = 4_202_001
GENESIS = "0" * 64
HEAD = """
SELECT coalesce(max(sequence), 0), clock_timestamp(), %s::jsonb,
       (SELECT hash FROM base_auditevent ORDER BY sequence DESC LIMIT 1)
FROM base_auditevent
"""


class Link(NamedTuple):
    """The number and the hash of a row."""

    sequence: int
    hash: str


class Verdict(NamedTuple):
    """sequence, hash: the last good row.   wrong: what is wrong with the row after it, None if nothing is."""

    sequence: int
    hash: str
    wrong: str | None


def record(actor: User | str, verb: str, target: str, detail: dict[str, object] | None = None) -> AuditEvent:
    """Adds one event in the caller's transaction, which waits for others that are adding: make it the last step.

    actor: a person, or the name of a part of the system such as "collector".   target: such as "site/PECOS".
    """
    person = actor if isinstance(actor, User) else None
    with transaction.atomic():
        sequence, at, kept, prev_hash = _head(json.dumps(detail or {}, cls=DjangoJSONEncoder, allow_nan=False))
        event = AuditEvent(
            sequence=sequence + 1,
            at=at,
            actor_id=person.pk if person else None,
            actor=(person.email if person else str(actor))[:200],
            verb=verb,
            target=target,
            detail=kept,
            prev_hash=prev_hash or GENESIS,
        )
        event.hash = digest(event)
        event.save(force_insert=True)
    return event


def _head(detail: str) -> tuple:
    """The last number and hash, the time, and the detail as the database will give it back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(HEAD, [detail])
        sequence, at, kept, prev_hash = cursor.fetchone()
    return sequence, at, json.loads(kept) if isinstance(kept, str) else kept, prev_hash


def digest(event: AuditEvent, sequence: int | None = None) -> str:
    """The hash that links the event to the one before. sequence: as if it had another number."""
    words = {
        "sequence": event.sequence if sequence is None else sequence,
        "at": event.at.isoformat(),
        "actor_id": event.actor_id,
        "actor": event.actor,
        "verb": event.verb,
        "target": event.target,
        "detail": event.detail,
    }
    canonical = json.dumps(words, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((event.prev_hash + canonical).encode()).hexdigest()


def head() -> str:
    """The newest row as SEQUENCE:HASH, to be noted elsewhere; 0 and the genesis hash where there is none."""
    row = AuditEvent.objects.order_by("-sequence").values_list("sequence", "hash").first()
    sequence, last_hash = row or (0, GENESIS)
    return f"{sequence}:{last_hash}"


def verify() -> Verdict:
    """Walks the whole chain; stops at the first row that was changed, removed or put in."""
    before, last = Link(-1, ""), Link(0, GENESIS)
    for event in _events():
        wrong = fault(event, before, last)
        if wrong:
            return wrong
        before, last = last, Link(event.sequence, event.hash)
    return Verdict(*last, None)


def _events() -> Iterator[AuditEvent]:
    return AuditEvent.objects.order_by("sequence").iterator(chunk_size=2000)


def fault(event: AuditEvent, before: Link, last: Link) -> Verdict | None:
    """What is wrong at the event that follows `last`; before: the link before that one."""
    if event.sequence != last.sequence + 1:
        return Verdict(*last, f"row {last.sequence + 1} is missing")
    fits = event.hash == digest(event)
    if event.prev_hash == last.hash:
        return None if fits else Verdict(*last, f"row {event.sequence} was changed")
    if event.prev_hash == before.hash and event.hash == digest(event, event.sequence - 1):
        return Verdict(*before, f"row {last.sequence} was put in")
    if fits and last.sequence:
        words = f"row {last.sequence} was rewritten with its hash, which row {event.sequence} does not know"
        return Verdict(*before, f"{words}; rows before it may have been, too")
    return Verdict(*last, f"row {event.sequence} does not follow row {last.sequence}")
