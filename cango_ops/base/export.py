"""The one writer of cells that leave the console: no text of ours ever starts a formula in somebody's spreadsheet.

A file of commas is also opened by spreadsheets whose separator is another: what follows a semicolon, a tab or a line
break inside a text is the beginning of a cell there. Source: OWASP "CSV injection"; ASVS 5.0, 1.2.10. Numbers stay
numbers, so a negative price needs no apostrophe.
"""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

# What a spreadsheet may take for the beginning of a formula, with the wide and small forms that some of them fold.
SIGNS: Final = "=+@＝＋＠﹦﹢﹫"
MINUS: Final = "-－﹣\u2212"
FORMULA_STARTS: Final = frozenset(f"{SIGNS}{MINUS}\t\r\n")
# A sign after what separates cells elsewhere, quotes between or not: there they open and close a cell of their own.
# "5 V; -3 A" is left alone: a number there is no formula.
INSIDE: Final = re.compile(
    rf"""([;\t\r\n][\s"\u00ad\u200b-\u200f\u2060\ufeff]*)(?=[{SIGNS}]|[{MINUS}](?!\d+(?:[.,]\d+)?(?:[;\s]|$)))"""
)


def safe_text(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet could run it; what nobody sees does not hide the sign."""
    starts = text[:1], seen(text)[:1]
    return f"'{text}" if any(start in FORMULA_STARTS for start in starts) else text


def seen(text: str) -> str:
    """From the first character on that is neither blank nor invisible nor a quote, which some readers take away."""
    for place, letter in enumerate(text):
        if not (letter == '"' or letter.isspace() or unicodedata.category(letter) in ("Cf", "Cc")):
            return text[place:]
    return ""


def cell(value: Any) -> str:
    """One CSV cell. Absent (None, NaN, infinity) is empty, never 0; instants are ISO in UTC with a Z."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    if isinstance(value, int):
        return str(value)
    return INSIDE.sub(r"\1'", safe_text(_text(value)))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "; ".join(str(item) for item in value)
    return str(value)


def instant(at: datetime) -> str:
    """An aware instant as ISO in UTC with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180, CRLF), header first."""
    for row in (header, *rows):
        line = io.StringIO()
        csv.writer(line).writerow([cell(value) for value in row])
        yield line.getvalue()


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """One level of a nested record: {"totals": {"power_w": 3}} becomes {"totals_power_w": 3}."""
    cells: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            cells |= flat(value, f"{prefix}{name}_")
        else:
            cells[prefix + name] = value
    return cells


def csv_of_records(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The CSV lines of nested records; the header is every name that any of them has, in order of appearance."""
    rows = [flat(record) for record in records]
    header = list(dict.fromkeys(name for row in rows for name in row))
    return csv_lines(header, ([row.get(name) for name in header] for row in rows))
