"""From polls to frames: what a sweep brought, sorted by container, kind and minute. Pure.

The health frame says of every place when something was last known of it, and what: its state, the failure (0: it
answered), and a digest of the words that belong in its DeviceNow row, so that a row is written only when they change.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from cango_ops.wire import REASONS
from compute.protocols.reading import Reading
from compute.telemetry import codec, metrics, verdict
from compute.telemetry.codec import HEALTH, Frame, Ints
from compute.telemetry.metrics import Sample
from compute.telemetry.polled import GARBLED, Polled
from compute.telemetry.sitemap import Box, SiteMap
from compute.telemetry.verdict import SEVERITY, STATES, Verdict
from compute.telemetry.waking import Told, is_warming

FAILURES: Final = ("", *REASONS, GARBLED)
MOST_LIMIT_W: Final = 100_000.0
STATE, FAILURE, DIGEST = range(3)  # columns of a health frame
Key = tuple[int, str]  # container and kind


class Words(NamedTuple):
    """What a DeviceNow row should say. Identity is empty where the machine did not say it this time."""

    state: str
    reason: str
    vendor: str = ""
    model_reported: str = ""
    firmware: str = ""
    mac: str = ""
    serial: str = ""
    power_limit_w: str = ""


@dataclass(slots=True)
class Batch:
    """Everything one write brings to one kind of machine in one container."""

    box: Box
    slots: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    health_slots: list[int] = field(default_factory=list)
    health_at: list[int] = field(default_factory=list)
    health_rows: list[tuple[int, int, int]] = field(default_factory=list)
    words: dict[tuple[int, int], Words] = field(default_factory=dict)  # by slot and digest
    lingering: dict[tuple[int, int], int] = field(default_factory=dict)  # to the digest that stays if it stood before
    readings: list[Polled] = field(default_factory=list)

    def minutes(self) -> dict[int, Frame]:
        """Frames by the unix second at which their minute begins."""
        at = np.array(self.at, np.int64)
        slots, steps = np.array(self.slots, np.int64), codec.to_steps(self.box.kind, self.samples)
        starts = at - at % 60
        return {
            start: frame_of(self.box.kind, slots[starts == start], at[starts == start], steps[starts == start])
            for start in np.unique(starts).tolist()
        }

    def health(self) -> Frame:
        rows = np.array(self.health_rows, np.int64).reshape(-1, 3)
        return frame_of(HEALTH, np.array(self.health_slots), np.array(self.health_at), rows)


def frame_of(kind: str, slots: Ints, at: Ints, steps: Ints) -> Frame:
    """A frame of rows among which a slot may come more than once."""
    frame = codec.empty(kind)
    while len(slots):
        _, first = np.unique(slots, return_index=True)
        frame = codec.merge(frame, codec.from_rows(kind, slots[first], at[first], steps[first]))
        rest = np.delete(np.arange(len(slots)), first)
        slots, at, steps = slots[rest], at[rest], steps[rest]
    return frame


@dataclass(slots=True)
class Gathered:
    """batches by container and kind; unknown: polls of machines that are not on the site map; refused: polls of
    a time that cannot be (the future) or is not kept any more."""

    batches: dict[Key, Batch] = field(default_factory=dict)
    samples: int = 0
    failures: int = 0
    unknown: int = 0
    refused: int = 0


def gather(known: SiteMap, polled: Iterable[Polled], earliest: float, latest: float) -> Gathered:
    found = Gathered()
    for poll in polled:
        kind = known.kinds.get(poll.device_id)
        box = known.boxes.get((poll.container_id, kind)) if kind else None
        if kind is None or box is None or box.device_ids.get(poll.slot) != poll.device_id:
            found.unknown += 1
        elif not earliest <= poll.observed_at <= latest:
            found.refused += 1
        else:
            batch = found.batches.setdefault((poll.container_id, kind), Batch(box))
            if poll.reading is not None:
                found.samples += 1
                add_reading(batch, poll, poll.reading, known.told)
            else:
                found.failures += 1
                add_failure(batch, poll)
    return found


def add_reading(batch: Batch, poll: Polled, reading: Reading, told: Told) -> None:
    at = int(poll.observed_at)
    batch.slots.append(poll.slot)
    batch.at.append(at)
    batch.samples.append(metrics.sample(batch.box.kind, reading))
    batch.readings.append(poll)
    warming = is_warming(told, poll.device_id, poll.observed_at)
    judged = verdict.of_reading(reading, batch.box.expected[poll.slot], is_warming=warming)
    digest = add_words(batch, poll, said(judged, reading))
    if judged.state == verdict.OK and (before := verdict.lingering(reading, batch.box.expected[poll.slot])):
        batch.lingering[poll.slot, digest] = add_words(batch, poll, said(before, reading))
    add_health(batch, poll.slot, at, (SEVERITY[judged.state], 0, digest))


def add_words(batch: Batch, poll: Polled, words: Words) -> int:
    digest = digest_of(poll.device_id, words)
    batch.words[poll.slot, digest] = words
    return digest


def add_failure(batch: Batch, poll: Polled) -> None:
    failure = poll.failure if poll.failure in FAILURES else GARBLED
    add_health(batch, poll.slot, int(poll.observed_at), (0, FAILURES.index(failure or GARBLED), 0))


def add_health(batch: Batch, slot: int, at: int, row: tuple[int, int, int]) -> None:
    batch.health_slots.append(slot)
    batch.health_at.append(at)
    batch.health_rows.append(row)


def said(judged: Verdict, reading: Reading) -> Words:
    return Words(
        judged.state,
        clean(judged.reason, 100),
        clean(reading.vendor, 64),
        clean(reading.model, 100),
        clean(reading.firmware, 100),
        clean(reading.mac, 17),
        clean(reading.serial, 64),
        limit_of(reading),
    )


def limit_of(reading: Reading) -> str:
    """Of machines that mine: what a node's GPUs may draw is nothing that the console sets."""
    limit_w = reading.power_limit_w
    return f"{limit_w:.0f}" if limit_w is not None and reading.gpus is None and 0 < limit_w < MOST_LIMIT_W else ""


