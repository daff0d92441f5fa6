"""Hours that are over become one compressed chunk for each container and kind; late samples are sealed in again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from compute.telemetry import chunk, codec, partitions
from compute.telemetry.codec import CODES, WORDS, Frame
from compute.telemetry.database import Statements, statements
from compute.telemetry.gather import Key
from compute.telemetry.upsert import Upsert

QUIET: Final = timedelta(minutes=10)  # how long after its end an hour is left open for ordinary latecomers
HOUR: Final = timedelta(hours=1)
MOST_HOURS: Final = 50

DUE: Final = "SELECT site_id, hour_at FROM telemetry_dirty WHERE rolled_up AND hour_at <= %s ORDER BY hour_at LIMIT %s"
LOCK: Final = """
SELECT true FROM telemetry_dirty WHERE site_id = %s AND hour_at = %s AND rolled_up FOR UPDATE SKIP LOCKED
"""
CLEAN: Final = "DELETE FROM telemetry_dirty WHERE site_id = %s AND hour_at = %s"
_of_site = "container_id IN (SELECT id FROM compute_container WHERE site_id = %s)"
HOT: Final = f"""
SELECT container_id, kind, extract(epoch FROM minute_at)::bigint, frame FROM telemetry_hot
WHERE {_of_site} AND kind = ANY('{{1,2}}') AND minute_at >= %s AND minute_at < %s
"""  # noqa: S608
CHUNKS: Final = f"""
SELECT container_id, kind, chunk FROM telemetry_chunk
WHERE {_of_site} AND kind = ANY('{{1,2}}') AND hour_at = %s
"""  # noqa: S608
CHUNK: Final = Upsert(
    "telemetry_chunk",
    ("container_id", "kind", "hour_at"),
    {"container_id": "bigint", "kind": "smallint", "hour_at": "timestamptz", "samples": "integer", "chunk": "bytea"},
    wide=True,
)


@dataclass(frozen=True, slots=True)
class Sealed:
    hours: int = 0
    chunks: int = 0
    samples: int = 0
    size_bytes: int = 0


def seal_hours(now: datetime, most: int = MOST_HOURS) -> Sealed:
    """Seals the oldest hours that are over and rolled up, each site's in a transaction of its own."""
    with statements() as sql:
        due = sql.rows(DUE, [now - HOUR - QUIET, most])
    partitions.ensure([partitions.CHUNK], {hour for _, hour in due})
    done = [rows for site_id, hour in due if (rows := seal_hour(site_id, hour)) is not None]
    return Sealed(
        hours=len(done),
        chunks=sum(len(rows) for rows in done),
        samples=sum(row["samples"] for rows in done for row in rows),
        size_bytes=sum(len(row["chunk"]) for rows in done for row in rows),
    )


def seal_hour(site_id: int, hour: datetime) -> list[dict[str, Any]] | None:
    """The chunks that were written; None where somebody else is at it."""
    with transaction.atomic(), statements() as sql:
        sql.run("SELECT set_config('synchronous_commit', 'off', true)")
        if not sql.rows(LOCK, [site_id, hour]):
            return None
        old = {(box, WORDS[kind]): data for box, kind, data in sql.rows(CHUNKS, [site_id, hour])}
        rows = [row for row in sealed(open_minutes(sql, site_id, hour), old, hour) if row is not None]
        CHUNK.run(sql, rows)
        sql.run(CLEAN, [site_id, hour])
    return rows


def open_minutes(sql: Statements, site_id: int, hour: datetime) -> dict[Key, dict[int, Frame]]:
    """Hot frames of the hour, by container and kind, then by minute of the hour."""
    start = int(hour.timestamp())
    found: dict[Key, dict[int, Frame]] = {}
    for box, kind, second, frame in sql.rows(HOT, [site_id, hour, hour + HOUR]):
        found.setdefault((box, WORDS[kind]), {})[(second - start) // 60] = codec.decode(frame)
    return found


def sealed(
    minutes: dict[Key, dict[int, Frame]], chunks: dict[Key, bytes], hour: datetime
) -> Iterable[dict[str, Any] | None]:
    for (box, kind), frames in sorted(minutes.items()):
        old = chunks.get((box, kind))
        whole = merged(chunk.unseal(old), frames) if old is not None else frames
        data = chunk.seal(kind, int(hour.timestamp()), whole)
        samples = sum(int(frame.present.sum()) for frame in whole.values())
        row = {"container_id": box, "kind": CODES[kind], "hour_at": hour, "samples": samples, "chunk": data}
        yield None if data == old else row


def merged(one: dict[int, Frame], other: dict[int, Frame]) -> dict[int, Frame]:
    both = dict(one)
    for minute, frame in other.items():
        both[minute] = codec.merge(both[minute], frame) if minute in both else frame
    return both
