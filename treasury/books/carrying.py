"""Writes which parts of lots transfers carried from place to place, where lots belong to wallets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from treasury.books.entries import BATCH
from treasury.books.standing import code_of
from treasury.ledger.lots import POOL
from treasury.ledger.walk import Carried
from treasury.models import JournalEntry, Lot, LotMove

# Entry, lot, origin, target: None of either is the giving of the company's lots, and the pool.
Way = tuple[int | None, int | None, str, str]
ZERO = Decimal("0.00")


def keep(carried: Sequence[Carried], ids: Mapping[str, int], is_whole: bool) -> None:
    """Adds what is new; after a walk from the beginning also what is other than written, by the difference.

    ids: entries of new facts by source.
    """
    wanted = sums(carried, ids if not is_whole else ids_of(carried))
    there: dict[Way, tuple[int, Decimal]] = written() if is_whole else {}
    rows = []
    for way in dict.fromkeys([*wanted, *there]):
        sat, usd = wanted.get(way, (0, ZERO))
        old_sat, old_usd = there.get(way, (0, ZERO))
        if (sat, usd) != (old_sat, old_usd):
            rows.append(row_of(way, sat - old_sat, usd - old_usd))
    LotMove.objects.bulk_create(rows, BATCH)


def sums(carried: Iterable[Carried], ids: Mapping[str, int]) -> dict[Way, tuple[int, Decimal]]:
    carried = [one for one in carried if one.fact is None or one.fact.source in ids]
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


def ids_of(carried: Iterable[Carried]) -> dict[str, int]:
    sources = [one.fact.source for one in carried if one.fact is not None]
    return dict(JournalEntry.objects.filter(source_id__in=sources).values_list("source_id", "id"))


def written() -> dict[Way, tuple[int, Decimal]]:
    """What the rows add up to."""
    found: dict[Way, tuple[int, Decimal]] = {}
    for row in LotMove.objects.all():
        way = (row.entry_id, row.lot_id, row.origin, row.target)
        sat, usd = found.get(way, (0, ZERO))
        found[way] = (sat + row.sat, usd + row.basis_usd)
    return found


def row_of(way: Way, sat: int, usd: Decimal) -> LotMove:
    entry_id, lot_id, origin, target = way
    return LotMove(entry_id=entry_id, lot_id=lot_id, origin=origin, target=target, sat=sat, basis_usd=usd)
