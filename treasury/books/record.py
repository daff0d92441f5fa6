"""Records an entry that moves no bitcoin: money of a loan, interest, a remeasurement, an adjustment of dollars."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.books import closed, entries
from treasury.books.entries import Draft
from treasury.books.standing import FACT_KINDS
from treasury.ledger.journal import BTC, Leg, unbalanced
from treasury.ledger.telling import RESERVED
from treasury.models import JournalEntry


@transaction.atomic
def record(
    source: str, kind: str, at: datetime, legs: Sequence[Leg], actor: User | str, evidence: dict[str, Any] | None = None
) -> bool:
    """False where the entry was there already, word for word. Raises Garbled where it cannot be booked.

    Coins move by facts alone (`post`), because a lot stands behind each of them.
    """
    check(source, kind, legs)
    digest = digest_of(kind, at, legs)
    entries.lock()
    there = JournalEntry.objects.filter(source_id=source).values_list("digest", flat=True).first()
    if there is not None and there != digest:
        raise Garbled(f"{source} is in the books with different content: post an adjustment under another id")
    late = closed.refusal(at, closed.open_since()) if there is None else None
    if late:
        raise Garbled(f"{source}: {late}")
    if there is None:
        entries.write([Draft(source, kind, at, 0, legs, actor, digest, evidence or {})])
    return there is None


def check(source: str, kind: str, legs: Sequence[Leg]) -> None:
    if not 0 < len(source) <= 150 or not source.isprintable() or source.startswith(RESERVED):
        raise Garbled("the id is empty, too long, or the books' own")
    if not 0 < len(kind) <= 20 or kind in (*FACT_KINDS, "costing", "reversal"):
        raise Garbled(f"{source}: {kind!r} is no kind of entry that can be recorded")
    if any(leg.currency == BTC for leg in legs):
        raise Garbled(f"{source}: coins move by facts alone")
    off = unbalanced(legs)
    if off or len(legs) < 2:
        raise Garbled(f"{source} does not balance" + (f" in {', '.join(off)}" if off else ": it has one leg"))


def digest_of(kind: str, at: datetime, legs: Sequence[Leg]) -> str:
    words = [kind, at.astimezone(UTC).isoformat(), [[leg.account, leg.currency, str(leg.amount)] for leg in legs]]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()
