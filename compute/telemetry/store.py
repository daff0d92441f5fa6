"""Writes what a sweep brought of one site, in one transaction.

Whatever comes twice, late or in another order leaves the same rows: frames merge free of order, and all the rest is
made again from the merged frames. So a write that was lost with its connection is simply done again. Two things alone
depend on the order: `since` of a state is when a change was first seen, and of what a machine says it is (model, MAC) a
late answer changes nothing; the next inspection does.

Durability: synchronous_commit is off for this transaction alone. A crash of the database loses less than a second of
samples, and they come again with the next sweep.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from cango_ops.base import leases
from cango_ops.base.models import Lease
from cango_ops.live.publish import publish
from compute.telemetry import current, details, gather, minutes, partitions, standing, upsert, waking
from compute.telemetry.database import Statements, statements
from compute.telemetry.gather import Gathered
from compute.telemetry.polled import Polled
from compute.telemetry.sitemap import SiteMap, site_map

__all__ = ["Polled", "Written", "write"]

BEGIN: Final = "SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(%s::int, %s::int)"
FUTURE_S: Final = 120
DAY_S: Final = 86_400
DETAILS_AT: Final = """
SELECT container_id, extract(epoch FROM written_at)::float8
FROM telemetry_detail WHERE container_id = ANY(%s::bigint[])
"""
DETAILS: Final = "SELECT container_id, body FROM telemetry_detail WHERE container_id = ANY(%s::bigint[])"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write came to. unknown: polls of machines not on the site map; refused: of the future or too long ago."""

    samples: int = 0
    failures: int = 0
    unknown: int = 0
    refused: int = 0
    minutes: int = 0
    devices_changed: int = 0
    details: int = 0


def write(site_id: int, polled: Sequence[Polled], lease: Lease | None = None) -> Written:
    """Stores the polls of one site. Raises LeaseLost, having written nothing, where the lease is not ours any more."""
    now = time.time()
    known = told_lately(site_map(site_id, {poll.device_id for poll in polled}), now)
    found = gather.gather(known, polled, now - partitions.OLDEST_DAYS * DAY_S, now + FUTURE_S)
    if not found.batches:
        return Written(unknown=found.unknown, refused=found.refused)
    days = {day_of(second) for batch in found.batches.values() for second in batch.health_at}
    partitions.ensure((partitions.HOT, partitions.ROLLUP_MINUTE), days)
    with transaction.atomic(), statements() as sql:
        begin(sql, site_id, lease)
        return save(sql, known, found, now)


def told_lately(known: SiteMap, now: float) -> SiteMap:
    """The map with the machines that were told to wake, which change too quickly to be kept for a minute."""
    with statements() as sql:
        return replace(known, told=waking.told_to_wake(sql, known.site_id, now))


def day_of(second: int) -> datetime:
    return datetime.fromtimestamp(second - second % DAY_S, UTC)


def begin(sql: Statements, site_id: int, lease: Lease | None) -> None:
    """Two writers of one site take turns; a writer whose lease is gone stops here."""
    if lease is not None:
        leases.hold(lease)
    sql.run(BEGIN, [partitions.LOCK_CLASS, site_id])


def save(sql: Statements, known: SiteMap, found: Gathered, now: float) -> Written:
    sweep_s = float(settings.SWEEP_S)
    current_rows = current.merge(sql, known, found, sweep_s)
    minute_rows = minutes.merge(sql, known, found, current_rows, now)
    minutes.save(sql, known, minute_rows)
    standing.save(sql, known, current_rows, minute_rows, sweep_s)
    changed = current.save(sql, current_rows)
    written = save_details(sql, found, settings.TELEMETRY_DETAIL_S)
    containers = {container_id for container_id, _ in found.batches}
    publish("fleet", f"site/{known.code}", *(f"container/{one}" for one in containers))
    return Written(
        samples=found.samples,
        failures=found.failures,
        unknown=found.unknown,
        refused=found.refused,
        minutes=len(minute_rows.changed),
        devices_changed=changed,
        details=written,
    )


def save_details(sql: Statements, found: Gathered, every_s: float) -> int:
    """Inspections always; polls with the first contact of a container, and else only so often: they are large."""
    polls: dict[int, list[Polled]] = {}
    for (container_id, _), batch in found.batches.items():
        if batch.readings:
            polls.setdefault(container_id, []).extend(batch.readings)
    written_at = {one: float(second) for one, second in sql.rows(DETAILS_AT, [list(polls)])}
    due = [one for one, several in polls.items() if are_due(several, written_at.get(one), every_s)]
    bodies: dict[int, bytes] = dict(sql.rows(DETAILS, [due])) if due else {}
    rows = [detail_row(one, polls[one], written_at.get(one, 0.0), bodies.get(one)) for one in due]
    changed = [row for row in rows if row is not None]
    upsert.DETAIL.run(sql, changed)
    return len(changed)


def are_due(polls: list[Polled], written_at: float | None, every_s: float) -> bool:
    newest = max(poll.observed_at for poll in polls)
    return written_at is None or abs(newest - written_at) >= every_s or any(poll.full for poll in polls)


def detail_row(container_id: int, polls: list[Polled], written_at: float, body: bytes | None) -> dict[str, Any] | None:
    old = details.opened(body) if body is not None else {}
    new = details.merge(old, details.of_polls(polls))
    at = gather.moment(max(written_at, *(poll.observed_at for poll in polls)))
    return None if new == old else {"container_id": container_id, "written_at": at, "body": details.packed(new)}
