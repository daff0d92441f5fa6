"""The minute rows of a write: what is stored, merged with what a sweep brought, and the sums of each minute."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from compute.telemetry import chunk, codec, rollup, upsert
from compute.telemetry.codec import CODES, WORDS, Frame
from compute.telemetry.current import Current
from compute.telemetry.database import Statements
from compute.telemetry.gather import Gathered, moment
from compute.telemetry.metrics import ASIC, GPU
from compute.telemetry.sitemap import SiteMap

STORED: Final = """
SELECT container_id, kind, extract(epoch FROM minute_at)::bigint, frame FROM telemetry_hot
WHERE container_id = ANY(%s::bigint[]) AND kind = ANY('{1,2}') AND minute_at = ANY(%s::timestamptz[])
"""
SEALED: Final = """
SELECT container_id, kind, extract(epoch FROM hour_at)::bigint, chunk FROM telemetry_chunk
WHERE container_id = ANY(%s::bigint[]) AND kind = ANY('{1,2}') AND hour_at = ANY(%s::timestamptz[])
"""
MINUTE_S: Final = 60
HOUR_S: Final = 3600
HOT_FOR_S: Final = 2 * 86_400  # younger minutes lie in the hot table, whether their hour is sealed or not
Place = tuple[int, str, int]  # container, kind, unix second of the minute


@dataclass(slots=True)
class Minutes:
    """frames: all that is known of the minutes around this write; changed: those that it changed.

    begun: the containers and minutes of which something was stored before, or is so old that something may be.
    silent: those that were asked and of which nothing is known: what is deployed there counts, what runs does not.
    """

    frames: dict[Place, Frame] = field(default_factory=dict)
    changed: dict[Place, Frame] = field(default_factory=dict)
    begun: set[tuple[int, int]] = field(default_factory=set)
    silent: set[tuple[int, int]] = field(default_factory=set)

    def hours(self) -> set[int]:
        seconds = {second for _, _, second in self.changed} | {second for _, second in self.silent}
        return {second - second % HOUR_S for second in seconds}


def merge(sql: Statements, known: SiteMap, found: Gathered, current: Current, now: float) -> Minutes:
    fresh = {
        (container_id, kind, second): frame
        for (container_id, kind), batch in found.batches.items()
        for second, frame in batch.minutes().items()
    }
    asked = minutes_asked(found)
    touched = {second for _, _, second in fresh} | {second for _, second in asked}
    containers = {container_id for container_id, _ in found.batches}
    minutes = Minutes(stored(sql, begun(current, containers, touched), touched))
    minutes.frames |= neighbours(sql, known, current, touched)
    late = {second for second in touched if second < now - HOT_FOR_S}
    if late:
        minutes.frames = sealed(sql, containers, late) | minutes.frames
    minutes.begun = {(container_id, second) for container_id, _, second in minutes.frames}
    minutes.begun |= {(container_id, second) for container_id in containers for second in late}
    for place, frame in fresh.items():
        old = minutes.frames.get(place)
        new = codec.merge(old, frame) if old is not None else frame
        minutes.frames[place] = new
        if old is None or codec.encode(old) != codec.encode(new):
            minutes.changed[place] = new
    minutes.silent = asked - {(container_id, second) for container_id, _, second in minutes.frames}
    return minutes


def begun(current: Current, containers: set[int], touched: set[int]) -> set[int]:
    """Containers of which one of these minutes may be stored: the newest sample of the others is older than all."""
    first = min(touched, default=0)
    return {container_id for container_id in containers if current.newest.get(container_id, 0) >= first}


def minutes_asked(found: Gathered) -> set[tuple[int, int]]:
    """The containers and minutes in which a machine was asked, whether it answered or not."""
    return {
        (container_id, at - at % MINUTE_S)
        for (container_id, _), batch in found.batches.items()
        for at in batch.health_at
    }


def neighbours(sql: Statements, known: SiteMap, current: Current, touched: set[int]) -> dict[Place, Frame]:
    """Of containers with GPUs also the minutes beside the touched and the newest ones: rates need two minutes."""
    serving = {key: now for key, now in current.nows.items() if key[1] == GPU}
    if not serving:
        return {}
    newest = (int(now.frame.at.max(initial=0)) for now in serving.values())
    middle = touched | {second - second % MINUTE_S for second in newest}
    near = {second + step * MINUTE_S for second in middle for step in (-2, -1, 0, 1)} - touched
    return stored(sql, {container_id for container_id, _ in serving}, near)


def stored(sql: Statements, container_ids: Iterable[int], seconds: Iterable[int]) -> dict[Place, Frame]:
    wanted = list(container_ids)
    rows = sql.rows(STORED, [wanted, [moment(second) for second in sorted(seconds)]]) if wanted else []
    return {(container_id, WORDS[kind], second): codec.decode(frame) for container_id, kind, second, frame in rows}


def sealed(sql: Statements, container_ids: Iterable[int], seconds: Iterable[int]) -> dict[Place, Frame]:
    """Minutes whose hot partition was dropped already, out of their hour's chunk."""
    wanted = set(seconds)
    hours = sorted({second - second % HOUR_S for second in wanted})
    rows = sql.rows(SEALED, [list(container_ids), [moment(hour) for hour in hours]])
    return {
        (container_id, WORDS[kind], hour + MINUTE_S * minute): frame
        for container_id, kind, hour, data in rows
        for minute, frame in chunk.unseal(data).items()
        if hour + MINUTE_S * minute in wanted
    }


