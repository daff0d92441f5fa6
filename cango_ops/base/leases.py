"""Work that must happen once: take the lease, do it, and prove in the write itself that the lease still holds.

    lease = leases.take("sweep/2", ttl_s=60)
    if lease is None:
        return
    ...
    with transaction.atomic():
        leases.hold(lease)
        ...the writes...

All times are the database's. An expired lease is lost even if nobody took it over, and a holder that slept through its
expiry finds another epoch when it wakes. `hold` locks FOR KEY SHARE, taking over locks FOR UPDATE: while a write is
under way nobody takes over, yet the holder itself may renew from another connection.
"""

import os
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from cango_ops.base.models import Lease

COLUMNS = "name, epoch, holder, ttl_s, taken_at, expires_at"

TAKE_OVER = f"""
UPDATE base_lease
SET epoch = epoch + 1, holder = %(holder)s, ttl_s = %(ttl_s)s, taken_at = clock_timestamp(),
    expires_at = clock_timestamp() + %(ttl_s)s * interval '1 second'
WHERE name = (
    SELECT name FROM base_lease WHERE name = %(name)s AND expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED
)
RETURNING {COLUMNS}
"""  # noqa: S608
TAKE_FIRST = f"""
INSERT INTO base_lease ({COLUMNS})
VALUES (%(name)s, 1, %(holder)s, %(ttl_s)s, clock_timestamp(), clock_timestamp() + %(ttl_s)s * interval '1 second')
ON CONFLICT DO NOTHING
RETURNING {COLUMNS}
"""  # noqa: S608
RENEW = f"""
UPDATE base_lease SET expires_at = clock_timestamp() + ttl_s * interval '1 second'
WHERE name = %(name)s AND epoch = %(epoch)s AND expires_at > clock_timestamp()
RETURNING {COLUMNS}
"""  # noqa: S608
RELEASE = """
UPDATE base_lease SET expires_at = clock_timestamp()
WHERE name = %(name)s AND epoch = %(epoch)s AND expires_at > clock_timestamp()
RETURNING name
"""
HOLD = """
SELECT name FROM base_lease
WHERE name = %(name)s AND epoch = %(epoch)s AND expires_at > clock_timestamp()
FOR KEY SHARE
"""


class LeaseLost(Exception):
    """The lease ran out or somebody else holds it: whatever was about to be written is not ours to write."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(f"{lease.name}: epoch {lease.epoch} is over")


def this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


def take(name: str, ttl_s: float, holder: str = "") -> Lease | None:
    """The lease with a new epoch, already committed; None where another holder has it. Never waits for that one."""
    values: dict[str, str | float] = {"name": name, "ttl_s": ttl_s, "holder": holder or this_process()}
    with transaction.atomic(durable=True):
        return _row(TAKE_OVER, values) or _row(TAKE_FIRST, values)


def renew(lease: Lease) -> Lease:
    """The same epoch for another ttl_s from now. Raises LeaseLost."""
    renewed = _row(RENEW, {"name": lease.name, "epoch": lease.epoch})
    if renewed is None:
        raise LeaseLost(lease)
    return renewed


def hold(lease: Lease) -> None:
    """Raises LeaseLost unless the lease is ours now; if it returns, it stays ours until the transaction ends."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("leases.hold() proves nothing outside the writing transaction.")
    if not _one(HOLD, {"name": lease.name, "epoch": lease.epoch}):
        raise LeaseLost(lease)


def release(lease: Lease) -> bool:
    """Frees the lease for the next taker; False where it was lost before."""
    return _one(RELEASE, {"name": lease.name, "epoch": lease.epoch}) is not None


def taken_at(names: Collection[str]) -> dict[str, datetime]:
    """When each was taken last, by its name; one that never was is left out."""
    return dict(Lease.objects.filter(name__in=names).values_list("name", "taken_at"))


@contextmanager
def held(name: str, ttl_s: float) -> Iterator[Lease | None]:
    """Takes the lease for the block and releases it after; None where another holder has it."""
    lease = take(name, ttl_s)
    try:
        yield lease
    finally:
        if lease is not None:
            release(lease)


def _one(statement: str, values: dict[str, str | float]) -> tuple | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _row(statement: str, values: dict[str, str | float]) -> Lease | None:
    row = _one(statement, values)
    return Lease(**dict(zip(COLUMNS.split(", "), row, strict=True))) if row else None