def clean(text: str | None, longest: int) -> str:
    """Text of a machine as a database column takes it."""
    if not text:
        return ""
    if not text.isascii() or "\x00" in text:
        text = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return text[:longest]


def digest_of(device_id: int, words: Words) -> int:
    return zlib.crc32("\n".join((str(device_id), *words)).encode())


def judge_silence(
    health: Frame, frame: Frame, first_at: int, box: Box, sweep_s: float, told: Told
) -> dict[tuple[int, int], Words]:
    """Fills in state and digest of the places whose last poll failed: they follow from when each last answered."""
    words = {}
    last_ok = codec.padded(frame, max(frame.places, health.places)).at
    for place in np.flatnonzero(health.values[FAILURE] > 0).tolist():
        slot, failed_at = place + 1, int(health.at[place])
        if slot not in box.device_ids:
            continue
        failure = FAILURES[int(health.values[FAILURE, place])]
        device_id, last_ok_at = box.device_ids[slot], int(last_ok[place]) or None
        warming = is_warming(told, device_id, failed_at)
        line = Words(*verdict.of_silence(failure, failed_at, last_ok_at, first_at, sweep_s, is_warming=warming))
        digest = digest_of(device_id, line)
        health.values[[STATE, DIGEST], place] = SEVERITY[line.state], digest
        words[slot, digest] = line
    return words


def without_judgement(health: Frame) -> Frame:
    """The health frame as the polls alone make it, so that merging stays free of order."""
    values = np.where(health.values[FAILURE] > 0, health.values * [[0], [1], [0]], health.values)
    return Frame(HEALTH, health.at, values, health.conflicts)


def state_counts(states: Ints) -> dict[str, int]:
    counts = np.bincount(states, minlength=len(STATES)).tolist()
    return dict(zip(STATES, counts, strict=True))


def moment(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)
