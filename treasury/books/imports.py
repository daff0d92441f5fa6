"""Facts out of a CSV or XLSX: read as a whole, told line by line what is wrong, posted only when all of it is right.

Columns: source, type, at, and by type wallet, lot, sat, price_usd, cost_usd, fee_usd, currency, from, to, loan,
network_fee_sat, lots (names, separated by semicolons), seq. The types are those of the case files.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury import tables
from treasury.books.post import Receipt, post
from treasury.cases import ledger, read
from treasury.ledger import telling
from treasury.ledger.facts import Fact

LIMIT_BYTES: Final = 32 << 20
MOST_ROWS: Final = 100_000


@dataclass(frozen=True)
class Reading:
    """What a file says. sha256: of its bytes, kept as evidence.   wrong: one sentence a line that cannot be read."""

    sha256: str
    facts: list[Fact] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def parse(body: bytes) -> Reading:
    """Raises Garbled where the file as a whole is no such table."""
    table = tables.read(body, LIMIT_BYTES, MOST_ROWS)
    tables.need(table, ("source", "type", "at"))
    reading = Reading(hashlib.sha256(body).hexdigest(), wrong=list(table.wrong))
    for row in table.rows:
        _read_row(reading, {name: value for name, value in row.cells.items() if value}, row.line)
    return reading


def _read_row(reading: Reading, row: dict[str, Any], line: int) -> None:
    try:
        fact = fact_of({name: value for name, value in row.items() if name and value})
        telling.check(fact)
        reading.facts.append(fact)
    except Garbled as why:
        reading.wrong.append(f"line {line}: {why}")


def fact_of(row: dict[str, Any]) -> Fact:
    kind, source = read.text(row, "type"), read.text(row, "source")
    if kind not in ledger.KINDS:
        raise Garbled(f"type is {kind[:40]!r}, not one of {', '.join(ledger.KINDS)}")
    event = {"lot": source, "seq": 0} | row
    event["lots"] = [name.strip() for name in row["lots"].split(";")] if row.get("lots") else None
    if kind == "sale":
        event["lot"] = None
    return ledger.KINDS[kind](event, read.instant(row, "at"), read.whole(event, "seq"), source)


def load(
    body: bytes, actor: User | str, dry_run: bool = False, late_as_adjustment: bool = False
) -> tuple[Reading, Receipt]:
    """Posts all facts of the file; where a line is wrong, none. dry_run: tells what would happen, and posts nothing.

    late_as_adjustment: facts of closed months are booked in the open one, where else they are refused.
    """
    reading = parse(body)
    if reading.wrong:
        return reading, Receipt()
    evidence = {fact.source: {"file_sha256": reading.sha256} for fact in reading.facts}
    with transaction.atomic():
        receipt = post(reading.facts, actor, evidence, late_as_adjustment=late_as_adjustment)
        if dry_run:
            transaction.set_rollback(True)
    return reading, receipt
