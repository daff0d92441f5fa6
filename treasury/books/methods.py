"""Which cost method holds from when on; a change is dated after everything that was costed."""

from datetime import UTC, datetime

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.books import entries
from treasury.ledger.lots import Method, Methods
from treasury.models import CostMethod, JournalEntry


def methods() -> Methods:
    """FIFO where nobody has said otherwise."""
    rows = CostMethod.objects.order_by("since").values_list("since", "method")
    changes = tuple((since, Method(method)) for since, method in rows)
    always = Methods.always(Method.FIFO)
    return Methods(always.changes + changes) if changes else always


@transaction.atomic
def change(since: datetime, method: Method, actor: User | str) -> None:
    """From `since` on, disposals are costed so. Raises Garbled where something at or after it was costed already."""
    entries.lock()
    if JournalEntry.objects.filter(kind="costing", at__gte=since).exists():
        raise Garbled(f"disposals since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC are costed: choose a later instant")
    name = actor.email if isinstance(actor, User) else str(actor)
    CostMethod.objects.create(since=since, method=method.value, actor=name[:200])
    audit.record(actor, "changed cost method", f"books/{method.value}", {"since": since.isoformat()})
