"""The machines of a container place by place, and one machine with everything it said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from compute.models import Device
from compute.telemetry import codec, details, totals_now, verdict
from compute.telemetry.answers import Cell, Last
from compute.telemetry.codec import WORDS, Frame
from compute.telemetry.database import Statements
from compute.telemetry.gather import FAILURE, moment
from compute.telemetry.metrics import ASIC, GPU, INDEX, NAMES
from compute.telemetry.totals_now import Standing
from sites.models.window import OF_CONTAINER

NAMED: Final = ("id", "slot", "is_gpu", "address", "model", "now__state", "now__reason", "now__since")
IDENTITY: Final = ("vendor", "model_reported", "firmware", "mac", "serial")
CURRENT: Final = "SELECT kind, frame, health FROM telemetry_current WHERE container_id = %s"
FRAMES: Final = "SELECT container_id, frame FROM telemetry_current WHERE container_id = ANY(%s::bigint[])"
SITE: Final = f"""
SELECT planned.end_at, planned.reason, sweep.swept_at, sweep.state, sweep.reason, sweep.since
FROM compute_container AS container
JOIN sites_site AS site ON site.id = container.site_id
{OF_CONTAINER}
LEFT JOIN telemetry_site AS sweep ON sweep.site_id = site.id
WHERE container.id = %s
"""  # noqa: S608
DETAIL: Final = "SELECT body FROM telemetry_detail WHERE container_id = %s"
SITE_COLUMNS: Final = ("planned_until", "planned_why", "swept_at", "state", "reason", "since")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a container's current rows hold of one place."""

    at: int
    sample: dict[str, float | None]
    asked_at: int
    failed: bool


NOTHING: Final = Heard(0, {}, 0, False)


def heard(frame: Frame, health: Frame) -> dict[int, Heard]:
    """By slot."""
    names = NAMES[frame.kind]
    numbers = codec.from_steps(frame.kind, frame.values).T.tolist()
    samples = [{n: None if v != v else v for n, v in zip(names, row, strict=True)} for row in numbers]
    failures, asked = health.values[FAILURE].tolist(), health.at.tolist()
    at = codec.padded(frame, max(frame.places, health.places)).at.tolist()
    return {
        place + 1: Heard(at[place], samples[place] if at[place] else {}, asked[place], failures[place] > 0)
        for place in range(health.places)
        if asked[place]
    }


def current(sql: Statements, container_id: int) -> dict[tuple[str, int], Heard]:
    return {
        (WORDS[kind], slot): found
        for kind, frame, health in sql.rows(CURRENT, [container_id])
        for slot, found in heard(codec.decode(frame), codec.decode(health)).items()
    }


def site_of(sql: Statements, container_id: int, now: datetime) -> Standing:
    row = dict(zip(SITE_COLUMNS, sql.rows(SITE, [container_id])[0], strict=True))
    return totals_now.standing(row, now)


def judged(site: Standing, own: Standing, found: Heard, now: datetime) -> Standing:
    """A machine's own state, unless its site is in maintenance or unswept, or nobody asked it for too long."""
    if not found.asked_at:
        return own
    if site.for_all:
        return site
    if not found.failed and moment(found.asked_at) < totals_now.stale_before(now):
        return Standing(verdict.STALE, f"no sample since {verdict.clock(found.asked_at)}", moment(found.asked_at))
    return own


def cells(sql: Statements, container_id: int, now: datetime) -> list[Cell]:
    known = current(sql, container_id)
    rows = Device.objects.filter(container=container_id).order_by("slot").values_list(*NAMED)
    machines = list(rows)
    site = site_of(sql, container_id, now) if machines else Standing("", "", None)
    return [cell(row, known, site, now) for row in machines]


def cell(row: tuple[Any, ...], known: dict[tuple[str, int], Heard], site: Standing, now: datetime) -> Cell:
    pk, slot, is_gpu, address, model, state, reason, since = row
    kind = GPU if is_gpu else ASIC
    found = known.get((kind, slot), NOTHING)
    own = Standing(state or verdict.UNKNOWN, verdict.NEVER_POLLED if reason is None else reason, since)
    stands = judged(site, own, found, now)
    return Cell(
        device_id=pk,
        slot=slot,
        kind=kind,
        address=address,
        model=model,
        state=stands.state,
        reason=stands.reason,
        since=stands.since,
        observed_at=moment(found.at) if found.at else None,
        **found.sample,
    )


def numbers(sql: Statements, container_ids: list[int], metric: str, oldest: datetime) -> dict[int, dict[int, float]]:
    """One metric of every machine heard since `oldest` that said it, by container and slot."""
    found: dict[int, dict[int, float]] = {container_id: {} for container_id in container_ids}
    for container_id, data in sql.rows(FRAMES, [container_ids]):
        frame = codec.decode(data)
        if metric in NAMES[frame.kind]:
            values = codec.from_steps(frame.kind, frame.values)[INDEX[frame.kind][metric]]
            said = np.flatnonzero((frame.at >= oldest.timestamp()) & ~np.isnan(values))
            found[container_id] |= dict(zip((said + 1).tolist(), values[said].tolist(), strict=True))
    return found


def last(sql: Statements, device_id: int, now: datetime) -> Last:
    device = Device.objects.select_related("now").get(pk=device_id)
    kind = GPU if device.is_gpu else ASIC
    row = getattr(device, "now", None)
    found = current(sql, device.container_id).get((kind, device.slot), NOTHING)
    own = Standing(row.state, row.reason, row.since) if row else Standing(verdict.UNKNOWN, verdict.NEVER_POLLED, None)
    stands = judged(site_of(sql, device.container_id, now), own, found, now)
    reading, reading_at = all_said(sql, device)
    return Last(
        device_id=device.pk,
        kind=kind,
        sample=found.sample or dict.fromkeys(NAMES[kind]),
        observed_at=moment(found.at) if found.at else None,
        reading=reading,
        reading_at=reading_at,
        state=stands.state,
        reason=stands.reason,
        since=stands.since,
        identity={name: getattr(row, name) if row else "" for name in IDENTITY},
    )


def all_said(sql: Statements, device: Device) -> tuple[dict[str, Any] | None, datetime | None]:
    """Nothing where another machine stood in the place when it was last inspected."""
    rows = sql.rows(DETAIL, [device.container_id])
    detail = details.opened(rows[0][0]).get(device.slot) if rows else None
    if detail is None or detail.device_id != device.pk:
        return None, None
    said, at = details.reading(detail)
    if device.standing_since is not None and moment(at) < device.standing_since:
        return None, None
    return said, moment(at)
