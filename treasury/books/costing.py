"""Writes lots, what disposals take of them, and the entries that say what they cost and gained."""

from collections.abc import Sequence
from typing import Final

from django.db import connection
from django.db.models import Count, Q

from cango_ops.base.models import User
from treasury.books import entries
from treasury.books.entries import BATCH, Draft, columns
from treasury.books.open_lots import Costed, Key, code_of, key_of
from treasury.ledger.facts import Acquired, Place
from treasury.ledger.journal import costing_legs, reversed_legs
from treasury.ledger.lots import POOL, Parcel
from treasury.ledger.walk import Disposal, Standing
from treasury.models import JournalEntry, Lot, LotUse, OpenLot, Posting


def add_lots(acquired: Sequence[tuple[int, Acquired, str]]) -> None:
    """acquired: each with the id of its entry, and the account that holds the lot."""
    if not acquired:
        return
    rows = [
        (entry_id, fact.lot, fact.at, fact.seq, fact.source, fact.sat, fact.cost_usd, held_at)
        for entry_id, fact, held_at in acquired
    ]
    with connection.cursor() as cursor:
        cursor.execute(LOTS, columns(rows))


LOTS: Final = """
INSERT INTO treasury_lot (entry_id, code, at, seq, source_id, sat, cost_usd, held_at)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::text[], %s::bigint[], %s::numeric[],
                     %s::text[])
"""
OPEN_LOTS: Final = """
INSERT INTO treasury_openlot (lot_id, code, at, seq, source_id, left_sat, left_cost_usd, held_at)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::text[], %s::bigint[], %s::numeric[],
                     %s::text[])
"""


def cost(disposals: Sequence[Disposal], costed: dict[str, Costed], ids: dict[str, int], actor: User | str) -> list[str]:
    """Costs each disposal that is new or has come to cost something else; the sources of the latter.

    ids: entry ids of the new disposals.
    """
    changed = [one for one in disposals if one.fact.source in costed and differs(one, costed[one.fact.source])]
    reverse([costed[one.fact.source].costing_id for one in changed], actor)
    wanted = [one for one in disposals if one.fact.source in ids] + changed
    numbers = times_costed([one.fact.source for one in changed])
    drafts = [_draft(one, numbers.get(one.fact.source, 0), actor) for one in wanted]
    costing_ids = entries.write(drafts)
    disposal_ids = ids | dict(
        JournalEntry.objects.filter(source_id__in=[one.fact.source for one in changed]).values_list("source_id", "id")
    )
    write_uses(
        [
            (costing_ids[draft.source], disposal_ids[one.fact.source], one)
            for draft, one in zip(drafts, wanted, strict=True)
        ]
    )
    return [one.fact.source for one in changed]


def differs(disposal: Disposal, now: Costed) -> bool:
    uses = [(use.lot, use.sat, use.basis_usd, None if use.lot == POOL else use.position) for use in disposal.uses]
    return uses != now.uses


def times_costed(sources: Sequence[str]) -> dict[str, int]:
    """How often each disposal was costed before."""
    costings = Count("uses_of_lots__costing", filter=Q(uses_of_lots__costing__kind="costing"), distinct=True)
    return dict(JournalEntry.objects.filter(source_id__in=sources).annotate(n=costings).values_list("source_id", "n"))


def _draft(disposal: Disposal, number: int, actor: User | str) -> Draft:
    fact = disposal.fact
    return Draft(
        source=f"costing/{number}/{fact.source}",
        kind="costing",
        at=fact.at,
        seq=fact.seq,
        legs=costing_legs(disposal),
        actor=actor,
        digest="",
        evidence={"of": fact.source, "disposal": disposal.kind},
    )


def write_uses(costed: Sequence[tuple[int, int, Disposal]]) -> None:
    """costed: each disposal with the id of its costing and its own."""
    sources = {use.position[2] for _, _, one in costed for use in one.uses if use.lot != POOL}
    lot_ids = dict(Lot.objects.filter(source_id__in=sources).values_list("source_id", "id"))
    rows = [
        LotUse(
            costing_id=costing_id, disposal_id=disposal_id, place=place, sat=use.sat, basis_usd=use.basis_usd,
            lot_id=None if use.lot == POOL else lot_ids[use.position[2]], held_at=code_of(one.held),
        )
        for costing_id, disposal_id, one in costed
        for place, use in enumerate(one.uses)
    ]  # fmt: skip
    LotUse.objects.bulk_create(rows, BATCH)


