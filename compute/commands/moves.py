"""Every change of a command's state: one compare-and-set over many rows, and the audit event of it.

The epoch of whoever claimed a command is checked in the same statement; a sender that lost its lease hits nothing.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from cango_ops.base import audit
from cango_ops.base.models import User
from compute.commands.states import may_move

# Columns that a move may set, and how each value is written.
NOW: Final = object()
COLUMNS: Final = frozenset(
    ("epoch", "claimed_at", "sent_at", "acknowledged_at", "ended_at", "read_back_at", "confirm_by", "answer", "reason")
)


def move(ids: Sequence[int], old: str, new: str, /, *, epoch: int | None = None, **changes: object) -> list[int]:
    """The commands of `ids` that were in `old` and are in `new` now. epoch: only those claimed under this one.

    A value NOW is the database's clock.
    """
    if not may_move(old, new):
        raise ValueError(f"no command goes from {old} to {new}")
    if not ids:
        return []
    if not changes.keys() <= COLUMNS:
        raise ValueError(f"not a column that moves: {changes.keys() - COLUMNS}")
    sets = ["state = %(new)s"] + [
        f"{name} = clock_timestamp()" if value is NOW else f"{name} = %({name})s" for name, value in changes.items()
    ]
    fence = " AND epoch = %(only_epoch)s" if epoch is not None else ""
    values: dict[str, Any] = {name: value for name, value in changes.items() if value is not NOW}
    statement = (
        f"UPDATE compute_command SET {', '.join(sets)} "  # noqa: S608 - names of COLUMNS alone
        f"WHERE id = ANY(%(ids)s) AND state = %(old)s{fence} RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values | {"new": new, "old": old, "ids": list(ids), "only_epoch": epoch})
        return sorted(row[0] for row in cursor.fetchall())


def note(actor: User | str, order_id: int, state: str, ids: Sequence[int], **more: object) -> None:
    """One audit event for the commands of an order that came to a state together."""
    if ids:
        audit.record(actor, f"command.{state}", f"order/{order_id}", {"commands": list(ids), **more})
