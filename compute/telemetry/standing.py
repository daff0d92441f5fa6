"""The rows of totals of a write: its containers, then their site."""

from typing import Any, Final

import numpy as np

from compute.telemetry import rollup, totals, upsert, verdict
from compute.telemetry.codec import Frame
from compute.telemetry.current import Current
from compute.telemetry.database import Statements
from compute.telemetry.metrics import GPU, INDEX
from compute.telemetry.minutes import MINUTE_S, Minutes
from compute.telemetry.sitemap import SiteMap
from compute.telemetry.verdict import Whole

WITH_TOTALS: Final = "SELECT container_id FROM telemetry_totals WHERE site_id = %s"
SITE_SUMS: Final = """
SELECT sum(devices)::int, sum(reporting)::int, sum(maintenance)::int, sum(awake_ths),
    coalesce(sum(hashrate_ths), 0.0), sum(gpus)::int, coalesce(sum(gpus_reporting), 0.0), sum(deployed_ths),
    max(swept_at)
FROM telemetry_totals WHERE site_id = %s
"""


def save(sql: Statements, known: SiteMap, current: Current, minutes: Minutes, sweep_s: float) -> None:
    """Containers of this write, and those that no write brought so far: they count as deployed from the first day."""
    there = {container_id for (container_id,) in sql.rows(WITH_TOTALS, [known.site_id])}
    wanted = {container_id for container_id, _ in current.nows} | (set(known.containers()) - there)
    rows = [container_row(known, current, minutes, container_id, sweep_s) for container_id in sorted(wanted)]
    upsert.TOTALS.run(sql, rows)
    upsert.SITE.run(sql, [site_row(sql, known)])


def container_row(
    known: SiteMap, current: Current, minutes: Minutes, container_id: int, sweep_s: float
) -> dict[str, Any]:
    parts = current.parts(known, container_id)
    gpu = parts.get(GPU)
    tokens = tokens_per_s(gpu.frame, minutes, container_id) if gpu else None
    row = totals.of_container(parts, tokens, sweep_s, known.waking(container_id))
    return {"container_id": container_id, "site_id": known.site_id, "since": row["swept_at"], **row}


def tokens_per_s(newest: Frame, minutes: Minutes, container_id: int) -> float | None:
    """Growth from the minute before each machine's newest sample to it; a sweep may straddle two minutes."""
    if not newest.present.any():
        return None
    last = int(newest.at.max()) // MINUTE_S * MINUTE_S
    found = []
    for second in (last, last - MINUTE_S):
        before = minutes.frames.get((container_id, GPU, second - MINUTE_S))
        if before is not None:
            inside = (newest.at >= second) & (newest.at < second + MINUTE_S)
            part = Frame(GPU, np.where(inside, newest.at, 0), newest.values, newest.conflicts)
            found.append(rollup.rates(before, part, INDEX[GPU]["tokens_total"]))
    return rollup.total(np.concatenate(found)) if found else None


def site_row(sql: Statements, known: SiteMap) -> dict[str, Any]:
    *sums, swept_at = sql.rows(SITE_SUMS, [known.site_id])[0]
    state, reason = verdict.of_whole(Whole(*[*sums, len(known.told)]))
    return {"site_id": known.site_id, "swept_at": swept_at, "state": state, "reason": reason, "since": swept_at}
