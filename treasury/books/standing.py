"""How the books stood just before a fact: what lay where, and which lots were open.

Made of how they stand now by undoing the facts after it, so that posting in order costs nothing for the years before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Sum

from treasury.books import wallet_lots
from treasury.books.open_lots import Costed, Key, chosen, key_of, parcel_of, place_of
from treasury.ledger.facts import Acquired, Fact, Place, Position, disposed_sat, effects
from treasury.ledger.journal import BTC
from treasury.ledger.lots import POOL, Lots, Method, Methods, Parcel
from treasury.ledger.telling import fact_of
from treasury.ledger.walk import COMPANY, Standing
from treasury.models import JournalEntry, LotUse, MonthTurnover, OpenLot

OLDEST: Position = (datetime(2009, 1, 3, tzinfo=UTC), 0, POOL)
FACT_KINDS = ("opening", "mined", "bought", "sale", "transfer", "pledge", "release")


@dataclass
class Before:
    """standing: just before the first new fact.   later: facts of the books after it, in order.   costed: how each
    later disposal is costed now, by source.   read: the open lots that may have to change, by holder and position; with
    is_whole, which walks from the beginning, every lot may.
    """

    standing: Standing
    later: list[Fact]
    costed: dict[str, Costed]
    read: set[Key]
    is_whole: bool = False


def before(position: Position, fresh: Sequence[Fact], methods: Methods) -> Before:
    """fresh: the facts to come, which say how many lots will be needed."""
    is_whole = needs_all(position, methods)
    later = facts_after(None if is_whole else position)
    if not is_whole and methods.by_wallet_since is not None and later and Method.AVERAGE in methods.kinds:
        # What a pool held before it was pooled is written nowhere.
        is_whole, later = True, facts_after(None)
    costed = costed_now(later)
    if is_whole:
        return Before(Standing(methods), later, costed, {key_of(row) for row in OpenLot.objects.all()}, True)
    standing = Standing(methods, places_sat=places_before(later))
    if methods.by_wallet_since is not None:
        return Before(standing, later, costed, wallet_lots.put(standing, fresh, later, costed))
    lots = Lots(open_lots([*fresh, *later], methods, position))
    positions = {parcel.position for parcel in lots.parcels}
    undo_lots(lots, later, costed, positions, methods)
    standing.lots[COMPANY] = lots
    return Before(standing, later, costed, {(COMPANY, one) for one in positions})


def needs_all(position: Position, methods: Methods) -> bool:
    """True before a change of method, and before lots came to belong to wallets: both hang on all facts before them."""
    since = methods.by_wallet_since
    return (len(methods.changes) > 1 and position[0] < methods.changes[-1][0]) or (
        since is not None and position[0] < since
    )


def facts_after(position: Position | None) -> list[Fact]:
    """The facts of the books after a position, in order; all of them without one."""
    rows = JournalEntry.objects.filter(kind__in=FACT_KINDS).order_by("at", "seq", "source_id")
    if position is not None:
        rows = rows.filter(at__gte=position[0])
    told = rows.values_list("at", "seq", "source_id", "evidence").iterator(chunk_size=5000)
    facts = (fact_of(at, seq, source, evidence["told"]) for at, seq, source, evidence in told)
    return [fact for fact in facts if position is None or fact.position > position]


def places_now() -> dict[Place, int]:
    sums = (
        MonthTurnover.objects.filter(currency=BTC, account__code__startswith="Assets:Bitcoin:")
        .values_list("account__code")
        .annotate(sat=Sum("amount_sat"))
    )
    return {place_of(code): int(sat) for code, sat in sums}


def places_before(later: Sequence[Fact]) -> dict[Place, int]:
    places = places_now()
    for fact in later:
        for place, sat in effects(fact).items():
            places[place] = places.get(place, 0) - sat
    return places


def open_lots(facts: Sequence[Fact], methods: Methods, position: Position) -> list[Parcel]:
    """The company's open lots that these facts can need."""
    need_sat = sum(disposed_sat(fact) for fact in facts)
    leaving = [fact for fact in facts if disposed_sat(fact)]
    return [parcel_of(row) for row in chosen(OpenLot.objects.all(), leaving, methods, need_sat)] if need_sat else []


def costed_now(later: Sequence[Fact]) -> dict[str, Costed]:
    """How the disposals among these facts are costed; a costing that was reversed does not count."""
    sources = [fact.source for fact in later if disposed_sat(fact)]
    if not sources:
        return {}
    rows = (
        LotUse.objects.filter(disposal__source_id__in=sources, costing__reverses=None, costing__reversed_by=None)
        .order_by("costing_id", "place")
        .values_list(
            "disposal__source_id",
            "costing_id",
            "lot__code",
            "sat",
            "basis_usd",
            "lot__at",
            "lot__seq",
            "lot__source_id",
        )
    )
    found: dict[str, Costed] = {}
    for source, costing_id, code, sat, basis, at, seq, lot_source in rows:
        one = found.setdefault(source, Costed(costing_id))
        one.uses.append((code or POOL, sat, basis, (at, seq, lot_source) if code else None))
    return found


def undo_lots(
    lots: Lots, later: Sequence[Fact], costed: dict[str, Costed], read: set[Position], methods: Methods
) -> None:
    """Gives back what later disposals took, then takes out what came later."""
    for fact in reversed(later):
        for code, sat, basis, position in costed[fact.source].uses if fact.source in costed else ():
            where = position or _pool_position(lots)
            lots.put(Parcel(where, code, sat, basis))
            read.add(where)
    for fact in later:
        if isinstance(fact, Acquired):
            _take_out(lots, fact, methods.at(fact.at) is Method.AVERAGE)


def _pool_position(lots: Lots) -> Position:
    """Where the pool stands: it is older than every lot outside it."""
    pool = next((parcel for parcel in lots.parcels if parcel.lot == POOL), None)
    return pool.position if pool else OLDEST


def _take_out(lots: Lots, fact: Acquired, may_be_pooled: bool) -> None:
    own = lots.where(fact.position)
    if own is not None and lots.parcels[own].lot != POOL:
        del lots.parcels[own]
        return
    if not may_be_pooled:
        return  # it lies beyond the lots that were read; a pool of earlier times has nothing of it
    pool = next((n for n, parcel in enumerate(lots.parcels) if parcel.lot == POOL), None)
    if pool is not None:
        part = Parcel(lots.parcels[pool].position, POOL, fact.sat, fact.cost_usd)
        left = lots.parcels[pool].without(part)
        lots.parcels[pool : pool + 1] = [left] if left.sat else []
