"""Machine-minutes that did not work inside planned windows of maintenance and relocation, by site, out of telemetry.

A quarter hour that a window covers in part gives it what was lost in it, as far as the covered part reaches.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from compute.telemetry.upsert import CONTAINER, SITE_SCOPE
from sites.models import PlannedWindow
from treasury.earnings.span import Month
from treasury.mining.losses import Off

MINUTE: Final = timedelta(minutes=1)
LOST: Final = f"""
WITH quarter AS (
    SELECT planned.site_id, planned.kind, rollup.expected::float8 AS expected,
           greatest(0, rollup.expected - greatest(rollup.present, rollup.up))::float8 AS silent,
           greatest(0, greatest(rollup.present, rollup.up) - rollup.up)::float8 AS idle,
           extract(epoch FROM least(rollup.start_at + interval '15 minutes', planned.end_at, %(end)s)
                              - greatest(rollup.start_at, planned.begin_at, %(start)s)) / 900 AS share
    FROM sites_plannedwindow AS planned JOIN telemetry_rollup AS rollup
      ON rollup.resolution_s = 900 AND rollup.scope_id = coalesce(planned.container_id, planned.site_id)
     AND rollup.scope = CASE WHEN planned.container_id IS NULL THEN {SITE_SCOPE} ELSE {CONTAINER} END
     AND rollup.start_at > greatest(planned.begin_at, %(start)s) - interval '15 minutes'
     AND rollup.start_at < least(planned.end_at, %(end)s)
    WHERE planned.withdrawn_at IS NULL AND planned.begin_at < %(end)s AND planned.end_at > %(start)s
), taken AS (
    SELECT *, least(silent, share * expected) AS was_silent FROM quarter
)
SELECT site_id, kind, sum(was_silent), sum(least(idle, greatest(0, share * expected - was_silent)))
FROM taken GROUP BY site_id, kind
"""  # noqa: S608


def lost_minutes(span: Month) -> dict[tuple[int, str], Off]:
    """By site and kind of window, of sites with a window in the month whose telemetry is kept."""
    with connection.cursor() as cursor:
        cursor.execute(LOST, {"start": span.start_at, "end": span.end_at})
        return {(site_id, kind): Off(float(silent), float(idle)) for site_id, kind, silent, idle in cursor.fetchall()}


def windows_of(span: Month) -> list[PlannedWindow]:
    return list(PlannedWindow.objects.between(span.start_at, span.end_at).select_related("site", "entered_by"))


def inside_minutes(windows: Iterable[PlannedWindow], start_at: datetime, end_at: datetime) -> float:
    """How much of the time lies in these windows, of which none overlap."""
    spans = ((max(one.begin_at, start_at), min(one.end_at, end_at)) for one in windows)
    return sum((end - begin) / MINUTE for begin, end in spans if end > begin)
