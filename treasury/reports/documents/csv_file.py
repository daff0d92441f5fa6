"""The figures as CSV: one row a figure, what is shown and what is exact; absent is empty, with its reason."""

from collections.abc import Iterator
from typing import Any

from cango_ops.base.export import csv_lines
from treasury.reports import months
from treasury.reports.snapshot import Line, Restated, Snapshot, Step, Value, sha256

HEADER = (
    "table", "code", "name", "unit", "this_month", "last_month", "year_ago", "mom", "yoy", "exact", "reason", "note",
    "definition", "lineage", "mom_reason", "yoy_reason",
)  # fmt: skip


def render(snapshot: Snapshot) -> bytes:
    return "".join(csv_lines(HEADER, rows(snapshot))).encode()


def rows(snapshot: Snapshot) -> Iterator[tuple[Any, ...]]:
    for line in snapshot.lines:
        yield figure(line)
    for step in snapshot.roll_forward.steps:
        yield roll(step.code, step)
    rounding = snapshot.roll_forward.rounding
    yield ("roll_forward", "rounding", "", "BTC", rounding, *[None] * 11)
    yield roll("closing", Step("closing", 1, snapshot.roll_forward.closing))
    for one in snapshot.restatements:
        yield restated(one)
    yield ("snapshot", "sha256", sha256(snapshot), "", *[None] * 12)
    names = (snapshot.month, months.back(snapshot.month), months.back(snapshot.month, 12))
    yield ("snapshot", "months", "", "", *names, *[None] * 9)


def figure(line: Line) -> tuple[Any, ...]:
    told = (line.code, line.name, line.unit, line.this.shown, line.last.shown, line.year_ago.shown, line.mom, line.yoy)
    why_not = (line.mom_reason or None, line.yoy_reason or None)
    return ("figures", *told, *proof(line.this), line.definition, line.this.lineage, *why_not)


def roll(code: str, step: Step) -> tuple[Any, ...]:
    shown = None if step.value.shown is None else step.sign * step.value.shown
    told = ("roll_forward", code, "", "BTC", shown, *[None] * 4)
    return (*told, *proof(step.value), None, step.value.lineage, None, None)


def restated(one: Restated) -> tuple[Any, ...]:
    """The new figure stands with this month's, the old one with last month's."""
    return ("restatements", one.code, one.month, "", one.new, one.old, *[None] * 4, one.reason, one.who, *[None] * 4)


def proof(value: Value) -> tuple[Any, ...]:
    return value.value, value.reason or None, value.note or None
