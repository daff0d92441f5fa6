"""Entries of the address book after they came: retiring them, which any one person may, because it only takes away."""

from typing import Final

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.closing.close import Refused, need, worded
from treasury.models import Beneficiary

STATES: Final = {"effective": "ok", "cooling off": "maintenance", "retired": "unknown"}


@transaction.atomic
def retire(row: Beneficiary, user: User, words: str) -> None:
    """Coins may not be sent there any more. Raises Refused."""
    need(user, rights.MOVE_TREASURY)
    why = worded(words)
    if not move(row, "retired_at", None, clock.database_now(), retired_by=user, retired_why=why):
        raise Refused("it is retired already")
    audit.record(user, "retire beneficiary", f"beneficiary/{row.pk}", {"name": row.name, "reason": why})
