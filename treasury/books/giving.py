"""Writes that the company's lots went to the places that hold its coins, once and for good.

Nearly every lot goes whole to one place: those of a place are one statement, however many they are.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection

from treasury.books import carrying, costing
from treasury.books.open_lots import code_of, key_of, parcel_of
from treasury.ledger.facts import Position
from treasury.ledger.lots import POOL, Lots, Use
from treasury.ledger.walk import COMPANY, Carried, Standing, give_to_wallets
from treasury.models import LotMove, OpenLot

WHOLE: Final = """
WITH given AS (
    UPDATE treasury_openlot SET held_at = %s WHERE id = ANY(%s) RETURNING lot_id, left_sat, left_cost_usd
)
INSERT INTO treasury_lotmove (lot_id, origin, target, sat, basis_usd)
SELECT lot_id, '', %s, left_sat, left_cost_usd FROM given
"""


def give(standing: Standing) -> None:
    """standing: what lies where, with the methods that hold; its lots are read here. Whoever calls holds the lock of
    the books."""
    rows = list(OpenLot.objects.order_by("at", "seq", "source_id"))
    standing.lots[COMPANY] = Lots(parcel_of(row) for row in rows)
    since = standing.methods.by_wallet_since
    assert since is not None
    give_to_wallets(standing, since)
    if any(use.lot == POOL for one in standing.carried for use in one.uses):
        write_pools(standing, rows)
    else:
        write_lots(standing.carried, {(row.at, row.seq, row.source_id): row for row in rows})


def write_pools(standing: Standing, rows: Sequence[OpenLot]) -> None:
    """Of all lots one pool was made, and each place has a part of it."""
    carrying.keep(standing.carried)
    touched = {key_of(row) for row in rows}
    touched |= {(place, one.position) for place, lots in standing.lots.items() for one in lots.parcels}
    costing.keep_open_lots(standing, touched)


def write_lots(carried: Sequence[Carried], rows: Mapping[Position, OpenLot]) -> None:
    parts: list[tuple[str, Use]] = []
    with connection.cursor() as cursor:
        for one in carried:
            account = code_of(one.target)
            whole = [rows[use.position].pk for use in one.uses if use.sat == rows[use.position].left_sat]
            parts += [(account, use) for use in one.uses if use.sat != rows[use.position].left_sat]
            cursor.execute(WHOLE, [account, whole, account])
    write_parts(parts, rows)


def write_parts(parts: Sequence[tuple[str, Use]], rows: Mapping[Position, OpenLot]) -> None:
    """Lots that lie in several places: at most one where two places meet."""
    OpenLot.objects.filter(pk__in={rows[use.position].pk for _, use in parts}).delete()
    OpenLot.objects.bulk_create(
        OpenLot(
            lot_id=rows[use.position].lot_id, held_at=account, code=use.lot, at=use.position[0], seq=use.position[1],
            source_id=use.position[2], left_sat=use.sat, left_cost_usd=use.basis_usd,
        )
        for account, use in parts
    )  # fmt: skip
    LotMove.objects.bulk_create(
        LotMove(
            lot_id=rows[use.position].lot_id, origin="", target=account, sat=use.sat, basis_usd=use.basis_usd
        )
        for account, use in parts
    )  # fmt: skip
