"""Open lots as the database keeps them: whose they are, where they stand in time, which of them facts can need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from treasury.ledger.facts import Fact, Place, Position, Sold
from treasury.ledger.journal import LOAN, WALLET, place_account
from treasury.ledger.lots import POOL, Method, Methods, Parcel
from treasury.ledger.walk import COMPANY
from treasury.models import OpenLot

# An open lot by its holder and position.
Key = tuple[Place, Position]


@dataclass
class Costed:
    """A disposal as it is costed now. uses: (lot code or POOL, satoshis, basis, position of the lot) in order."""

    costing_id: int
    uses: list[tuple[str, int, Decimal, Position | None]] = field(default_factory=list)


def code_of(holder: Place) -> str:
    """The account of whoever holds lots; empty for the company."""
    return "" if holder == COMPANY else place_account(holder)


def place_of(code: str) -> Place:
    """The place of an account; of an empty one the company."""
    if not code:
        return COMPANY
    kind, prefix = ("wallet", WALLET) if code.startswith(f"{WALLET}:") else ("loan", LOAN)
    return Place(kind, code.removeprefix(f"{prefix}:"))


def chosen(open_rows: QuerySet[OpenLot], facts: Sequence[Fact], methods: Methods, need_sat: int) -> list[OpenLot]:
    """Under FIFO the oldest that cover so many satoshis, under average all, and those that a sale names."""
    rows = open_rows.order_by("at", "seq", "source_id")
    if Method.AVERAGE in {methods.at(fact.at) for fact in facts}:
        return list(rows)
    found: dict[int, OpenLot] = {}
    covered = 0
    for row in rows.iterator(chunk_size=500):
        found[row.pk] = row
        covered += row.left_sat
        if covered >= need_sat:
            break
    named = {lot for fact in facts if isinstance(fact, Sold) for lot, _ in fact.lots}
    for row in open_rows.filter(code__in=named) if named else ():
        found[row.pk] = row
    return list(found.values())


def _position(row: OpenLot) -> Position:
    return row.at, row.seq, row.source_id


def parcel_of(row: OpenLot) -> Parcel:
    return Parcel(_position(row), POOL if row.lot_id is None else row.code, row.left_sat, row.left_cost_usd)


def key_of(row: OpenLot) -> Key:
    return place_of(row.held_at), _position(row)
