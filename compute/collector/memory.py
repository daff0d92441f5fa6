"""What a slot's collector remembers from sweep to sweep: when the last one began, who is silent since when, and how
many inspections there is time for.

Kept in one row a slot, so that it does not matter which process sweeps next, and a restart forgets nothing. Somebody
who reads a machine by hand wakes it: its id waits in `woken` until the next sweep takes it.
"""

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec
from django.db import transaction
from django.db.models import Func, JSONField, Value

from cango_ops.base import leases
from cango_ops.base.models import Lease
from compute.collector.backoff import Memory, Silences
from compute.models import SweepMemory

_decode = msgspec.msgpack.Decoder(Silences).decode
_encode = msgspec.msgpack.Encoder().encode


def recall(slot: int) -> Memory:
    """The slot's memory, with whoever was woken since taken as not silent."""
    with transaction.atomic():
        row, _ = SweepMemory.objects.select_for_update().get_or_create(slot=slot)
        if row.woken:
            SweepMemory.objects.filter(slot=slot).update(woken=[])
    silences = _silences(bytes(row.silences))
    for device_id in row.woken:
        silences.pop(device_id, None)
    return Memory(silences, row.swept_at.timestamp() if row.swept_at else None, row.turn, row.inspections, row.hand)


def keep(slot: int, memory: Memory, began_at: float, lease: Lease) -> None:
    """Saves it under the lease. Raises LeaseLost."""
    with transaction.atomic():
        leases.hold(lease)
        SweepMemory.objects.filter(slot=slot).update(
            silences=_encode(memory.silences),
            swept_at=datetime.fromtimestamp(began_at, UTC),
            turn=memory.turn + 1,
            inspections=memory.inspections,
            hand=memory.hand,
        )


def wake(slot: int, device_ids: Collection[int]) -> None:
    """The next sweep of the slot asks these as if they had never been silent."""
    row, _ = SweepMemory.objects.get_or_create(slot=slot)
    added = Value(list(device_ids), output_field=JSONField())
    SweepMemory.objects.filter(pk=row.pk).update(woken=Joined("woken", added))


class Joined(Func):
    """Two JSON arrays as one, in one statement."""

    template = "%(expressions)s"
    arg_joiner = " || "


def _silences(content: bytes) -> Silences:
    try:
        return _decode(content) if content else {}
    except msgspec.DecodeError:  # of another version: whoever is silent is found out anew
        return {}
