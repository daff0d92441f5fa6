"""Partitions by time: made ahead, made on the spot where a write needs one, dropped when expired.

A partition is built beside its parent and attached, which lets readers and writers of the parent go on; dropping one
takes the parent for an instant, so it gives up after a moment and is tried again with the next round. Both are done by
functions of the database that run as the tables' owner: the console's role makes and drops nothing (decisions/0022).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

PRESENT = "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace"
DAY = timedelta(days=1)
LOCK_CLASS = 0x7E1E  # advisory locks of two numbers: (class, key)


@dataclass(frozen=True, slots=True)
class Partitioned:
    """One partitioned table. keep_days: how long its rows stay; monthly: a partition a month instead of a day."""

    table: str
    column: str
    keep_days: int
    monthly: bool = False

    def name(self, moment: datetime) -> str:
        return f"{self.table}_p{moment:%Y%m}" if self.monthly else f"{self.table}_p{moment:%Y%m%d}"

    def bounds(self, moment: datetime) -> tuple[datetime, datetime]:
        day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if not self.monthly:
            return day, day + DAY
        first = day.replace(day=1)
        return first, (first + 31 * DAY).replace(day=1)

    def end_of(self, partition: str) -> datetime:
        stamp = partition.rpartition("_p")[2]
        return self.bounds(datetime.strptime(stamp, "%Y%m" if self.monthly else "%Y%m%d").replace(tzinfo=UTC))[1]


HOT = Partitioned("telemetry_hot", "minute_at", 3)
CHUNK = Partitioned("telemetry_chunk", "hour_at", 90)
ROLLUP_MINUTE = Partitioned("telemetry_rollup_60", "start_at", 35)
ROLLUP_QUARTER = Partitioned("telemetry_rollup_900", "start_at", 400, monthly=True)
TABLES = (HOT, CHUNK, ROLLUP_MINUTE, ROLLUP_QUARTER)
# A sample older than this is refused: the other minutes of its hour are gone, and nothing could be added up again.
OLDEST_DAYS = ROLLUP_MINUTE.keep_days - 1


def ensure(tables: Iterable[Partitioned], moments: Iterable[datetime]) -> list[str]:
    """Makes what is missing for these moments, in a transaction of its own where none is open; returns the names."""
    wanted = {table.name(moment): (table, moment) for table in tables for moment in moments}
    with connection.cursor() as cursor:
        missing = sorted(wanted.keys() - present(cursor, list(wanted)))
    for name in missing:
        make(*wanted[name])
    return missing


def present(cursor: CursorWrapper, names: list[str]) -> set[str]:
    """Those that exist."""
    cursor.execute(PRESENT, [names])
    return {name for (name,) in cursor.fetchall()}


def make(table: Partitioned, moment: datetime) -> None:
    """Two processes that want the same partition queue up; the second finds it made."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT telemetry_make_partition(%s, %s)", [table.table, moment])


def existing(table: Partitioned) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table.table])
        return sorted(name for (name,) in cursor.fetchall())


def expired(table: Partitioned, now: datetime) -> list[str]:
    """Partitions all of whose rows are older than the table keeps."""
    return [name for name in existing(table) if table.end_of(name) <= now - timedelta(days=table.keep_days)]


def drop(name: str) -> bool:
    """False where somebody holds the parent; nothing is lost by waiting for the next round."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute("SELECT telemetry_drop_partition(%s)", [name])
    except OperationalError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Kept:
    made: list[str]
    dropped: list[str]
    waiting: list[str]


def keep(now: datetime, days_ahead: int = 3) -> Kept:
    """Makes the partitions of today and the days ahead, drops the expired ones."""
    made = ensure(TABLES, [now + n * DAY for n in range(days_ahead + 1)])
    gone = {name: drop(name) for table in TABLES for name in expired(table, now)}
    return Kept(made, [name for name, ok in gone.items() if ok], [name for name, ok in gone.items() if not ok])
