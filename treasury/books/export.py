"""The books for other programs: CSV, XLSX and Beancount text.

No text of ours ever starts a formula in somebody's spreadsheet: CSV cells pass cango_ops.base.export, XLSX cells are
written as strings. Beancount (beancount.github.io) is an outside judge: `bean-check` balances every entry again.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from cango_ops.base.export import csv_lines
from cango_ops.wire import Garbled
from treasury.books.standing import FACT_KINDS
from treasury.ledger import telling
from treasury.models import JournalEntry, Posting

HEADER: Final = ("entry", "kind", "at", "seq", "account", "currency", "sat", "amount", "actor", "recorded_at")
CREATED: Final = datetime(2009, 1, 3)  # noqa: DTZ001  XLSX knows no zones; the same bytes for the same books
TYPES: Final = ("Assets", "Liabilities", "Equity", "Income", "Expenses")


def rows(entries: Iterable[JournalEntry]) -> Iterator[tuple[Any, ...]]:
    """A row for each posting; sat is set for bitcoin, amount for any other currency."""
    for entry in entries:
        for posting in entry.postings.all():
            yield (
                entry.source_id, entry.kind, entry.at, entry.seq, posting.account.code, posting.currency,
                posting.amount_sat, posting.amount, entry.actor, entry.recorded_at,
            )  # fmt: skip


def as_csv(entries: Iterable[JournalEntry]) -> Iterator[str]:
    return csv_lines(HEADER, rows(entries))


def as_xlsx(entries: Iterable[JournalEntry]) -> bytes:
    """One sheet; satoshis and dollars are numbers as far as a spreadsheet holds them exactly, everything else text."""
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("Journal")
    sheet.freeze_panes(1, 1)
    # Text stays text also when somebody edits its cell.
    as_text = book.add_format({"quote_prefix": True})
    for number, row in enumerate([HEADER, *rows(entries)]):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, as_text)
    book.close()
    return body.getvalue()


# A spreadsheet's numbers are doubles: fifteen digits are kept.
EXACT: Final = 10**15


def _write(sheet: Any, row: int, column: int, value: Any, as_text: Any) -> None:
    if value is None:
        return
    if isinstance(value, int) and abs(value) < EXACT:
        sheet.write_number(row, column, value)
    elif isinstance(value, Decimal) and abs(value) * 100 < EXACT:
        sheet.write_number(row, column, float(value))
    else:
        text = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
        sheet.write_string(row, column, text, as_text)


def as_beancount(entries: Sequence[JournalEntry]) -> Iterator[str]:
    """Beancount text: every account opened, every entry a transaction, amounts of bitcoin in SAT."""
    names = beancount_names({posting.account.code for entry in entries for posting in entry.postings.all()})
    opened = min((entry.at.astimezone(UTC).date() for entry in entries), default=date(2009, 1, 3))
    yield 'option "title" "Cango Ops: the books"\n'
    for code, name in sorted(names.items(), key=lambda one: one[1]):
        yield f"{opened} open {name}\n"
        if code != name:
            yield f"  code: {_quoted(code)}\n"
    for entry in entries:
        yield f"\n{entry.at.astimezone(UTC).date()} * {_quoted(f'{entry.kind} {entry.source_id}')}\n"
        yield from (f"  {name}: {_quoted(value)}\n" for name, value in meta_of(entry).items())
        for posting in entry.postings.all():
            yield f"  {names[posting.account.code]}  {_amount(posting)}\n"


def meta_of(entry: JournalEntry) -> dict[str, str]:
    """Of a fact the row of a file of facts, so that it can be read again; of another entry what it is."""
    told = entry.evidence.get("told")
    if entry.kind in FACT_KINDS and isinstance(told, dict):
        with suppress(Garbled):  # coins from loan to loan are in no file of facts
            return telling.cells(telling.fact_of(entry.at, entry.seq, entry.source_id, told))
    return {"source": entry.source_id, "type": entry.kind, "at": entry.at.astimezone(UTC).isoformat()}


def _amount(posting: Posting) -> str:
    if posting.amount_sat is not None:
        return f"{posting.amount_sat} SAT"
    return f"{posting.amount:f} {posting.currency}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def beancount_names(codes: Iterable[str]) -> dict[str, str]:
    """A name for each code that Beancount accepts: parts begin with a capital or digit, of letters, digits and dashes.

    Codes that would become the same name get a number.
    """
    names: dict[str, str] = {}
    for code in sorted(set(codes)):
        name, number = beancount_name(code), 1
        while name in names.values():
            number += 1
            name = f"{beancount_name(code)}-{number}"
        names[code] = name
    return names


def beancount_name(code: str) -> str:
    first, *parts = code.split(":")
    clean = [re.sub(r"[^A-Za-z0-9-]", "-", part) or "-" for part in parts] or ["-"]
    fit = [part[0].upper() + part[1:] if part[0].isalnum() else f"X{part}" for part in clean]
    return ":".join([first if first in TYPES else f"Equity:{first.capitalize()}", *fit])
