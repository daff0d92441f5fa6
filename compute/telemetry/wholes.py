"""Rollups of regions and of all sites together, of 15 minutes, an hour and a day: sums of their sites' rows.

Stored beside them and made again with them, for a reader who may see all those sites; who sees only some has their rows
summed while reading. Minutes are summed by everybody: a sweep would queue for one row of all sites.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from compute.telemetry import rollup
from compute.telemetry.database import Statements
from compute.telemetry.upsert import SITE_SCOPE

REGION, COMPANY = 3, 4
# Machines at a time of sites with different gaps do not follow from sums of machine-minutes.
AT_A_TIME: Final = {"reporting": "present", "devices": "expected"}

_sums = [f"sum(each.{name})" for name in (*rollup.COUNTS[1:], *rollup.SUMS)]
_highest = [f"max(each.{name})" for name in rollup.HIGHEST]
_at_a_time = [f"sum(each.{count}::float8 / nullif(each.minutes, 0))" for count in AT_A_TIME.values()]
_columns = (*rollup.COLUMNS, *AT_A_TIME)
OF_SITES: Final = f"""
INSERT INTO telemetry_rollup (resolution_s, scope, scope_id, start_at, {", ".join(_columns)})
SELECT each.resolution_s, whole.scope, whole.id, each.start_at, max(each.minutes),
    {", ".join((*_sums, *_highest, *_at_a_time))}
FROM telemetry_rollup AS each JOIN sites_site AS site ON site.id = each.scope_id
CROSS JOIN LATERAL (VALUES ({REGION}, site.region_id), ({COMPANY}, 0)) AS whole (scope, id)
WHERE each.resolution_s = %s AND each.scope = {SITE_SCOPE} AND each.start_at >= %s AND each.start_at < %s
  AND each.scope_id = ANY(ARRAY(SELECT id FROM sites_site))
GROUP BY each.resolution_s, whole.scope, whole.id, each.start_at
ON CONFLICT (resolution_s, scope, scope_id, start_at)
DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _columns)}
"""  # noqa: S608


def write(sql: Statements, hour: datetime) -> None:
    """Makes the rows of the regions and of all sites again, of that hour and its day."""
    day = hour.replace(hour=0)
    for resolution_s, begin, span in ((900, hour, 1), (3_600, hour, 1), (86_400, day, 24)):
        sql.run(OF_SITES, [resolution_s, begin, begin + timedelta(hours=span)])


def whole_of(sql: Statements, site_ids: Collection[int]) -> tuple[int, int] | None:
    """Scope and id of the rows that stand for exactly these sites, if there are any."""
    wanted = set(site_ids)
    if len(wanted) < 2:
        return None
    regions: dict[int, set[int]] = {}
    for site_id, region_id in sql.rows("SELECT id, region_id FROM sites_site"):
        regions.setdefault(region_id, set()).add(site_id)
    if wanted == set().union(*regions.values()):
        return COMPANY, 0
    return next(((REGION, region_id) for region_id, sites in regions.items() if wanted == sites), None)
