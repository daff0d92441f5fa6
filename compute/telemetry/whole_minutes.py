"""Means over minutes, in SQL, without those in which only a part was read: a restarted collector is no fall.

The rule is that of `timeline.partly_read`: fewer machines than both shortly before and shortly after.
"""

from typing import Final

from compute.telemetry import rollup

NEAR_MINUTES: Final = 5
ENOUGH: Final = 0.98
# What stands on the map is known, whoever answered.
OF_THE_MAP: Final = ("deployed_ths", "gpus")

MEANS: Final = tuple(
    f"avg({name})" if name in OF_THE_MAP else f"avg({name}) FILTER (WHERE NOT in_part)" for name in rollup.SUMS
)


def minutes(where: str) -> str:
    """A subquery: the rows of minutes of [start, end) that fulfil `where`, and `in_part`.

    Its parameters: since when sweeps may still be on their way, those of `where`, then start, end, start, end.
    """
    return f"""(
    SELECT *, coalesce(
        present < {ENOUGH} * CASE WHEN start_at > %s THEN before ELSE least(before, coalesce(after, 0)) END, false
    ) AS in_part FROM (
        SELECT *,
            max(present) OVER (near ROWS BETWEEN {NEAR_MINUTES} PRECEDING AND 1 PRECEDING) AS before,
            max(present) OVER (near ROWS BETWEEN 1 FOLLOWING AND {NEAR_MINUTES} FOLLOWING) AS after
        FROM telemetry_rollup
        WHERE resolution_s = 60 AND {where} AND start_at >= %s::timestamptz - interval '{NEAR_MINUTES} minutes'
            AND start_at < %s::timestamptz + interval '{NEAR_MINUTES} minutes'
        WINDOW near AS (PARTITION BY scope, scope_id ORDER BY start_at)
    ) AS beside WHERE start_at >= %s AND start_at < %s
)"""  # noqa: S608
