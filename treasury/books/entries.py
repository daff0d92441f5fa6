"""Adds entries with their postings, in bulk. Whoever calls holds the lock of the books and the transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from cango_ops.base.models import User
from treasury.books import accounts
from treasury.ledger.journal import BTC, Leg

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
    account_ids = accounts.ids_of(leg.account for draft in drafts for leg in draft.legs)
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, columns([_entry(draft) for draft in drafts]))
        ids = {source: entry_id for entry_id, source in cursor.fetchall()}
        legs = [
            (ids[draft.source], account_ids[leg.account], leg.currency, *_amounts(leg))
            for draft in drafts
            for leg in draft.legs
        ]
        cursor.execute(POSTINGS, columns(legs))
    return ids


# One array for each column: a fifth of what the same rows cost as so many parameters.
ENTRIES: Final = """
INSERT INTO treasury_journalentry (source_id, kind, at, seq, actor, actor_id, digest, evidence, reverses_id)
SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::bigint[], %s::text[], %s::bigint[], %s::text[],
                     %s::jsonb[], %s::bigint[])
RETURNING id, source_id
"""
POSTINGS: Final = """
INSERT INTO treasury_posting (entry_id, account_id, currency, amount_sat, amount)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::numeric[])
"""


def columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _entry(draft: Draft) -> tuple[Any, ...]:
    person = draft.actor if isinstance(draft.actor, User) else None
    actor = (person.email if person else str(draft.actor))[:200]
    evidence = json.dumps(draft.evidence, cls=DjangoJSONEncoder, allow_nan=False)
    return (
        draft.source, draft.kind, draft.at, draft.seq, actor, person.pk if person else None, draft.digest, evidence,
        draft.reverses_id,
    )  # fmt: skip


def _amounts(leg: Leg) -> tuple[int | None, Decimal | None]:
    """Satoshis, or dollars and cents."""
    return (int(leg.amount), None) if leg.currency == BTC else (None, Decimal(leg.amount))
