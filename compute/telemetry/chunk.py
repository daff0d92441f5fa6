"""One hour of a container's minutes as one compressed chunk. Pure NumPy and zstd.

First values: of every machine and number, as change from the machine before. Rows: number by number, machine by
machine, the changes from minute to minute, or the distances from the first value where those are smaller (noise). All
zigzag; rows in the narrowest width that holds the largest, each byte plane compressed by itself (planes differ in their
statistics, and a seldom large change costs almost nothing). Uptime is kept as the moment of the start, which does not
change. One machine is read without working out the others.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import zstandard

from compute.telemetry import codec
from compute.telemetry.codec import CODES, DIGITS, MISSING, WIDTHS, WORDS, Bools, Frame, Ints, UnknownFormat
from compute.telemetry.metrics import INDEX

MAGIC: Final = b"CH"
VERSION: Final = 1
MINUTES: Final = 60
LEVEL: Final = 3
FIRSTS_WIDTH: Final = 8
LENGTH: Final = struct.Struct("<I")
HEAD: Final = struct.Struct("<2sBBHBq")  # magic, version, kind, places, conflicts, unix second of the hour
COLUMN: Final = struct.Struct("<BBB")  # a mask of its own, rows are distances, width of the rows
Unsigned = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False, slots=True)
class Hour:
    """Arrays of (places, minutes), columns first: as frames, turned so that a machine's hour lies together."""

    kind: str
    start: int
    at: Ints
    values: Ints
    conflicts: Bools


def seal(kind: str, start: int, frames: Mapping[int, Frame]) -> bytes:
    """frames: by minute of the hour, 0 to 59."""
    hour = gathered(kind, start, frames)
    has_conflicts, present = bool(hour.conflicts.any()), hour.at > 0
    columns = [packed(column, present) for column in numbers(hour)]
    head = HEAD.pack(MAGIC, VERSION, CODES[kind], len(present), has_conflicts, start)
    table = b"".join(COLUMN.pack(bool(one.mask), one.is_noise, one.width) for one in columns)
    firsts = to_zigzag(np.diff(np.array([one.firsts for one in columns]), prepend=0, axis=1))
    parts = [
        mask_of(present),
        *([mask_of(hour.conflicts)] if has_conflicts else []),
        *(one.mask for one in columns if one.mask),
        compressed(planes(firsts.ravel(), FIRSTS_WIDTH).tobytes()),
        *(compressed(plane.tobytes()) for one in columns for plane in planes(one.rows, one.width)),
    ]
    return head + table + b"".join(parts)


def gathered(kind: str, start: int, frames: Mapping[int, Frame]) -> Hour:
    places = max((frame.places for frame in frames.values()), default=0)
    hour = blank(kind, start, places)
    for minute, frame in frames.items():
        hour.at[: frame.places, minute] = frame.at
        hour.values[:, : frame.places, minute] = frame.values
        hour.conflicts[: frame.places, minute] = frame.conflicts
    return hour


def blank(kind: str, start: int, places: int) -> Hour:
    shape = (places, MINUTES)
    values = np.full((len(DIGITS[kind]), *shape), MISSING, np.int64)
    return Hour(kind, start, np.zeros(shape, np.int64), values, np.zeros(shape, np.bool_))


def numbers(hour: Hour) -> Ints:
    """Seconds within the minute, then the columns with uptime as the second of the start."""
    seconds = np.where(hour.at > 0, hour.at - minute_starts(hour.start), MISSING)
    values = np.concatenate([seconds[None], hour.values])
    uptime = values[1 + INDEX[hour.kind]["uptime_s"]]
    uptime[:] = np.where(uptime != MISSING, hour.at - uptime, MISSING)
    return values


def minute_starts(start: int) -> Ints:
    return start + 60 * np.arange(MINUTES)


