"""Facts out of a CSV, XLSX or Beancount text: read as a whole, told line by line what is wrong, posted only when all of
it is right.

Columns: source, type, at, and by type wallet, lot, sat, price_usd, cost_usd, fee_usd, currency, from, to, loan,
network_fee_sat, lots (names, separated by semicolons), seq. The types are those of the case files. In Beancount text,
as the books export it, they are the metadata of a transaction, whose postings must be those that the books would make.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final

from django.db import transaction

from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury import tables
from treasury.books.export import beancount_name
from treasury.books.post import Receipt, post
from treasury.cases import ledger, read
from treasury.ledger import beancount, telling
from treasury.ledger.facts import Fact
from treasury.ledger.journal import BTC, Leg, legs_of

LIMIT_BYTES: Final = 32 << 20
MOST_ROWS: Final = 100_000
DERIVED: Final = ("costing", "reversal")


@dataclass(frozen=True)
class Reading:
    """What a file says. sha256: of its bytes, kept as evidence.   wrong: one sentence a line that cannot be read.
    derived: transactions that follow from facts, which the books make anew."""

    sha256: str
    facts: list[Fact] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)


def parse(body: bytes) -> Reading:
    """Raises Garbled where the file as a whole is no such table."""
    if beancount.looks_so(body):
        return parse_beancount(body)
    table = tables.read(body, LIMIT_BYTES, MOST_ROWS)
    tables.need(table, ("source", "type", "at"))
    reading = Reading(hashlib.sha256(body).hexdigest(), wrong=list(table.wrong))
    for row in table.rows:
        _read_row(reading, {name: value for name, value in row.cells.items() if value}, row.line)
    return reading


def parse_beancount(body: bytes) -> Reading:
    """Raises Garbled where the file as a whole cannot be read."""
    if len(body) > LIMIT_BYTES:
        raise Garbled(f"the file is longer than {LIMIT_BYTES} bytes")
    text = beancount.read(body)
    if len(text.transactions) > MOST_ROWS:
        raise Garbled(f"the file has more than {MOST_ROWS} transactions")
    reading = Reading(hashlib.sha256(body).hexdigest(), wrong=list(text.wrong))
    lines: dict[str, int] = {}
    for one in text.transactions:
        source = one.meta.get("source", "")
        if source and lines.setdefault(source, one.line) != one.line:
            reading.wrong.append(f"line {one.line}: {source} stands in line {lines[source]} already")
        elif one.meta.get("type") in DERIVED:
            reading.derived.append(source)
        else:
            _read_transaction(reading, one)
    return reading


def _read_transaction(reading: Reading, one: beancount.Transaction) -> None:
    try:
        fact = fact_of({name: value for name, value in one.meta.items() if value})
        telling.check(fact)
        refuse_other(one, fact)
        reading.facts.append(fact)
    except Garbled as why:
        reading.wrong.append(f"line {one.line}: {why}")


def refuse_other(one: beancount.Transaction, fact: Fact) -> None:
    """Raises Garbled where the transaction's day or postings say something else than its metadata."""
    if one.day != fact.at.astimezone(UTC).date():
        raise Garbled(f"the day is {one.day}, and `at` {fact.at.astimezone(UTC):%Y-%m-%d} in UTC")
    told = Counter(leg for leg in one.legs if leg.amount)
    wanted = Counter(as_named(leg, one.legs) for leg in legs_of(fact) if leg.amount)
    if told != wanted:
        odd = next(iter((told - wanted) or (wanted - told)))
        said = "is not what" if told - wanted else "is missing of what"
        unit = "sat" if odd.currency == BTC else odd.currency
        raise Garbled(f"{odd.amount} {unit} of {odd.account} {said} {fact.source} books by its metadata")


def as_named(leg: Leg, told: Sequence[Leg]) -> Leg:
    """The leg under the name that the file uses: its code where that was told with the account, else as exported."""
    return leg if any(one.account == leg.account for one in told) else leg._replace(account=beancount_name(leg.account))


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
    event["lots"] = lots_of(row["lots"]) if row.get("lots") else None
    if kind == "sale":
        event["lot"] = None
    return ledger.KINDS[kind](event, read.instant(row, "at"), read.whole(event, "seq"), source)


def lots_of(text: str) -> list[Any]:
    """Names with semicolons between, or JSON with the amount of each."""
    if not text.startswith("["):
        return [name.strip() for name in text.split(";")]
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Garbled("lots are neither names nor JSON") from error
    return found if isinstance(found, list) else [found]


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
