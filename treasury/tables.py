"""Tables that people send: CSV with commas, semicolons or tabs, and XLSX. Every cell is text, every row knows its line.

A file is read whole or refused whole (Garbled); a line that cannot be read is one sentence of `wrong`, and the others
go on being read, so that all that is wrong is said at once. Nothing is guessed: no decimal commas, no formulas.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final

import openpyxl

from cango_ops.wire import Garbled

MIB: Final = 1 << 20
LONGEST_CELL: Final = 2000
MOST_COLUMNS: Final = 100
MOST_WRONG: Final = 50
# An XLSX is a zip: what it says it unpacks to is what is read of it at most.
UNPACKED_BYTES: Final = 128 * MIB
MOST_PARTS: Final = 200
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
# A spreadsheet's numbers are doubles: fifteen digits are kept.
EXACT: Final = 10**15
UNUSABLE: Final = object()
MERGED: Final = re.compile(rb"<mergeCell\b")


@dataclass(frozen=True)
class Row:
    """cells: by the name of their column, stripped; "" where there is nothing."""

    line: int
    cells: dict[str, str]


@dataclass
class Table:
    """wrong: one sentence for each line that cannot be read."""

    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def read(body: bytes, limit_bytes: int, most_rows: int) -> Table:
    """Raises Garbled where the file as a whole is no table."""
    if len(body) > limit_bytes:
        raise Garbled(f"the file is longer than {limit_bytes} bytes")
    lines = sheet_lines(body) if body.startswith(ZIP) else text_lines(body)
    head = next(lines, None)
    if head is None:
        raise Garbled("the file is empty")
    table = Table(columns_of(cell for cell in head[1]))
    for number, cells in lines:
        if number > most_rows:
            raise Garbled(f"the file has more than {most_rows} lines: send it in parts")
        take(table, number, cells)
    return table


def need(table: Table, names: Sequence[str]) -> None:
    """Raises Garbled where one of the columns is not there."""
    missing = [name for name in names if name not in table.columns]
    if missing:
        there = ", ".join(table.columns)[:200]
        raise Garbled(f"the file has no column {missing[0]}; it has {there or 'none'}")


def refuse(wrong: Sequence[str]) -> None:
    """Raises Garbled with all that is wrong, line by line, where anything is."""
    if wrong:
        more = f"; and {len(wrong) - MOST_WRONG} lines more" if len(wrong) > MOST_WRONG else ""
        raise Garbled("; ".join(wrong[:MOST_WRONG]) + more)


def columns_of(cells: Iterable[Any]) -> tuple[str, ...]:
    names = [str(cell or "").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Garbled(f"the file has more than {MOST_COLUMNS} columns")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise Garbled(f"the column {twice[:40]} stands twice")
    return tuple(names)


def take(table: Table, number: int, cells: Sequence[Any]) -> None:
    """Adds a line to the rows or to what is wrong; a line without a word is passed over."""
    try:
        told = [text_of(cell) for cell in cells]
    except Garbled as why:
        table.wrong.append(f"line {number}: {why}")
        return
    while told and not told[-1]:
        told.pop()
    if len(told) > len(table.columns):
        table.wrong.append(f"line {number}: {len(told)} cells under {len(table.columns)} columns")
    elif told:
        told += [""] * (len(table.columns) - len(told))
        table.rows.append(Row(number, {name: cell for name, cell in zip(table.columns, told, strict=True) if name}))


def text_of(cell: Any) -> str:
    """A cell as its text. Raises Garbled."""
    told = cell if isinstance(cell, str) else value_of(cell)
    if len(told) > LONGEST_CELL or "\x00" in told:
        raise Garbled("a cell is too long, or holds what is no text")
    return told.strip()


def value_of(cell: Any) -> str:
    if cell is None:
        return ""
    if cell is UNUSABLE:
        raise Garbled("a cell is a formula or an error: paste its value")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int | float) and abs(cell) >= EXACT:
        raise Garbled("a number has more digits than a spreadsheet keeps: write it as text")
    return str(cell)


# CSV


def text_lines(body: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Raises Garbled."""
    text = decoded(body)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, list(cells)
    except csv.Error as why:
        raise Garbled(f"line {reader.line_num + 1}: the file is no CSV: {why}") from why


def decoded(body: bytes) -> str:
    if body.startswith(UTF_16):
        raise Garbled("the file is in UTF-16: save it as CSV in UTF-8")
    if body.startswith(OLE):
        raise Garbled("the file is an old workbook: save it as .xlsx or as CSV")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        line = body[: why.start].count(b"\n") + 1
        raise Garbled(f"line {line}: the file is no CSV in UTF-8") from why


def delimiter_of(text: str) -> str:
    """What parts the words of the first line most often."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


# XLSX


def sheet_lines(body: bytes) -> Iterator[tuple[int, list[Any]]]:
    """The lines of the only sheet. Raises Garbled."""
    check_zip(body)
    with readable():
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
    sheets = book.worksheets
    if len(sheets) != 1:
        raise Garbled(f"the workbook has {len(sheets)} sheets: leave the one with the lines")
    # The size that a sheet says of itself may be anything.
    sheets[0].reset_dimensions()
    with readable():
        for number, cells in enumerate(sheets[0].iter_rows(max_col=MOST_COLUMNS + 1), 1):
            yield number, [shown(cell) for cell in cells]


@contextmanager
def readable() -> Iterator[None]:
    """zipfile, zlib and openpyxl raise whatever they stumble over: all of it is one Garbled."""
    try:
        yield
    except Garbled:
        raise
    except Exception as why:
        raise Garbled("the file is no workbook that can be read") from why


def shown(cell: Any) -> Any:
    """What a cell holds; formulas and errors are refused with their line."""
    return UNUSABLE if getattr(cell, "data_type", "") in ("f", "e") else cell.value


def check_zip(body: bytes) -> None:
    """Raises Garbled where a small file would unpack to a large one, or cells are merged."""
    with readable(), zipfile.ZipFile(io.BytesIO(body)) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
            raise Garbled(f"the workbook unpacks to more than {UNPACKED_BYTES // MIB} MiB")
        sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
        if any(MERGED.search(packed.read(part)) for part in sheets):
            raise Garbled("the sheet has merged cells: unmerge them")
