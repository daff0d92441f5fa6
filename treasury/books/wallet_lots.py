"""How the lots of each place stood just before a fact, where lots belong to wallets.

Satoshis and costs of a lot at a place add up, whatever the order: what later facts brought there is taken out and what
they took is put back, so that a fact dated before others costs no more than what came after it. Not so under the
average method, where a pool does not tell what it was made of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from treasury.books.open_lots import Costed, Key, chosen, key_of, parcel_of, place_of
from treasury.ledger.facts import Acquired, Fact, Moved, Place, Sold
from treasury.ledger.journal import place_account
from treasury.ledger.lots import Parcel
from treasury.ledger.walk import Scope, Standing
from treasury.models import LotMove, OpenLot


@dataclass
class Change:
    """By how much a lot changed at a place."""

    lot: str
    sat: int = 0
    cost_usd: Decimal = Decimal("0.00")


def put(standing: Standing, fresh: Sequence[Fact], later: Sequence[Fact], costed: Mapping[str, Costed]) -> set[Key]:
    """Puts the lots that these facts can need into the standing, as they were before the later ones. Returns what was
    read, by holder and position."""
    standing.scope = Scope.WALLET
    changes = changes_by(later, costed)
    rows = {key_of(row): row for row in needed(standing, [*fresh, *later], came_sat(later), changes)}
    parcels = {key: parcel_of(row) for key, row in rows.items()}
    for key, change in changes.items():
        parcels[key] = without(parcels.get(key), key, change)
    for (place, _), parcel in parcels.items():
        standing.lots[place].put(parcel)
    return {*rows, *changes}


def changes_by(later: Sequence[Fact], costed: Mapping[str, Costed]) -> dict[Key, Change]:
    """What these facts did to each lot at each place."""
    changes: dict[Key, Change] = {}

    def add(key: Key, lot: str, sat: int, cost_usd: Decimal) -> None:
        change = changes.setdefault(key, Change(lot))
        change.sat, change.cost_usd = change.sat + sat, change.cost_usd + cost_usd

    for fact in later:
        if isinstance(fact, Acquired):
            add((Place("wallet", fact.wallet), fact.position), fact.lot, fact.sat, fact.cost_usd)
        elif fact.source in costed:
            for lot, sat, basis_usd, position in costed[fact.source].uses:
                assert position is not None
                add((left(fact)[0], position), lot, -sat, -basis_usd)
    moves = LotMove.objects.filter(entry__source_id__in=[fact.source for fact in later if isinstance(fact, Moved)])
    for row in moves.select_related("lot"):
        assert row.lot is not None
        position = row.lot.at, row.lot.seq, row.lot.source_id
        add((place_of(row.origin), position), row.lot.code, -row.sat, -row.basis_usd)
        add((place_of(row.target), position), row.lot.code, row.sat, row.basis_usd)
    return changes


def without(parcel: Parcel | None, key: Key, change: Change) -> Parcel:
    now = parcel or Parcel(key[1], change.lot, 0, Decimal("0.00"))
    return Parcel(now.position, now.lot, now.sat - change.sat, now.cost_usd - change.cost_usd)


def came_sat(later: Iterable[Fact]) -> dict[Place, int]:
    """The satoshis that these facts brought to each place."""
    came: dict[Place, int] = {}
    for fact in later:
        if isinstance(fact, Acquired):
            came[Place("wallet", fact.wallet)] = came.get(Place("wallet", fact.wallet), 0) + fact.sat
        elif isinstance(fact, Moved):
            came[fact.target] = came.get(fact.target, 0) + fact.sat
    return came


def needed(
    standing: Standing, facts: Sequence[Fact], came: Mapping[Place, int], changes: Mapping[Key, Change]
) -> list[OpenLot]:
    """Of each place that coins leave, the oldest lots that cover them, whatever of what came since is taken out; and
    these lots wherever facts may carry them to."""
    leaving: dict[Place, list[Fact]] = {}
    for fact in facts:
        if not isinstance(fact, Acquired):
            leaving.setdefault(left(fact)[0], []).append(fact)
    rows = []
    for place, those in leaving.items():
        need_sat = sum(left(fact)[1] for fact in those) + came.get(place, 0)
        rows += chosen(OpenLot.objects.filter(held_at=place_account(place)), those, standing.methods, need_sat)
    sources = {row.source_id for row in rows} | {position[2] for _, position in changes}
    goals = {fact.target for fact in facts if isinstance(fact, Moved)} | {place for place, _ in changes}
    held_at = [place_account(place) for place in goals]
    return [*rows, *OpenLot.objects.filter(held_at__in=held_at, source_id__in=sources)]


def left(fact: Fact) -> tuple[Place, int]:
    """The place that coins leave, and how many."""
    if isinstance(fact, Sold):
        return Place("wallet", fact.wallet), fact.sat
    assert isinstance(fact, Moved)
    return fact.origin, fact.sat + fact.network_fee_sat