@dataclass(frozen=True, eq=False, slots=True)
class Packed:
    """One column. rows: zigzag, without the first minute."""

    mask: bytes
    firsts: Ints
    rows: Unsigned
    is_noise: bool
    width: int


def packed(column: Ints, present: Bools) -> Packed:
    said = column != MISSING
    firsts, rows = carried(column, said)
    changes, distances = np.diff(rows, axis=1), rows[:, 1:] - firsts[:, None]
    is_noise = bool(np.abs(distances, dtype=np.float64).sum() < np.abs(changes, dtype=np.float64).sum())
    zigzag = to_zigzag(distances if is_noise else changes).ravel()
    mask = b"" if (said == present).all() else mask_of(said)
    return Packed(mask, firsts, zigzag, is_noise, codec.width_for(int(zigzag.max(initial=0))))


def to_zigzag(changes: Ints) -> Unsigned:
    return (changes << 1 ^ changes >> 63).view(np.uint64)


def from_zigzag(zigzag: Unsigned) -> Ints:
    return (zigzag >> np.uint64(1)).astype(np.int64) ^ -(zigzag & np.uint64(1)).astype(np.int64)


def planes(zigzag: Unsigned, width: int) -> npt.NDArray[np.uint8]:
    return zigzag.astype(WIDTHS[width]).view(np.uint8).reshape(-1, width).T


def mask_of(places: Bools) -> bytes:
    return compressed(np.packbits(places).tobytes())


def compressed(part: bytes) -> bytes:
    data = zstandard.ZstdCompressor(level=LEVEL, write_content_size=False).compress(part)
    return LENGTH.pack(len(data)) + data


def carried(column: Ints, said: Bools) -> tuple[Ints, Ints]:
    """First value of each machine, and its rows with each gap filled by the value before it, or the first one."""
    everyone = np.arange(len(column))
    first = said.argmax(axis=1)
    firsts = np.where(said.any(axis=1), column[everyone, first], 0)
    last = np.maximum.accumulate(np.where(said, np.arange(MINUTES), -1), axis=1)
    rows = np.where(last < 0, firsts[:, None], column[everyone[:, None], np.maximum(last, 0)])
    return firsts, rows


def unseal(data: bytes) -> dict[int, Frame]:
    """The frames by minute; a minute nobody was heard in is not there."""
    hour = opened(data)
    frames = {}
    for minute in np.flatnonzero((hour.at > 0).any(axis=0)).tolist():
        places = int(np.flatnonzero(hour.at[:, minute])[-1]) + 1
        frames[minute] = Frame(
            hour.kind,
            hour.at[:places, minute].copy(),
            hour.values[:, :places, minute].copy(),
            hour.conflicts[:places, minute].copy(),
        )
    return frames


def opened(data: bytes) -> Hour:
    reader = Reader(data)
    hour = blank(reader.kind, reader.start, reader.places)
    said, conflicts = reader.masks()
    firsts = np.cumsum(reader.firsts(reader.places), axis=1)
    later = reader.rows(0, reader.places)
    values = np.concatenate([firsts[:, :, None], firsts[:, :, None] + later], axis=2)
    values = np.where(np.array(said), values, MISSING)
    hour.conflicts[:] = conflicts
    hour.at[:], hour.values[:] = finished(reader, values)
    return hour


def finished(reader: "Reader", values: Ints) -> tuple[Ints, Ints]:
    """Seconds and columns as they were before numbers()."""
    at = np.where(values[0] != MISSING, values[0] + minute_starts(reader.start), 0)
    uptime = values[1 + INDEX[reader.kind]["uptime_s"]]
    uptime[:] = np.where(uptime == MISSING, MISSING, at - uptime)
    return at, values[1:]


