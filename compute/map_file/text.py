"""A site's map as the text of a CSV file, and the lines of such a file as somebody sent it. Pure.

Written: UTF-8, commas, CRLF (RFC 4180), containers and slots in order, so that the same map is the same bytes. Read:
also with a byte order mark, as UTF-16 or Latin-1, with semicolons or tabs, with the columns in any order. A text that a
spreadsheet could run stands behind an apostrophe, and so does one that begins with one: the first is taken away again.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from cango_ops.base.export import FORMULA_STARTS, safe_text

COLUMNS: Final = (
    "container", "kind", "rows", "columns", "slot", "address", "port", "language", "model", "serial", "mac",
)  # fmt: skip
NEEDED: Final = ("container", "slot", "address", "port", "language")
LIMIT_BYTES: Final = 4 << 20
MOST_LINES: Final = 50_000
LONGEST_CELL: Final = 200
MOST_WRONG: Final = 1000
# A row that nothing can be wrong with: short, and every cell plain and beginning with a letter or a digit.
PLAIN_ROW: Final = re.compile(r"(?:[A-Za-z0-9][ -~]*)?(?:\n(?:[A-Za-z0-9][ -~]*)?)*")
MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Wrong(NamedTuple):
    """What is wrong with a file. line: as an editor counts, 0 for the whole file.   column: its name, or empty."""

    line: int
    column: str
    words: str

    def __str__(self) -> str:
        where = f"Line {self.line}" if self.line else "File"
        return f"{where}, {self.column}: {self.words}" if self.column else f"{where}: {self.words}"


class Line(msgspec.Struct, frozen=True):
    """One line with its cells by column; only the columns that the file has."""

    number: int
    cells: dict[str, str]


def written(rows: Iterable[Sequence[str]]) -> str:
    """The file of these rows, each with a text for every one of COLUMNS."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([escaped(text) for text in row] for row in rows)
    return out.getvalue()


def escaped(text: str) -> str:
    return f"'{text}" if text.startswith("'") else safe_text(text)


def read(data: bytes) -> tuple[list[Line], list[Wrong]]:
    """The lines, and what could not be read."""
    if len(data) > LIMIT_BYTES:
        return [], [Wrong(0, "", f"larger than {LIMIT_BYTES >> 20} MiB.")]
    text = decoded(data)
    if text is None or "\0" in text:
        return [], [Wrong(0, "", "is no text.")]
    head = text.lstrip("\r\n").partition("\n")[0]
    try:
        rows = list(zip_lines(text, separator(head)))
    except csv.Error as error:
        return [], [Wrong(0, "", f"is no CSV ({error}).")]
    if not rows:
        return [], [Wrong(0, "", "is empty.")]
    if len(rows) - 1 > MOST_LINES:
        return [], [Wrong(0, "", f"more than {MOST_LINES} lines.")]
    names = [name.strip().lower().replace(" ", "_") for name in rows[0][1]]
    wrong = wrong_names(names, rows[0][0])
    return ([], wrong) if wrong else lines_of(names, rows[1:])


def decoded(data: bytes) -> str | None:
    """UTF-8 or what its mark says, else Latin-1, which takes everything; None for a broken UTF-16."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1") if encoding == "utf-8" else None


def separator(head: str) -> str:
    return max(",;\t", key=head.count)


def zip_lines(text: str, delimiter: str) -> Iterable[tuple[int, list[str]]]:
    """(number of the first line, cells) of each row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    for row in reader:
        number, before = before + 1, reader.line_num
        if any(cell.strip() for cell in row):
            yield number, row


def wrong_names(names: Sequence[str], number: int) -> list[Wrong]:
    wrong = [Wrong(number, name[:40], "is no column of a map.") for name in names if name not in COLUMNS]
    wrong += [Wrong(number, name, "stands there twice.") for name in sorted(set(names)) if names.count(name) > 1]
    wrong += [Wrong(number, name, "is missing.") for name in NEEDED if name not in names]
    return wrong


def lines_of(names: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> tuple[list[Line], list[Wrong]]:
    lines: list[Line] = []
    wrong: list[Wrong] = []
    for number, row in rows:
        if len(wrong) >= MOST_WRONG:
            wrong.append(Wrong(0, "", f"more than {MOST_WRONG} things are wrong; these are the first."))
            break
        if len(row) != len(names):
            wrong.append(Wrong(number, "", f"has {len(row)} cells instead of {len(names)}."))
            continue
        cells = dict(zip(names, row, strict=True))
        whole = "\n".join(row)
        if len(whole) <= LONGEST_CELL and PLAIN_ROW.fullmatch(whole):
            lines.append(Line(number, {name: cell.rstrip() for name, cell in cells.items()}))
            continue
        bad = [Wrong(number, name, why) for name, cell in cells.items() if (why := wrong_cell(cell))]
        wrong += bad
        if not bad:
            lines.append(Line(number, {name: unescaped(cell) for name, cell in cells.items()}))
    return lines, wrong


def wrong_cell(cell: str) -> str:
    if len(cell) > LONGEST_CELL:
        return f"longer than {LONGEST_CELL} characters."
    if cell.strip()[:1] in FORMULA_STARTS and cell.strip():
        return "begins like a formula; write an apostrophe in front of it, if it is meant so."
    if not cell.strip("\t ").isprintable():
        return "holds characters that cannot be printed."
    return ""


def unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell.strip()
