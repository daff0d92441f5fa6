"""What happened to the company's bitcoin, as the ledger is told it: facts, each with the id of its sender.

Facts come in any order and more than once. `in_order` puts them in the one order in which they are applied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from cango_ops.wire import Garbled

Position = tuple[datetime, int, str]


class Place(NamedTuple):
    """Where coins lie. kind: "wallet", or "loan" for those that a lender holds as collateral."""

    kind: str
    name: str


class Origin(StrEnum):
    """Where a lot comes from."""

    OPENING = "opening"
    MINED = "mined"
    BOUGHT = "bought"


@dataclass(frozen=True, slots=True)
class Fact:
    """at: the instant, UTC.   seq: order among facts of one instant.   source: the sender's id, unique."""

    at: datetime
    seq: int
    source: str

    @property
    def position(self) -> Position:
        return self.at, self.seq, self.source


@dataclass(frozen=True, slots=True)
class Acquired(Fact):
    """Coins that came: they make a lot. cost_usd: their fair value when they came, or what was paid."""

    origin: Origin
    wallet: str
    lot: str
    sat: int
    cost_usd: Decimal
    price_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sold(Fact):
    """A sale. currency: what it was settled in; USDT is not USD.   lots: which lots, in order, and how much of each
    (None: as much as is needed); read only under specific identification."""

    wallet: str
    sat: int
    price_usd: Decimal
    fee_usd: Decimal = Decimal("0.00")
    currency: str = "USD"
    lots: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Moved(Fact):
    """A transfer, pledge or release: coins change their place, not their owner. The network fee leaves on top of `sat`
    and is a disposal at fair value, so it needs a price."""

    origin: Place
    target: Place
    sat: int
    network_fee_sat: int = 0
    price_usd: Decimal | None = None


def effects(fact: Fact) -> dict[Place, int]:
    """By how many satoshis each place changes."""
    if isinstance(fact, Acquired):
        return {Place("wallet", fact.wallet): fact.sat}
    if isinstance(fact, Sold):
        return {Place("wallet", fact.wallet): -fact.sat}
    assert isinstance(fact, Moved)
    changes = {fact.origin: -fact.sat - fact.network_fee_sat}
    changes[fact.target] = changes.get(fact.target, 0) + fact.sat
    return changes


def disposed_sat(fact: Fact) -> int:
    """The satoshis that leave the company."""
    if isinstance(fact, Sold):
        return fact.sat
    return fact.network_fee_sat if isinstance(fact, Moved) else 0


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Each fact once, by instant, then number, then id. Raises Garbled where one id says two things."""
    once: dict[str, Fact] = {}
    for fact in facts:
        if once.setdefault(fact.source, fact) != fact:
            raise Garbled(f"{fact.source} was told twice with different content")
    return sorted(once.values(), key=lambda fact: fact.position)
