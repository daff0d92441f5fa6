"""Rollups of 15 minutes, an hour and a day, made again for every hour that got samples since they were made.

A write marks its hours dirty. Whoever rolls up locks the mark first and reads the minutes after, so that a write in
between marks the hour again and nothing is missed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from compute.telemetry import partitions, rollup, whole_minutes, wholes
from compute.telemetry.database import Statements, statements
from compute.telemetry.upsert import CONTAINER, SITE_SCOPE

MOST_HOURS: Final = 500
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
FROM_MINUTES: Final = (900, 3_600)

DIRTY: Final = """
SELECT site_id, hour_at FROM telemetry_dirty WHERE NOT rolled_up ORDER BY hour_at, site_id LIMIT %s
"""
LOCK: Final = """
SELECT true FROM telemetry_dirty WHERE site_id = %s AND hour_at = %s AND NOT rolled_up FOR UPDATE SKIP LOCKED
"""
DONE: Final = "UPDATE telemetry_dirty SET rolled_up = true WHERE site_id = %s AND hour_at = %s"

_columns = f"resolution_s, scope, scope_id, start_at, {', '.join(rollup.COLUMNS)}"
_weighted = [
    f"sum({name} * minutes) / nullif(sum(minutes) FILTER (WHERE {name} IS NOT NULL), 0)" for name in rollup.SUMS
]
_counts = [f"sum({name})" for name in rollup.COUNTS]
_highest = [f"max({name})" for name in rollup.HIGHEST]
_scope = f"""(
    (scope = {SITE_SCOPE} AND scope_id = %s)
    OR (scope = {CONTAINER} AND scope_id IN (SELECT id FROM compute_container WHERE site_id = %s))
)"""  # noqa: S608
_replace = f"""
ON CONFLICT (resolution_s, scope, scope_id, start_at)
DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in rollup.COLUMNS)}
"""
OF_MINUTES: Final = f"""
INSERT INTO telemetry_rollup ({_columns})
SELECT %s, scope, scope_id, date_bin(make_interval(secs => %s), start_at, 'epoch') AS bucket,
    {", ".join((*_counts, *whole_minutes.MEANS, *_highest))}
FROM {whole_minutes.minutes(_scope)} AS minute
GROUP BY scope, scope_id, bucket
{_replace}
"""  # noqa: S608
OF_HOURS: Final = f"""
INSERT INTO telemetry_rollup ({_columns})
SELECT 86400, scope, scope_id, %s, {", ".join((*_counts, *_weighted, *_highest))}
FROM telemetry_rollup WHERE resolution_s = 3600 AND start_at >= %s AND start_at < %s AND {_scope}
GROUP BY scope, scope_id
{_replace}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RolledUp:
    hours: int
    busy: int


def roll_up(most: int = MOST_HOURS) -> RolledUp:
    """Rolls up the oldest dirty hours, each in a transaction of its own."""
    with statements() as sql:
        waiting = sql.rows(DIRTY, [most])
    partitions.ensure([partitions.ROLLUP_QUARTER], {hour for _, hour in waiting})
    last_of = {hour: site_id for site_id, hour in waiting}
    done = [roll_up_hour(site_id, hour, is_last=last_of[hour] == site_id) for site_id, hour in waiting]
    return RolledUp(hours=sum(done), busy=len(done) - sum(done))


def roll_up_hour(site_id: int, hour: datetime, *, is_last: bool = True) -> bool:
    """False where somebody else is at it. With the last of an hour's sites its regions and the sum of all are made."""
    with transaction.atomic(), statements() as sql:
        if not sql.rows(LOCK, [site_id, hour]):
            return False
        write(sql, site_id, hour)
        if is_last:
            wholes.write(sql, hour)
        sql.run(DONE, [site_id, hour])
    return True


def write(sql: Statements, site_id: int, hour: datetime) -> None:
    sql.run("SELECT set_config('synchronous_commit', 'off', true)")
    for resolution_s in FROM_MINUTES:
        sql.run(OF_MINUTES, [resolution_s, resolution_s, hour + HOUR, site_id, site_id, *(hour, hour + HOUR) * 2])
    day = hour.replace(hour=0)
    sql.run(OF_HOURS, [day, day, day + DAY, site_id, site_id])
