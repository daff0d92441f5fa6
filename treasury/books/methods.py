"""Which cost method holds from when on, and whether lots are the company's or its wallets'; a change is dated after
everything that it could change."""

from datetime import UTC, datetime

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.books import entries, giving
from treasury.books.standing import FACT_KINDS, places_now
from treasury.ledger.lots import Method, Methods
from treasury.ledger.walk import Standing
from treasury.models import CostMethod, JournalEntry, LotScope


def methods() -> Methods:
    """FIFO where nobody has said otherwise."""
    rows = CostMethod.objects.order_by("since").values_list("since", "method")
    changes = tuple((since, Method(method)) for since, method in rows)
    since = LotScope.objects.values_list("since", flat=True).first()
    return Methods(Methods.always(Method.FIFO).changes + changes, since)


@transaction.atomic
def change(since: datetime, method: Method, actor: User | str) -> None:
    """From `since` on, disposals are costed so. Raises Garbled where something at or after it was costed already."""
    entries.lock()
    if JournalEntry.objects.filter(kind="costing", at__gte=since).exists():
        raise Garbled(f"disposals since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC are costed: choose a later instant")
    name = actor.email if isinstance(actor, User) else str(actor)
    CostMethod.objects.create(since=since, method=method.value, actor=name[:200])
    audit.record(actor, "changed cost method", f"books/{method.value}", {"since": since.isoformat()})


@transaction.atomic
def give_lots_to_wallets(since: datetime, actor: User | str) -> None:
    """From `since` on lots belong to the wallets that hold them, for good; coins held then take the oldest lots, place
    by place in the order of names (Rev. Proc. 2024-28). Raises Garbled where facts at or after it are in the books.
    """
    entries.lock()
    if LotScope.objects.exists():
        raise Garbled("lots belong to wallets already")
    late = JournalEntry.objects.filter(kind__in=FACT_KINDS, at__gte=since).exists()
    if late or since > clock.database_now():
        raise Garbled(f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC lies ahead, or facts after it are in the books")
    name = actor.email if isinstance(actor, User) else str(actor)
    LotScope.objects.create(since=since, actor=name[:200])
    audit.record(actor, "gave lots to wallets", "books/lots", {"since": since.isoformat()})
    giving.give(Standing(methods(), places_sat=places_now()))
