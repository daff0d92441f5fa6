"""The current row of each kind of machine in each container: what is stored, merged with what a sweep brought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from compute.telemetry import codec, upsert
from compute.telemetry.codec import CODES, HEALTH, WORDS, Frame
from compute.telemetry.database import Statements
from compute.telemetry.gather import (
    DIGEST,
    STATE,
    Batch,
    Gathered,
    Key,
    Words,
    frame_of,
    judge_silence,
    moment,
    without_judgement,
)
from compute.telemetry.sitemap import Box, SiteMap
from compute.telemetry.totals import Part
from compute.telemetry.verdict import SEVERITY, WARNING

STORED: Final = """
SELECT container_id, kind, extract(epoch FROM first_at)::bigint, frame, health
FROM telemetry_current WHERE container_id = ANY(%s::bigint[])
"""


@dataclass(slots=True)
class Now:
    """first_at: unix second of the first poll, 0 before it."""

    frame: Frame
    health: Frame
    first_at: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a DeviceNow row should say from when on."""

    device_id: int
    since: datetime
    words: Words


@dataclass(slots=True)
class Current:
    """nows: every kind of every container of this write, merged; rows: those that changed; said: devices that did.

    newest: unix second of the newest sample that a container had before this write.
    """

    nows: dict[Key, Now]
    rows: list[dict[str, Any]]
    said: list[Said]
    newest: dict[int, int]

    def parts(self, known: SiteMap, container_id: int) -> dict[str, Part]:
        """All machines of a container, also of a kind that this write did not bring."""
        nothing = Now(codec.empty(codec.ASIC), codec.empty(HEALTH), 0)
        found = {}
        for (container, kind), box in known.boxes.items():
            if container == container_id:
                now = self.nows.get((container, kind), nothing)
                found[kind] = Part(box, now.frame if now.first_at else codec.empty(kind), now.health)
        return found


def stored(sql: Statements, container_ids: Iterable[int]) -> dict[Key, Now]:
    return {
        (container_id, WORDS[kind]): Now(codec.decode(frame), codec.decode(health), first_at)
        for container_id, kind, first_at, frame, health in sql.rows(STORED, [list(container_ids)])
    }


def merge(sql: Statements, known: SiteMap, found: Gathered, sweep_s: float) -> Current:
    nows = stored(sql, sorted({container_id for container_id, _ in found.batches}))
    current = Current(nows, [], [], newest_samples(nows))
    for key, batch in found.batches.items():
        old = nows.get(key)
        new = merged(old, batch)
        if old is not None:
            let_linger(old.health, new.health, batch)
        words = batch.words | judge_silence(new.health, new.frame, new.first_at, batch.box, sweep_s, known.told)
        current.said.extend(changes(old, new, batch.box, words))
        nows[key] = new
        if old is None or not same(old, new):
            current.rows.append(row(key, new))
    return current


def newest_samples(nows: Mapping[Key, Now]) -> dict[int, int]:
    newest: dict[int, int] = {}
    for (container_id, _), now in nows.items():
        newest[container_id] = max(newest.get(container_id, 0), int(now.frame.at.max(initial=0)))
    return newest


def merged(old: Now | None, batch: Batch) -> Now:
    steps = codec.to_steps(batch.box.kind, batch.samples)
    frame = frame_of(batch.box.kind, np.array(batch.slots, np.int64), np.array(batch.at, np.int64), steps)
    health, first_at = batch.health(), min(batch.health_at)
    if old is not None:
        frame, first_at = codec.merge(old.frame, frame), min(old.first_at, first_at)
        health = codec.merge(without_judgement(old.health), health)
    health.conflicts[:] = False  # of two judgements of one second the graver stays; that is no contradiction
    return Now(frame, health, first_at)


def let_linger(old: Frame, new: Frame, batch: Batch) -> None:
    """Leaves a warning standing where the newest reading is not yet well above the line."""
    for (slot, digest), stays in batch.lingering.items():
        place = slot - 1
        if place < old.places and old.values[DIGEST, place] == stays and new.values[DIGEST, place] == digest:
            new.values[[STATE, DIGEST], place] = SEVERITY[WARNING], stays


def same(old: Now, new: Now) -> bool:
    return old.first_at == new.first_at and alike(old.frame, new.frame) and alike(old.health, new.health)


def alike(one: Frame, other: Frame) -> bool:
    return all(
        np.array_equal(a, b)
        for a, b in ((one.at, other.at), (one.values, other.values), (one.conflicts, other.conflicts))
    )


def changes(old: Now | None, new: Now, box: Box, words: Mapping[tuple[int, int], Words]) -> Iterable[Said]:
    """Machines of which the words in DeviceNow are not those any more that follow from what is known."""
    digests = new.health.values[DIGEST]
    before = np.zeros(len(digests), np.int64)
    if old is not None:
        before[: old.health.places] = old.health.values[DIGEST]
    for place in np.flatnonzero((digests != before) & (new.health.at > 0)).tolist():
        line = words.get((place + 1, int(digests[place])))
        if line is not None and place + 1 in box.device_ids:
            yield Said(box.device_ids[place + 1], moment(int(new.health.at[place])), line)


def row(key: Key, now: Now) -> dict[str, Any]:
    container_id, kind = key
    return {
        "container_id": container_id,
        "kind": CODES[kind],
        "first_at": moment(now.first_at),
        "frame": codec.encode(now.frame),
        "health": codec.encode(now.health),
    }


def save(sql: Statements, current: Current) -> int:
    """Returns how many DeviceNow rows changed."""
    upsert.CURRENT.run(sql, current.rows)
    if not current.said:
        return 0
    columns = list(zip(*((one.device_id, one.since, *one.words) for one in current.said), strict=True))
    return sql.run(upsert.DEVICES_NOW, [list(column) for column in columns])
