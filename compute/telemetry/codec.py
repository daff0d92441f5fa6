"""Frames: the newest sample of every place of one container, as arrays in hand and as bytes in a row. Pure NumPy.

In bytes: a header (magic, schema version, kind, places), for every column its digits, width and lowest value, a mask
of the places that have a sample, then the seconds and the columns of those places, each as offset from its lowest in
the narrowest unsigned width that holds the highest (so a counter of any size finds room). The bytes depend on the
content alone. A number the machine did not give is all ones.

merge() keeps the later sample of each place. Of two samples of the same second that differ, the one with the greater
values stays and the place is marked as in conflict: in any order, however often, the same frame comes out.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from compute.telemetry.metrics import ASIC, GPU, METRICS, SAMPLE_SIZE

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MAGIC: Final = b"CT"
VERSION: Final = 1
HEALTH: Final = "health"
CODES: Final = {ASIC: 1, GPU: 2, HEALTH: 3}
WORDS: Final = {code: kind for kind, code in CODES.items()}
DIGITS: Final = {
    ASIC: tuple(metric.digits for metric in METRICS[ASIC]),
    GPU: tuple(metric.digits for metric in METRICS[GPU]),
    HEALTH: (0, 0, 0),
}
MISSING: Final = np.iinfo(np.int64).min
HIGHEST: Final = 1 << 61
HEAD: Final = struct.Struct("<2sBBHHBq")  # magic, version, kind, places, conflicts, width and lowest of the seconds
COLUMN: Final = struct.Struct("<bBq")  # digits, width, lowest
WIDTHS: Final[dict[int, np.dtype[Any]]] = {
    1: np.dtype("<u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<u4"),
    8: np.dtype("<u8"),
}


class UnknownFormat(ValueError):
    """Stored bytes that this version of the console cannot read."""


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """Place i of the arrays is slot i + 1. at: unix second of the sample, 0 where there is none.

    values: one row per column of the kind, in steps, MISSING where not said.   conflicts: see merge().
    """

    kind: str
    at: Ints
    values: Ints
    conflicts: Bools

    @property
    def places(self) -> int:
        return len(self.at)

    @property
    def present(self) -> Bools:
        return self.at > 0


def empty(kind: str, places: int = 0) -> Frame:
    columns = len(DIGITS[kind])
    return Frame(
        kind,
        np.zeros(places, np.int64),
        np.full((columns, places), MISSING, np.int64),
        np.zeros(places, np.bool_),
    )


def from_rows(kind: str, slots: npt.ArrayLike, at: npt.ArrayLike, steps: Ints) -> Frame:
    """A frame of samples (one row each) of different slots."""
    index = np.asarray(slots, np.int64) - 1
    frame = empty(kind, int(index.max()) + 1 if len(index) else 0)
    frame.at[index] = np.asarray(at, np.int64)
    frame.values[:, index] = steps.T
    return frame


def to_steps(kind: str, samples: Sequence[Sequence[float | None]]) -> Ints:
    """Samples (one row each, NaN or None where not said) as whole steps."""
    values = np.asarray(samples, np.float64).reshape(-1, len(DIGITS[kind]))
    scale = scales(kind)
    scaled = np.rint(np.clip(values, -HIGHEST / scale, HIGHEST / scale) * scale)
    known = np.isfinite(values)
    return np.where(known, np.where(known, scaled, 0).astype(np.int64), MISSING)


def from_steps(kind: str, steps: Ints) -> npt.NDArray[np.float64]:
    """Steps (a column of the kind per row) as numbers, NaN where not said."""
    by_column = scales(kind).reshape(-1, *[1] * (steps.ndim - 1))
    return np.where(steps == MISSING, np.nan, steps / by_column)


def scales(kind: str) -> npt.NDArray[np.float64]:
    return np.power(10.0, DIGITS[kind])


def merge(one: Frame, other: Frame) -> Frame:
    """The later sample of every place; commutative, associative, idempotent."""
    if one.kind != other.kind:
        raise ValueError(f"a frame of {one.kind} does not merge with one of {other.kind}")
    places = max(one.places, other.places)
    a, b = padded(one, places), padded(other, places)
    later = b.at > a.at
    tied = (a.at == b.at) & a.present
    unlike = a.values != b.values
    differs = tied & unlike.any(axis=0)
    first = unlike.argmax(axis=0)
    everyone = np.arange(places)
    greater = b.values[first, everyone] > a.values[first, everyone]
    takes = later | (differs & greater)
    return Frame(
        one.kind,
        np.maximum(a.at, b.at),
        np.where(takes, b.values, a.values),
        np.where(later, b.conflicts, a.conflicts | (tied & (b.conflicts | differs))),
    )


def padded(frame: Frame, places: int) -> Frame:
    more = places - frame.places
    if not more:
        return frame
    return Frame(
        frame.kind,
        np.pad(frame.at, (0, more)),
        np.pad(frame.values, ((0, 0), (0, more)), constant_values=MISSING),
        np.pad(frame.conflicts, (0, more)),
    )


def encode(frame: Frame) -> bytes:
    present = frame.present
    seconds = frame.at[present]
    values = frame.values[:, present]
    base = int(seconds.min()) if len(seconds) else 0
    width = width_for(int(seconds.max()) - base if len(seconds) else 0)
    columns = [packed(column) for column in values]
    has_conflicts = bool(frame.conflicts.any())
    head = HEAD.pack(MAGIC, VERSION, CODES[frame.kind], frame.places, has_conflicts, width, base)
    digits = DIGITS[frame.kind]
    table = b"".join(COLUMN.pack(digits[n], wide, low) for n, (wide, low, _) in enumerate(columns))
    masks = np.packbits(present).tobytes() + (np.packbits(frame.conflicts).tobytes() if has_conflicts else b"")
    body = (seconds - base).astype(WIDTHS[width]).tobytes() + b"".join(data for _, _, data in columns)
    return head + table + masks + body


def packed(column: Ints) -> tuple[int, int, bytes]:
    """Width, lowest value and bytes of one column; a column nobody said anything in takes no bytes."""
    known = column != MISSING
    if not known.any():
        return 0, 0, b""
    said = column if known.all() else column[known]
    lowest = int(said.min())
    width = width_for(int(said.max()) - lowest + 1)
    offsets = (column - lowest).astype(WIDTHS[width])
    if said is not column:
        offsets[~known] = all_ones(width)
    return width, lowest, offsets.tobytes()


def width_for(highest: int) -> int:
    """Bytes of the narrowest unsigned number that holds it."""
    for width in (1, 2, 4):
        if highest < 1 << (8 * width):
            return width
    return 8


def all_ones(width: int) -> int:
    return (1 << (8 * width)) - 1


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of an encoded frame lie. columns: (width, lowest, offset of its bytes)."""

    kind: str
    places: int
    has_conflicts: bool
    mask: int
    mask_size: int
    width: int
    base: int
    seconds: int
    columns: tuple[tuple[int, int, int], ...]
    samples: int


