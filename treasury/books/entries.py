"""Adds entries with their postings, in bulk. Whoever calls holds the lock of the books and the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

from cango_ops.base.models import User
from treasury.books import accounts
from treasury.ledger.journal import BTC, Leg
from treasury.models import JournalEntry, Posting

# Any constant will do: it names the one lock under which the books are written.
LOCK: Final = 4_202_002
BATCH: Final = 2000


@dataclass(frozen=True)
class Draft:
    """An entry to be added. actor: a person, or the name of a part of the system."""

    source: str
    kind: str
    at: datetime
    seq: int
    legs: Sequence[Leg]
    actor: User | str
    digest: str
    evidence: dict[str, Any] = field(default_factory=dict)
    reverses_id: int | None = None


def lock() -> None:
    """One writer of the books at a time, until the transaction ends: lots depend on the order of facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def write(drafts: Sequence[Draft]) -> dict[str, int]:
    """Adds the entries; their ids by source."""
    if not drafts:
        return {}
    rows = JournalEntry.objects.bulk_create([_entry(draft) for draft in drafts], BATCH)
    ids = {row.source_id: row.pk for row in rows}
    account_ids = accounts.ids_of(leg.account for draft in drafts for leg in draft.legs)
    postings = [_posting(ids[draft.source], account_ids[leg.account], leg) for draft in drafts for leg in draft.legs]
    Posting.objects.bulk_create(postings, BATCH)
    return ids


def _entry(draft: Draft) -> JournalEntry:
    person = draft.actor if isinstance(draft.actor, User) else None
    return JournalEntry(
        source_id=draft.source,
        kind=draft.kind,
        at=draft.at,
        seq=draft.seq,
        actor=(person.email if person else str(draft.actor))[:200],
        actor_id=person.pk if person else None,
        digest=draft.digest,
        evidence=draft.evidence,
        reverses_id=draft.reverses_id,
    )


def _posting(entry_id: int, account_id: int, leg: Leg) -> Posting:
    if leg.currency == BTC:
        return Posting(entry_id=entry_id, account_id=account_id, currency=BTC, amount_sat=int(leg.amount))
    return Posting(entry_id=entry_id, account_id=account_id, currency=leg.currency, amount=leg.amount)
