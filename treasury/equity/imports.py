"""Shares, rights, share prices, balances and costs out of a CSV or XLSX: all of it, or nothing and every wrong line.

Columns: source, record (shares, right, price, balance or cost), on, and by record what FIELDS names; evidence and note
may be given with each.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from cango_ops.base.models import User
from cango_ops.wire import Garbled
from sites.models import Site
from treasury import tables
from treasury.cases import read
from treasury.cases.read import Fields
from treasury.equity.tell import Receipt, tell
from treasury.models import BalanceAmount, CostAmount, DilutiveRight, ShareChange, SharePrice
from treasury.models.equity import Told
from treasury.value.shares import RightKind

LIMIT_BYTES: Final = 4 << 20
MOST_ROWS: Final = 20_000
LONGEST: Final = 150


@dataclass(frozen=True)
class Reading:
    """wrong: one sentence a line that cannot be read."""

    rows: list[Told] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def parse(body: bytes) -> Reading:
    """Raises Garbled where the file as a whole is no such table."""
    table = tables.read(body, LIMIT_BYTES, MOST_ROWS)
    tables.need(table, ("source", "record", "on"))
    reading = Reading(wrong=list(table.wrong))
    for row in table.rows:
        _read_row(reading, {name: value for name, value in row.cells.items() if value}, row.line)
    return reading


def _read_row(reading: Reading, row: dict[str, Any], line: int) -> None:
    try:
        reading.rows.append(row_of(row))
    except Garbled as why:
        reading.wrong.append(f"line {line}: {why}")


def load(body: bytes, actor: User | str, dry_run: bool = False) -> tuple[Reading, Receipt]:
    """Raises Garbled; where a line is wrong nothing is written."""
    reading = parse(body)
    return reading, Receipt() if reading.wrong else tell(reading.rows, actor, dry_run)


def row_of(row: Fields) -> Told:
    record = read.text(row, "record")
    if record not in RECORDS:
        raise Garbled(f"record is {record[:40]!r}, not one of {', '.join(RECORDS)}")
    made = RECORDS[record](row, read.day(row, "on"))
    made.source_id = named(row, "source")
    made.evidence, made.note = row.get("evidence", "")[:300], row.get("note", "")[:300]
    return made


def named(row: Fields, name: str) -> str:
    value = read.text(row, name)
    if len(value) > LONGEST or not value.isprintable():
        raise Garbled(f"{name} is too long, or holds what cannot be printed")
    return value


def shares(row: Fields, on: date) -> Told:
    kind = chosen(row, "kind", ShareChange.Kind.values)
    count = read.whole(row, "shares")
    if not count or abs(count) >= 10**15:
        raise Garbled(f"shares is {count}")
    price = read.maybe(row, "price_usd")
    return ShareChange(on=on, share_class=named(row, "class")[:16], kind=kind, shares=count,
                       price_usd=None if price is None else placed(price, "price_usd"))  # fmt: skip


def right(row: Fields, on: date) -> Told:
    kind = chosen(row, "kind", [kind.value for kind in RightKind])
    until = read.day(row, "until") if row.get("until") else None
    if until is not None and until <= on:
        raise Garbled("until is not after on")
    found = DilutiveRight(kind=kind, from_on=on, until_on=until)
    if kind == RightKind.CONVERTIBLE:
        found.principal_usd = cents(read.positive(row, "principal_usd"), "principal_usd")
        found.conversion_price_usd = placed(read.positive(row, "conversion_price_usd"), "conversion_price_usd")
    else:
        found.number = read.sat(row, "number", least=1)
        found.strike_usd = placed(read.number(row, "strike_usd", Decimal(0) if kind == RightKind.RSU else None))
    return found


def price(row: Fields, on: date) -> Told:
    return SharePrice(on=on, price_usd=placed(read.positive(row, "price_usd")))


def balance(row: Fields, on: date) -> Told:
    item = chosen(row, "item", BalanceAmount.Item.values)
    return BalanceAmount(on=on, item=item, amount_usd=cents(read.number(row, "amount_usd"), "amount_usd"))


def cost(row: Fields, on: date) -> Told:
    site = None
    if code := row.get("site"):
        site = Site.objects.filter(code=code).first()
        if site is None:
            raise Garbled(f"no site {code[:40]!r}")
    return CostAmount(
        month=on.replace(day=1), site=site, item=named(row, "item")[:40],
        kind=chosen(row, "kind", CostAmount.Kind.values),
        amount_usd=cents(read.number(row, "amount_usd"), "amount_usd"),
    )  # fmt: skip


RECORDS: Final[dict[str, Callable[[Fields, date], Told]]] = {
    "shares": shares, "right": right, "price": price, "balance": balance, "cost": cost,
}  # fmt: skip


def chosen(row: Fields, name: str, words: list[str]) -> str:
    value = read.text(row, name)
    if value not in words:
        raise Garbled(f"{name} is {value[:40]!r}, not one of {', '.join(words)}")
    return value


def cents(value: Decimal, name: str) -> Decimal:
    if value != round(value, 2) or abs(value) >= 10**17:
        raise Garbled(f"{name} is no amount of dollars and cents")
    return round(value, 2)


def placed(value: Decimal, name: str = "price_usd") -> Decimal:
    """A price with at most six places."""
    if value != round(value, 6) or not 0 <= value < 10**7:
        raise Garbled(f"{name} is no price with at most six places")
    return round(value, 6)
