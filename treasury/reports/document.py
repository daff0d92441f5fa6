"""A report in one language and ready to print. Pure.

PDF, DOCX and page are three ways to set it; none of them formats a number of its own.
"""

import re
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Final

from treasury.reports.charts import Chart

DASH: Final = "–"
# Marks that turn the direction of all that follows them: figures behind one would be read backwards.
TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What XML 1.0 cannot hold, and so neither DOCX nor page.
UNHOLDABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Shown:
    """A cell as it is printed. mark: the number of its footnote."""

    text: str
    mark: int | None = None
    is_missing: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a table. mark: the footnote of its name."""

    code: str
    name: str
    unit: str
    cells: tuple[Shown, ...]
    mark: int | None = None


@dataclass(frozen=True)
class Table:
    """head: of the columns after name and unit.   marks: footnotes that hold of all of it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    words: str = ""
    marks: tuple[int, ...] = ()


@dataclass
class Notes:
    """Footnotes in the order of their first mention; the same words are one note."""

    lines: list[str] = field(default_factory=list)

    def mark(self, words: str) -> int | None:
        if not words:
            return None
        if words not in self.lines:
            self.lines.append(words)
        return self.lines.index(words) + 1


@dataclass(frozen=True)
class Document:
    """tiles: (name, figure, unit).   chapters: (title, text, who said it).   labels: words of the layout."""

    language: str
    company: str
    title: str
    date_line: str
    lead: str
    tiles: tuple[tuple[str, str, str], ...]
    table: Table
    roll_forward: Table
    parts: tuple[Table, ...]
    charts: tuple[Chart, ...]
    notes: tuple[str, ...]
    not_reported: tuple[str, ...]
    restatements: tuple[str, ...]
    chapters: tuple[tuple[str, str, str], ...]
    source: str
    sha256: str
    labels: dict[str, str]


def clean(told: Any) -> Any:
    """The document with what no format can hold replaced, and without marks that turn its direction."""
    if isinstance(told, str):
        return UNHOLDABLE.sub("\ufffd", TURNING.sub("", told))
    if isinstance(told, tuple):
        return tuple(clean(one) for one in told)
    if isinstance(told, dict):
        return {key: clean(one) for key, one in told.items()}
    if is_dataclass(told) and not isinstance(told, type):
        return replace(told, **{one.name: clean(getattr(told, one.name)) for one in fields(told)})
    return told
