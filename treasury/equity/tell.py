"""Writes down shares, rights, share prices, balances and costs, each once by the id of its sender."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection, transaction

from cango_ops.base import audit
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.models import BalanceAmount, CostAmount, DilutiveRight, ShareChange, SharePrice
from treasury.models.equity import Told
from treasury.value.shares import first_short

TABLES: Final = (ShareChange, DilutiveRight, SharePrice, BalanceAmount, CostAmount)
BOOKKEEPING: Final = frozenset({"id", "actor", "recorded_at"})
LOCK: Final = 0x5AFE5


@dataclass(frozen=True)
class Receipt:
    """Ids that were written, and ids that were there with the same content."""

    written: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)


@transaction.atomic
def tell(rows: Sequence[Told], actor: User | str, dry_run: bool = False) -> Receipt:
    """Writes all rows or none. Raises Garbled where an id was told before with other content, or shares fall below
    none. dry_run: tells what would happen, and writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    receipt, name = Receipt(), actor.email if isinstance(actor, User) else str(actor)
    for row in rows:
        there = told_before(row.source_id)
        if there is None:
            row.actor = name[:200]
            row.save(force_insert=True)
            receipt.written.append(row.source_id)
        elif content(there) != content(row):
            raise Garbled(f"{row.source_id} is written down with different content")
        else:
            receipt.repeated.append(row.source_id)
    refuse_short()
    if receipt.written and not dry_run:
        audit.record(actor, "tell capital", "treasury/value", {"sources": receipt.written[:50]})
    if dry_run:
        transaction.set_rollback(True)
    return receipt


def told_before(source: str) -> Told | None:
    found: Iterable[Told | None] = (table.objects.filter(source_id=source).first() for table in TABLES)
    return next((row for row in found if row is not None), None)


def content(row: Told) -> tuple[object, ...]:
    names = [one.attname for one in type(row)._meta.concrete_fields if one.name not in BOOKKEEPING]
    return type(row), *(getattr(row, name) for name in names)


def refuse_short() -> None:
    short = first_short([row.change for row in ShareChange.objects.all()])
    if short is not None:
        raise Garbled(f"class {short.share_class} would have fewer shares than none on {short.on}")