def rollups(known: SiteMap, minutes: Minutes) -> list[dict[str, Any]]:
    """The sums of every minute that changed; a minute of GPUs changes the token rate of the next one too."""
    stale = {(container_id, second) for container_id, _, second in minutes.changed} | minutes.silent
    for container_id, kind, second in minutes.changed:
        if kind == GPU and (container_id, GPU, second + MINUTE_S) in minutes.frames:
            stale.add((container_id, second + MINUTE_S))
    return [rollup_row(known, minutes, container_id, second) for container_id, second in sorted(stale)]


def rollup_row(known: SiteMap, minutes: Minutes, container_id: int, second: int) -> dict[str, Any]:
    boxes = {kind: box for kind in (ASIC, GPU) if (box := known.boxes.get((container_id, kind)))}
    frames = {kind: frame for kind in (ASIC, GPU) if (frame := minutes.frames.get((container_id, kind, second)))}
    before = minutes.frames.get((container_id, GPU, second - MINUTE_S))
    return {
        "resolution_s": MINUTE_S,
        "scope": upsert.CONTAINER,
        "scope_id": container_id,
        "start_at": moment(second),
        **rollup.minute(boxes, frames, before),
    }


def save(sql: Statements, known: SiteMap, minutes: Minutes) -> None:
    store(sql, minutes, [hot_row(place, frame) for place, frame in minutes.changed.items()])
    sums = rollups(known, minutes)
    upsert.ROLLUP.run(sql, sums)
    if sums:
        seconds = sorted({row["start_at"] for row in sums})
        sql.run(upsert.SITE_MINUTES, [known.site_id, known.containers(), seconds])
    hours = sorted(minutes.hours())
    upsert.DIRTY.run(sql, [{"site_id": known.site_id, "hour_at": moment(hour), "rolled_up": False} for hour in hours])


def hot_row(place: Place, frame: Frame) -> dict[str, Any]:
    container_id, kind, second = place
    return {
        "container_id": container_id,
        "kind": CODES[kind],
        "minute_at": moment(second),
        "frame": codec.encode(frame),
    }


def store(sql: Statements, minutes: Minutes, rows: list[dict[str, Any]]) -> None:
    """What no write brought before is copied in: the site's lock keeps everybody else from bringing it now."""
    begun = [(row["container_id"], int(row["minute_at"].timestamp())) in minutes.begun for row in rows]
    upsert.HOT.run(sql, [row for row, is_begun in zip(rows, begun, strict=True) if is_begun])
    upsert.HOT.copy(sql, [row for row, is_begun in zip(rows, begun, strict=True) if not is_begun])
