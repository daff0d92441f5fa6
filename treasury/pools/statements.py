"""What a pool's statement says that was sent as a CSV file: payouts, or the earnings of days.

The columns are the console's own and docs/treasury.md names them. Raises Garbled alone.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar

from cango_ops.wire import Garbled

LIMIT_BYTES = 8 << 20
COLUMNS = ("ref", "sat", "paid_at")
DAY_COLUMNS = ("day", "sat")
LONGEST_REF = 120
T = TypeVar("T")


class Payout(NamedTuple):
    """What the pool sent. ref: the transaction, or the pool's own number while there is none yet."""

    ref: str
    sat: int
    paid_at: datetime


def lists_days(body: bytes) -> bool:
    """True where the first line names the columns of earnings, and not those of payouts."""
    first = body[:200].decode("utf-8-sig", "replace").partition("\n")[0]
    names = {name.strip().strip('"') for name in first.split(",")}
    return "day" in names and "ref" not in names


def parse_csv(body: bytes) -> list[Payout]:
    """Payouts of a CSV with the columns ref, sat and paid_at (ISO 8601 with an offset); further ones are ignored."""
    return list(_rows(body, COLUMNS, _payout))


def parse_days(body: bytes) -> list[tuple[date, int]]:
    """Earnings of a CSV with the columns day (such as 2025-10-01, UTC) and sat."""
    return list(_rows(body, DAY_COLUMNS, _day))


def _rows(body: bytes, columns: tuple[str, ...], read: Callable[[Mapping[str, Any], int], T]) -> Iterator[T]:
    if len(body) > LIMIT_BYTES:
        raise Garbled(f"the statement is longer than {LIMIT_BYTES} bytes")
    try:
        table = csv.DictReader(io.StringIO(body.decode("utf-8-sig")), strict=True)
        missing = [name for name in columns if name not in (table.fieldnames or ())]
        if missing:
            raise Garbled(f"the statement has no column {missing[0]}")
        for row in table:
            yield read(row, table.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Garbled(f"the statement is no CSV in UTF-8: {error}") from error


def _payout(row: Mapping[str, Any], line: int) -> Payout:
    ref = row["ref"] or ""
    if not 0 < len(ref) <= LONGEST_REF or not ref.isprintable():
        raise Garbled(f"line {line} names no ref of at most {LONGEST_REF} characters")
    try:
        paid_at = datetime.fromisoformat(row["paid_at"] or "")
        paid_at = paid_at if paid_at.tzinfo is None else paid_at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Garbled(f"line {line}: paid_at is no instant such as 2025-10-01T00:00:00Z") from error
    if paid_at.tzinfo is None:
        raise Garbled(f"line {line}: paid_at names no offset")
    return Payout(ref, _sat(row, line), paid_at)


def _day(row: Mapping[str, Any], line: int) -> tuple[date, int]:
    try:
        return date.fromisoformat(row["day"] or ""), _sat(row, line)
    except ValueError as error:
        if isinstance(error, Garbled):
            raise
        raise Garbled(f"line {line}: day is no day such as 2025-10-01") from error


def _sat(row: Mapping[str, Any], line: int) -> int:
    sat = row["sat"] or ""
    if not (sat.isascii() and sat.isdigit() and len(sat) <= 16):
        raise Garbled(f"line {line}: sat is no whole number of satoshis")
    return int(sat)
