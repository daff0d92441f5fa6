"""How the books stood just before a fact: what lay where, and which lots were open.

Made of how they stand now by undoing the facts after it, so that posting in order costs nothing for the years before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum

from treasury.ledger.facts import Acquired, Fact, Moved, Place, Position, Sold, disposed_sat, effects
from treasury.ledger.journal import BTC, LOAN, WALLET, place_account
from treasury.ledger.lots import POOL, Lots, Method, Methods, Parcel
from treasury.ledger.telling import fact_of
from treasury.ledger.walk import COMPANY, Scope, Standing
from treasury.models import JournalEntry, LotUse, MonthTurnover, OpenLot

# An open lot by its holder and position.
Key = tuple[Place, Position]
OLDEST: Position = (datetime(2009, 1, 3, tzinfo=UTC), 0, POOL)
FACT_KINDS = ("opening", "mined", "bought", "sale", "transfer", "pledge", "release")


@dataclass
class Costed:
    """A disposal as it is costed now. uses: (lot code or POOL, satoshis, basis, position of the lot) in order."""

    costing_id: int
    uses: list[tuple[str, int, Decimal, Position | None]] = field(default_factory=list)


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
    since = methods.by_wallet_since
    from_scratch = len(methods.changes) > 1 and position[0] < methods.changes[-1][0]
    later = facts_after(None if from_scratch else position)
    if since is not None and not from_scratch and (later or position[0] < since):
        # Which lots a transfer carried hangs on all before it: nothing to undo step by step.
        from_scratch, later = True, facts_after(None)
    costed = costed_now(later)
    if from_scratch:
        read = {key_of(row) for row in OpenLot.objects.all()}
        return Before(Standing(methods), later, costed, read, True)
    standing = Standing(methods, places_sat=places_now())
    if since is not None:
        return Before(standing, [], {}, read_by_wallet(standing, fresh))
    lots = Lots(open_lots([*fresh, *later], methods, position))
    positions = {parcel.position for parcel in lots.parcels}
    undo_lots(lots, later, costed, positions, methods)
    for fact in later:
        for place, sat in effects(fact).items():
            standing.places_sat[place] = standing.places_sat.get(place, 0) - sat
    standing.lots[COMPANY] = lots
    return Before(standing, later, costed, {(COMPANY, one) for one in positions})


def read_by_wallet(standing: Standing, fresh: Sequence[Fact]) -> set[Key]:
    """Puts the open lots that these facts can need into the standing: of each place that coins leave, as under any
    scope, and where those lots lie at the places that coins go to. Returns what was read."""
    standing.scope = Scope.WALLET
    leaving: dict[Place, list[Fact]] = {}
    for fact in fresh:
        if not isinstance(fact, Acquired):
            leaving.setdefault(left(fact)[0], []).append(fact)
    rows = [row for place, facts in leaving.items() for row in rows_for(facts, standing.methods, place)]
    sources = {row.source_id for row in rows}
    goals = {place_account(fact.target) for fact in fresh if isinstance(fact, Moved)}
    rows += OpenLot.objects.filter(held_at__in=goals, source_id__in=sources)
    found = {key_of(row): row for row in rows}
    for (place, _), row in found.items():
        standing.lots[place].put(parcel_of(row))
    return set(found)


def left(fact: Fact) -> tuple[Place, int]:
    """The place that coins leave, and how many."""
    if isinstance(fact, Sold):
        return Place("wallet", fact.wallet), fact.sat
    assert isinstance(fact, Moved)
    return fact.origin, fact.sat + fact.network_fee_sat


def rows_for(facts: Sequence[Fact], methods: Methods, place: Place) -> list[OpenLot]:
    """The open lots of a place that facts by which coins leave it can need."""
    need_sat = sum(left(fact)[1] for fact in facts)
    return chosen(OpenLot.objects.filter(held_at=place_account(place)), facts, methods, need_sat)


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


def code_of(holder: Place) -> str:
    """The account of whoever holds lots; empty for the company."""
    return "" if holder == COMPANY else place_account(holder)


def place_of(code: str) -> Place:
    """The place of an account; of an empty one the company."""
    if not code:
        return COMPANY
    kind, prefix = ("wallet", WALLET) if code.startswith(f"{WALLET}:") else ("loan", LOAN)
    return Place(kind, code.removeprefix(f"{prefix}:"))


def open_lots(facts: Sequence[Fact], methods: Methods, position: Position) -> list[Parcel]:
    """The company's open lots that these facts can need."""
    need_sat = sum(disposed_sat(fact) for fact in facts)
    leaving = [fact for fact in facts if disposed_sat(fact)]
    return [parcel_of(row) for row in chosen(OpenLot.objects.all(), leaving, methods, need_sat)] if need_sat else []


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