def reverse(costing_ids: Sequence[int], actor: User | str) -> None:
    """Adds to each costing the entry that takes it back, and its uses with their signs turned."""
    if not costing_ids:
        return
    legs = legs_by_entry(costing_ids)
    costings = list(JournalEntry.objects.filter(pk__in=costing_ids).order_by("pk"))
    drafts = [
        Draft(
            f"reversal/{one.source_id}", "reversal", one.at, one.seq, reversed_legs(legs[one.pk]), actor, "",
            one.evidence, one.pk,
        )
        for one in costings
    ]  # fmt: skip
    ids = entries.write(drafts)
    by_costing = {one.pk: ids[draft.source] for one, draft in zip(costings, drafts, strict=True)}
    taken = LotUse.objects.filter(costing_id__in=costing_ids).order_by("costing_id", "place")
    back = [
        LotUse(
            costing_id=by_costing[use.costing_id], disposal_id=use.disposal_id, lot_id=use.lot_id, place=use.place,
            sat=-use.sat, basis_usd=-use.basis_usd, held_at=use.held_at,
        )
        for use in taken
    ]  # fmt: skip
    LotUse.objects.bulk_create(back, BATCH)


def legs_by_entry(entry_ids: Sequence[int]) -> dict[int, list[entries.Leg]]:
    legs: dict[int, list[entries.Leg]] = {entry_id: [] for entry_id in entry_ids}
    rows = Posting.objects.filter(entry_id__in=entry_ids).select_related("account").order_by("id")
    for row in rows:
        amount = row.amount if row.amount_sat is None else row.amount_sat
        assert amount is not None
        legs[row.entry_id].append(entries.Leg(row.account.code, row.currency, amount))
    return legs


def keep_open_lots(standing: Standing, touched: set[Key]) -> None:
    """Makes the open lots what the standing says. touched: holder and position of all that may have changed."""
    final = {
        (holder, one.position): one
        for holder, lots in standing.lots.items()
        for one in lots.parcels
        if (holder, one.position) in touched
    }
    kept = {key: row for key, row in _rows_at(touched) if key in touched}
    gone = [row.pk for key, row in kept.items() if key not in final]
    OpenLot.objects.filter(pk__in=gone).delete()
    moved = []
    for key, row in kept.items():
        parcel = final.get(key)
        if parcel is not None and (row.left_sat, row.left_cost_usd, row.lot_id is None) != (
            parcel.sat, parcel.cost_usd, parcel.lot == POOL,
        ):  # fmt: skip
            row.left_sat, row.left_cost_usd = parcel.sat, parcel.cost_usd
            row.code, row.lot_id = (POOL, None) if parcel.lot == POOL else (row.code, row.lot_id)
            moved.append(row)
    OpenLot.objects.bulk_update(moved, ["left_sat", "left_cost_usd", "code", "lot"], BATCH)
    _open([(holder, parcel) for (holder, position), parcel in final.items() if (holder, position) not in kept])


def _rows_at(touched: set[Key]) -> list[tuple[Key, OpenLot]]:
    sources = {position[2] for _, position in touched}
    return [(key_of(row), row) for row in OpenLot.objects.filter(source_id__in=sources)]


def _open(parcels: Sequence[tuple[Place, Parcel]]) -> None:
    sources = [parcel.position[2] for _, parcel in parcels if parcel.lot != POOL]
    lot_ids = dict(Lot.objects.filter(source_id__in=sources).values_list("source_id", "id"))
    rows = [
        (None if parcel.lot == POOL else lot_ids[parcel.position[2]], parcel.lot, *parcel.position, parcel.sat,
         parcel.cost_usd, code_of(holder))
        for holder, parcel in parcels
    ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(OPEN_LOTS, columns(rows))