def header(data: bytes) -> tuple[str, int, bool, int]:
    try:
        magic, version, code, places, has_conflicts, start = HEAD.unpack_from(data)
        kind = WORDS[code]
    except (struct.error, KeyError):
        raise UnknownFormat(f"no telemetry chunk: {data[:8]!r}") from None
    if magic != MAGIC or version != VERSION:
        raise UnknownFormat(f"telemetry chunk of schema {magic!r} {version}, known is {MAGIC!r} {VERSION}")
    return kind, places, bool(has_conflicts), start


class Reader:
    """Opens the parts of a chunk, in their order: masks(), firsts(), rows()."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.kind, self.places, self.has_conflicts, self.start = header(data)
        count = 1 + len(DIGITS[self.kind])
        self.place = HEAD.size + count * COLUMN.size
        if self.place > len(data):
            raise UnknownFormat(f"damaged telemetry chunk: it ends after {len(data)} bytes")
        self.table = [COLUMN.unpack_from(data, HEAD.size + n * COLUMN.size) for n in range(count)]
        self.decompressor = zstandard.ZstdDecompressor()

    def part(self, size: int) -> npt.NDArray[np.uint8]:
        """The next compressed part, which must hold exactly so many bytes."""
        try:
            (length,) = LENGTH.unpack_from(self.data, self.place)
            start = self.place + LENGTH.size
            self.place = start + length
            found = self.decompressor.decompress(self.data[start : self.place], max_output_size=size or 1)
        except (struct.error, zstandard.ZstdError) as error:
            raise UnknownFormat(f"damaged telemetry chunk: {error}") from None
        if len(found) != size:
            raise UnknownFormat(f"damaged telemetry chunk: a part of {len(found)} bytes should have {size}")
        return np.frombuffer(found, np.uint8)

    def mask(self) -> Bools:
        size = self.places * MINUTES
        return np.unpackbits(self.part(-(-size // 8)), count=size).astype(np.bool_).reshape(self.places, MINUTES)

    def masks(self) -> tuple[list[Bools], Bools]:
        """Where each column says something, and where two samples contradicted."""
        present = self.mask()
        conflicts = self.mask() if self.has_conflicts else np.zeros_like(present)
        return [self.mask() if has_mask else present for has_mask, _, _ in self.table], conflicts

    def firsts(self, places: int) -> Ints:
        """Changes from machine to machine of the first values, of the first machines only."""
        shape = (FIRSTS_WIDTH, len(self.table), self.places)
        raw = self.part(int(np.prod(shape))).reshape(shape)[:, :, :places]
        return from_planes(np.moveaxis(raw, 0, -1).copy())

    def rows(self, first: int, end: int) -> Ints:
        """(columns, machines, minutes after the first), as distances from the first value."""
        steps = MINUTES - 1
        raw = np.zeros((len(self.table), (end - first) * steps, FIRSTS_WIDTH), np.uint8)
        for column, (_, _, width) in zip(raw, self.table, strict=True):
            for plane in range(width):
                column[:, plane] = self.part(self.places * steps)[first * steps : end * steps]
        found = from_planes(raw).reshape(len(self.table), end - first, steps)
        changes = [not is_noise for _, is_noise, _ in self.table]
        found[changes] = np.cumsum(found[changes], axis=2)
        return found


def from_planes(raw: npt.NDArray[np.uint8]) -> Ints:
    """Zigzag numbers whose eight bytes lie along the last axis, the lowest first."""
    return from_zigzag(raw.view(WIDTHS[8])[..., 0])


def machine(data: bytes, slot: int) -> tuple[Ints, Ints] | None:
    """Seconds (n) and steps (columns, n) of the samples of one place in the hour."""
    reader = Reader(data)
    if not 0 < slot <= reader.places:
        return None
    said = np.array([mask[slot - 1] for mask in reader.masks()[0]])
    first = reader.firsts(slot).sum(axis=1)[:, None]
    values = np.concatenate([first, first + reader.rows(slot - 1, slot)[:, 0]], axis=1)
    at, columns = finished(reader, np.where(said, values, MISSING))
    here = at > 0
    return at[here], columns[:, here]