def layout(data: bytes) -> Layout:
    """Reads the header; UnknownFormat where it is not one of ours, or the bytes after it are not what it promises."""
    try:
        magic, version, code, places, conflicts, width, base = HEAD.unpack_from(data)
        kind = WORDS[code]
        table = [COLUMN.unpack_from(data, HEAD.size + n * COLUMN.size) for n in range(len(DIGITS[kind]))]
    except (struct.error, KeyError):
        raise UnknownFormat(f"no telemetry frame: {data[:8]!r}") from None
    if magic != MAGIC or version != VERSION:
        raise UnknownFormat(f"telemetry frame of schema {magic!r} {version}, this console reads {MAGIC!r} {VERSION}")
    if tuple(digits for digits, _, _ in table) != DIGITS[kind]:
        raise UnknownFormat(f"telemetry frame of {kind} with other digits than this console's")
    mask, mask_size = HEAD.size + len(table) * COLUMN.size, -(-places // 8)
    samples = int.from_bytes(data[mask : mask + mask_size]).bit_count()
    seconds = mask + mask_size * (2 if conflicts else 1)
    columns, end = [], seconds + samples * width
    for _, wide, lowest in table:
        columns.append((wide, lowest, end))
        end += samples * wide
    if end != len(data):
        raise UnknownFormat(f"telemetry frame of {len(data)} bytes should have {end}")
    return Layout(kind, places, bool(conflicts), mask, mask_size, width, base, seconds, tuple(columns), samples)


def decode(data: bytes) -> Frame:
    where = layout(data)
    frame = empty(where.kind, where.places)
    present = bits(data, where.mask, where.places)
    if where.has_conflicts:
        frame.conflicts[:] = bits(data, where.mask + where.mask_size, where.places)
    if not where.samples:
        return frame
    index = np.flatnonzero(present)
    seconds = np.frombuffer(data, WIDTHS[where.width], where.samples, where.seconds)
    frame.at[index] = seconds.astype(np.int64) + where.base
    for row, (width, lowest, offset) in zip(frame.values, where.columns, strict=True):
        if width:
            offsets = np.frombuffer(data, WIDTHS[width], where.samples, offset)
            row[index] = np.where(offsets == all_ones(width), MISSING, offsets.astype(np.int64) + lowest)
    return frame


def bits(data: bytes, offset: int, places: int) -> Bools:
    raw = np.frombuffer(data, np.uint8, -(-places // 8), offset)
    return np.unpackbits(raw, count=places).astype(np.bool_)


def peek(data: bytes, slot: int) -> tuple[int, list[int | None]] | None:
    """Second and steps of one place, without building the arrays of all the others."""
    where = layout(data)
    place = slot - 1
    if not 0 <= place < where.places:
        return None
    mask = int.from_bytes(data[where.mask : where.mask + where.mask_size])
    upto = mask >> (8 * where.mask_size - slot)
    if not upto & 1:
        return None
    rank = upto.bit_count() - 1
    at = number(data, where.seconds, where.width, rank)
    return at + where.base, [step(data, column, rank) for column in where.columns]


def step(data: bytes, column: tuple[int, int, int], rank: int) -> int | None:
    width, lowest, offset = column
    if not width:
        return None
    value = number(data, offset, width, rank)
    return None if value == all_ones(width) else value + lowest


def number(data: bytes, offset: int, width: int, rank: int) -> int:
    start = offset + rank * width
    return int.from_bytes(data[start : start + width], "little")


assert all(len(DIGITS[kind]) == SAMPLE_SIZE for kind in (ASIC, GPU))
