"""Writes which parts of lots transfers carried from place to place, where lots belong to wallets."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet

from treasury.books.entries import BATCH
from treasury.books.open_lots import code_of
from treasury.ledger.facts import Fact, Moved
from treasury.ledger.lots import POOL
from treasury.ledger.walk import Carried
from treasury.models import JournalEntry, Lot, LotMove

# Entry, lot, origin, target: None of either is the giving of the company's lots, and the pool.
Way = tuple[int | None, int | None, str, str]
ZERO = Decimal("0.00")


def keep(carried: Sequence[Carried], again: Sequence[Fact] = (), is_whole: bool = False) -> None:
    """Adds what is new, and by the difference what is other than written.

    again: the facts of the books that were walked again; with is_whole all of them, and the giving of lots to wallets.
    """
    if not carried and not is_whole:
        return
    wanted = sums(carried)
    rows_of_again = LotMove.objects.filter(
        entry__source_id__in=[fact.source for fact in again if isinstance(fact, Moved)]
    )
    there = written(LotMove.objects.all() if is_whole else rows_of_again)
    rows = []
    for way in dict.fromkeys([*wanted, *there]):
        sat, usd = wanted.get(way, (0, ZERO))
        old_sat, old_usd = there.get(way, (0, ZERO))
        if (sat, usd) != (old_sat, old_usd):
            rows.append(row_of(way, sat - old_sat, usd - old_usd))
    LotMove.objects.bulk_create(rows, BATCH)


def sums(carried: Sequence[Carried]) -> dict[Way, tuple[int, Decimal]]:
    ids = ids_of(carried)
    sources = {use.position[2] for one in carried for use in one.uses if use.lot != POOL}
    lot_ids = dict(Lot.objects.filter(source_id__in=sources).values_list("source_id", "id"))
    sat: Counter[Way] = Counter()
    usd: dict[Way, Decimal] = {}
    for one in carried:
        entry_id = None if one.fact is None else ids[one.fact.source]
        for use in one.uses:
            lot_id = None if use.lot == POOL else lot_ids[use.position[2]]
            way = (entry_id, lot_id, code_of(one.origin), code_of(one.target))
            sat[way] += use.sat
            usd[way] = usd.get(way, ZERO) + use.basis_usd
    return {way: (amount, usd[way]) for way, amount in sat.items()}


def ids_of(carried: Sequence[Carried]) -> dict[str, int]:
    sources = [one.fact.source for one in carried if one.fact is not None]
    return dict(JournalEntry.objects.filter(source_id__in=sources).values_list("source_id", "id"))


def written(rows: QuerySet[LotMove]) -> dict[Way, tuple[int, Decimal]]:
    """What these rows add up to."""
    found: dict[Way, tuple[int, Decimal]] = {}
    for row in rows:
        way = (row.entry_id, row.lot_id, row.origin, row.target)
        sat, usd = found.get(way, (0, ZERO))
        found[way] = (sat + row.sat, usd + row.basis_usd)
    return found


def row_of(way: Way, sat: int, usd: Decimal) -> LotMove:
    entry_id, lot_id, origin, target = way
    return LotMove(entry_id=entry_id, lot_id=lot_id, origin=origin, target=target, sat=sat, basis_usd=usd)
