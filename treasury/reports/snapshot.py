"""A month's report as one frozen value: canonical JSON, and its SHA-256. Pure.

Every document is made of a snapshot and nothing else, so that all of them say the same to the last digit.
"""

import hashlib
import json
from decimal import Decimal
from typing import Any

import msgspec

from cango_ops.wire import Garbled
from treasury.reports.figures import Cell

FORMAT = 2


class Value(msgspec.Struct, frozen=True):
    """value: exact.   shown: as every document shows it.   Both None: not reported, and `reason` says why."""

    value: Decimal | None
    shown: Decimal | None
    reason: str = ""
    note: str = ""
    lineage: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """One figure in three months. mom, yoy: change in per cent, or in percentage points where the unit is %.

    restated: why last month's or last year's figure is not what was published then; empty where it is.
    mom_reason, yoy_reason: why there is no change.
    """

    code: str
    group: str
    name: str
    unit: str
    definition: str
    is_main: bool
    this: Value
    last: Value
    year_ago: Value
    mom: Decimal | None
    yoy: Decimal | None
    restated: str = ""
    mom_reason: str = ""
    yoy_reason: str = ""


class Step(msgspec.Struct, frozen=True):
    """A line of the roll-forward; sign tells how it enters the sum."""

    code: str
    sign: int
    value: Value


class RollForward(msgspec.Struct, frozen=True):
    """steps, rounding and closing as printed. ties: one of treasury.reports.rollforward.Ties."""

    steps: tuple[Step, ...]
    rounding: Decimal | None
    closing: Value
    ties: str
    words: str


class Part(msgspec.Struct, frozen=True):
    """Hashrate of a region, or of owned, hosted or partner sites. dimension: "region" or "kind"."""

    dimension: str
    name: str
    deployed_ehs: Value
    operating_ehs: Value
    ratio_pct: Value


class Point(msgspec.Struct, frozen=True):
    """A month of a series; shown None: not reported."""

    month: str
    shown: Decimal | None
    is_restated: bool = False


class Series(msgspec.Struct, frozen=True):
    """A figure month by month, for the charts."""

    code: str
    points: tuple[Point, ...]


class Statement(msgspec.Struct, frozen=True):
    """A sentence of policy or a quote, as a person approved it. kind: "policy", "quote", "about", "safe_harbour" ..."""

    kind: str
    version: int
    language: str
    text: str
    speaker: str
    approver: str


class Restated(msgspec.Struct, frozen=True):
    """What a closed month said, what it says now, and why."""

    month: str
    code: str
    old: Decimal | None
    new: Decimal | None
    reason: str
    who: str


class Snapshot(msgspec.Struct, frozen=True):
    """month: such as "2025-10".   source: where the figures came from, in words.   basis: "ledger" or "published"."""

    format: int
    company: str
    ticker: str
    month: str
    days: int
    zone: str
    basis: str
    source: str
    lines: tuple[Line, ...]
    roll_forward: RollForward
    parts: tuple[Part, ...]
    series: tuple[Series, ...]
    statements: tuple[Statement, ...]
    restatements: tuple[Restated, ...]

    def line(self, code: str) -> Line:
        return next(line for line in self.lines if line.code == code)


def value_of(cell: Cell) -> Value:
    return Value(cell.value, cell.shown, cell.reason, cell.note, cell.lineage)


def canonical(snapshot: Snapshot) -> bytes:
    """The one spelling of a snapshot: UTF-8 JSON, keys sorted, no blanks, numbers as text so that no digit is lost."""
    plain: Any = msgspec.to_builtins(snapshot)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(snapshot: Snapshot) -> str:
    return hashlib.sha256(canonical(snapshot)).hexdigest()


def read(data: bytes) -> Snapshot:
    """The snapshot of its canonical JSON. Raises Garbled."""
    try:
        return msgspec.json.decode(data, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise Garbled(f"no snapshot of a report: {why}") from why
