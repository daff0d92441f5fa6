"""What a pool's statement says that was sent as a file, CSV or XLSX: payouts, or the earnings of days.

The console's own columns, or those of a pool's site by the names that pools give them (docs/treasury.md names both).
Raises Garbled alone, with every wrong line of the file.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

from cango_ops.units import SATS_PER_BTC
from cango_ops.wire import Garbled
from treasury import tables

LIMIT_BYTES: Final = 8 << 20
MOST_ROWS: Final = 100_000
LONGEST_REF: Final = 120
# Names of columns, in small letters; the first one is the console's own.
NAMES: Final = {
    "ref": ("ref", "txid", "tx_id", "tx id", "tx hash", "transaction id", "transactionid", "transaction hash", "hash"),
    "sat": ("sat", "sats", "satoshis", "amount (sat)", "amount (sats)", "amount_sats"),
    "btc": ("btc", "amount (btc)", "amount"),
    "paid_at": ("paid_at", "date (utc)", "time (utc)", "paid time", "payment time", "timestamp", "time", "date"),
    "day": ("day",),
    "status": ("status", "state"),
    "what": ("description", "category", "type"),
}
# Hours east of UTC of times that name no offset, in what each pool lists; see the readers of compute.feeds.pools.
EAST_H: Final = {"braiins": 0, "f2pool": 0, "luxor": 0, "luxor_v2": 0, "antpool": 0, "viabtc": 8}
SENT: Final = frozenset({"", "confirmed", "paid", "success", "successful", "completed", "complete", "sent"})
NOT_SENT: Final = frozenset({"queued", "pending", "processing", "unpaid", "failed", "canceled", "cancelled"})
EARNED: Final = ("revenue", "rebate", "referral", "bonus", "earning", "mining")
BITCOIN: Final = re.compile(r"-?\d{1,8}(\.\d{1,8})?")
Cells = dict[str, str]
T = TypeVar("T")


class Payout(NamedTuple):
    """What the pool sent. ref: the transaction, or the pool's own number while there is none yet."""

    ref: str
    sat: int
    paid_at: datetime


class Statement(NamedTuple):
    """What a file lists: payouts or days. left_out: lines of what is not sent, or of what was earned."""

    payouts: list[Payout]
    days: list[tuple[date, int]]
    left_out: int = 0


def parse(body: bytes, provider: str = "") -> Statement:
    """Raises Garbled."""
    table = tables.read(body, LIMIT_BYTES, MOST_ROWS)
    columns = known(table.columns)
    if "day" in columns and "ref" not in columns:
        need(table, columns, ("day",))
        return Statement([], listed(table, columns, _day, lambda day: str(day[0])))
    need(table, columns, ("ref", "paid_at"))
    counted = [row for row in table.rows if counts(row, columns, table.wrong)]
    left_out, table.rows = len(table.rows) - len(counted), counted
    zone = zone_of(table, columns, provider)
    return Statement(
        listed(table, columns, lambda cells: _payout(cells, zone), lambda payout: payout.ref), [], left_out
    )


def known(columns: tuple[str, ...]) -> dict[str, str]:
    """The column of the file for each of ours that it has."""
    by_name = {column.lower(): column for column in reversed(columns)}
    found = {ours: next((by_name[name] for name in names if name in by_name), None) for ours, names in NAMES.items()}
    return {ours: column for ours, column in found.items() if column is not None}


def need(table: tables.Table, columns: dict[str, str], names: tuple[str, ...]) -> None:
    for name in names:
        if name not in columns:
            tables.need(table, [name])
    if "sat" not in columns and "btc" not in columns:
        tables.need(table, ["sat"])


def zone_of(table: tables.Table, columns: dict[str, str], provider: str) -> timezone | None:
    """Of times that name no offset; None where nobody says it."""
    if "(utc)" in columns["paid_at"].lower():
        return UTC
    is_own = columns["paid_at"] == "paid_at"
    return None if is_own or provider not in EAST_H else timezone(timedelta(hours=EAST_H[provider]))


def counts(row: tables.Row, columns: dict[str, str], wrong: list[str]) -> bool:
    """False for what is not sent yet, and for what was earned and not paid."""
    status = row.cells.get(columns.get("status", ""), "").lower()
    if status not in SENT | NOT_SENT:
        wrong.append(f"line {row.line}: the status {status[:40]!r} is not known")
    what = row.cells.get(columns.get("what", ""), "").lower()
    return status in SENT and not any(word in what for word in EARNED)


def listed(
    table: tables.Table, columns: dict[str, str], read: Callable[[Cells], T], name: Callable[[T], str]
) -> list[T]:
    """What every line says. Raises Garbled with all lines that cannot be read, or are there twice."""
    found, lines, wrong = [], dict[str, int](), list(table.wrong)
    for row in table.rows:
        try:
            one = read({ours: row.cells[column] for ours, column in columns.items()})
        except Garbled as why:
            wrong.append(f"line {row.line}: {why}")
            continue
        first = lines.setdefault(name(one), row.line)
        if first != row.line:
            wrong.append(f"line {row.line}: {name(one)[:70]} stands in line {first} already")
        found.append(one)
    tables.refuse(sorted(wrong, key=lambda words: int(words.split()[1].rstrip(":"))))
    return found


def _payout(cells: Cells, zone: timezone | None) -> Payout:
    ref = cells["ref"]
    if not 0 < len(ref) <= LONGEST_REF or not ref.isprintable():
        raise Garbled(f"it names no ref of at most {LONGEST_REF} characters")
    try:
        paid_at = datetime.fromisoformat(cells["paid_at"])
        paid_at = paid_at.replace(tzinfo=zone) if paid_at.tzinfo is None else paid_at
        paid_at = paid_at if paid_at.tzinfo is None else paid_at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        told = cells["paid_at"][:40]
        raise Garbled(f"paid_at is {told!r}, no instant such as 2025-10-01T00:00:00Z") from error
    if paid_at.tzinfo is None:
        raise Garbled("paid_at names no offset")
    return Payout(ref, _sat(cells), paid_at)


def _day(cells: Cells) -> tuple[date, int]:
    try:
        day = date.fromisoformat(cells["day"])
    except ValueError as error:
        raise Garbled(f"day is {cells['day'][:40]!r}, no day such as 2025-10-01") from error
    return day, _sat(cells)


def _sat(cells: Cells) -> int:
    """Satoshis, or bitcoin with a point; a payout that is written below zero is one that left the pool."""
    if "sat" in cells:
        sat = cells["sat"]
        if not (sat.isascii() and sat.isdigit() and len(sat) <= 16):
            raise Garbled(f"sat is {sat[:40]!r}, no whole number of satoshis")
        return int(sat)
    if not BITCOIN.fullmatch(cells["btc"]):
        raise Garbled(f"the amount is {cells['btc'][:40]!r}, no bitcoin such as 0.12345678")
    return abs(int(Decimal(cells["btc"]) * SATS_PER_BTC))
