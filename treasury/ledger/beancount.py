"""Reads Beancount text: transactions with their metadata and postings, each as it stands. Pure.

What is read is what the books write: option, commodity, open and close, and transactions whose postings are plain
amounts. What would have to be guessed (balances left out, lots and prices in braces, pads, includes) is a sentence with
its line, and the other lines go on being read. Source: the Beancount language's syntax document.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from cango_ops.wire import Garbled
from treasury.ledger.journal import BTC, Leg

SATS: Final = "SAT"
STRING: Final = r'"((?:[^"\\]|\\.)*)"'
ACCOUNT: Final = r"((?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Za-z0-9-]*)+)"
DATED: Final = re.compile(r"(\d{4}-\d\d-\d\d)\s+(\S+)\s*(.*)")
OPENED: Final = re.compile(rf"{ACCOUNT}(?:\s+[A-Z][A-Z0-9,\s]*)?")
WORDS: Final = re.compile(rf"{STRING}(?:\s+{STRING})?")
META: Final = re.compile(rf"\s+([a-z][A-Za-z0-9_-]*):\s*(?:{STRING}|([^\s;\"]+))?\s*(?:;.*)?")
POSTING: Final = re.compile(rf"\s+{ACCOUNT}\s+([+-]?\d+(?:\.\d+)?)\s+([A-Z][A-Z0-9]*)\s*(?:;.*)?")
LOOKS_SO: Final = re.compile(rb"^(?:option\s+\"|\d{4}-\d\d-\d\d\s+(?:open|commodity|txn|\*)\s)", re.MULTILINE)
UNTOLD: Final = ("option", "commodity", "close")


@dataclass(frozen=True)
class Transaction:
    """meta: as text, without quotes.   legs: accounts by their codes; amounts of SAT are whole satoshis."""

    line: int
    day: date
    words: str
    meta: dict[str, str] = field(default_factory=dict)
    legs: list[Leg] = field(default_factory=list)


@dataclass
class Text:
    """wrong: a sentence for each line that cannot be read."""

    transactions: list[Transaction] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Opened(NamedTuple):
    """An account that was opened; its metadata may tell the code that it has in the books."""

    name: str
    meta: dict[str, str]


def looks_so(body: bytes) -> bool:
    return LOOKS_SO.search(body) is not None


def read(body: bytes) -> Text:
    """Raises Garbled where the file as a whole is no text."""
    try:
        lines = body.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Garbled("the file is not UTF-8") from error
    found, opened = Text(), {}
    for number, line, into in blocks(lines, found):
        try:
            _take(line, number, into)
        except Garbled as why:
            found.wrong.append(f"line {number}: {why}")
            continue
        if isinstance(into, Opened):
            opened[into.name] = into.meta.get("code", into.name)
    for one in found.transactions:
        one.legs[:] = [leg._replace(account=opened.get(leg.account, leg.account)) for leg in one.legs]
    return found


def blocks(lines: list[str], found: Text) -> Iterator[tuple[int, str, Transaction | Opened | None]]:
    """Each indented line with what it belongs to, and each account as it is opened; the rest is taken here."""
    into: Transaction | Opened | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith(";"):
            continue
        if line[0] in " \t":
            yield number, line, into
            continue
        try:
            into = directive(line, number)
        except Garbled as why:
            into = Transaction(number, date.min, "")  # what belongs to it is read and not kept
            found.wrong.append(f"line {number}: {why}")
        else:
            if isinstance(into, Transaction):
                found.transactions.append(into)
            elif into is not None:
                yield number, "", into


def directive(line: str, number: int) -> Transaction | Opened | None:
    """None for what tells no fact."""
    dated = DATED.fullmatch(line.rstrip())
    if line.split()[0] in UNTOLD:
        return None
    if dated is None:
        raise Garbled(f"{line.split()[0][:20]!r} is not read: transactions and the opening of accounts are")
    try:
        day = date.fromisoformat(dated[1])
    except ValueError as error:
        raise Garbled(f"{dated[1]} is no day") from error
    kind, rest = dated[2], dated[3]
    if kind in UNTOLD:
        return None
    if kind == "open":
        opened = OPENED.fullmatch(rest)
        if opened is None:
            raise Garbled("no account is opened")
        return Opened(opened[1], {})
    if kind not in ("*", "txn"):
        raise Garbled("a flagged transaction is not read" if kind == "!" else f"{kind[:20]!r} is not read")
    words = WORDS.fullmatch(rest)
    if words is None:
        raise Garbled("a transaction has one or two quoted words, and neither tags nor links")
    return Transaction(number, day, unquoted(words[2] or words[1]))


def _take(line: str, number: int, into: Transaction | Opened | None) -> None:
    """An indented line into what it belongs to."""
    if not line:
        return
    if into is None:
        raise Garbled("an indented line that belongs to nothing")
    meta = META.fullmatch(line)
    if meta is not None:
        if meta[1] in into.meta:
            raise Garbled(f"{meta[1]} stands there twice")
        into.meta[meta[1]] = unquoted(meta[2]) if meta[2] is not None else meta[3] or ""
        return
    posting = POSTING.fullmatch(line)
    if posting is None or isinstance(into, Opened):
        raise Garbled("no account with an amount and its currency: costs, prices and missing amounts are not read")
    into.legs.append(leg_of(posting[1], Decimal(posting[2]), posting[3]))


def leg_of(account: str, amount: Decimal, currency: str) -> Leg:
    if currency != SATS:
        return Leg(account, currency, amount)
    if amount != amount.to_integral_value():
        raise Garbled("a part of a satoshi")
    return Leg(account, BTC, int(amount))


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
