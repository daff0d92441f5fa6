"""Keeps prices: a new one is added, the same one again changes nothing, another one replaces and keeps what it was."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from sites.feeds.price import Price
from sites.models import MarketPrice

AT_ONCE = 5_000


@dataclass(frozen=True)
class Saved:
    """How many prices were new, and how many the source had said otherwise before."""

    added: int = 0
    corrected: int = 0


@transaction.atomic
def save(prices: Collection[Price], source: str, observed_at: datetime) -> Saved:
    """Two readers at once take turns, so that a correction is never taken back by who read before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    total = Saved()
    rows = list(prices)
    for at in range(0, len(rows), AT_ONCE):
        done = save_some(rows[at : at + AT_ONCE], source, observed_at)
        total = Saved(total.added + done.added, total.corrected + done.corrected)
    return total


# Any constant will do that no other lock has.
LOCK = 4_202_011


def save_some(prices: list[Price], source: str, observed_at: datetime) -> Saved:
    wanted = {(one.market, one.index, one.start_at): one for one in prices}
    if not wanted:
        return Saved()
    there = MarketPrice.objects.filter(
        market__in={one.market for one in prices}, replaced_at=None,
        start_at__gte=min(one.start_at for one in prices), start_at__lte=max(one.start_at for one in prices),
    )  # fmt: skip
    standing = {(row.market, row.index, row.start_at): row for row in there}
    changed = [key for key in wanted if key in standing and differs(standing[key], wanted[key])]
    older = [standing[key].pk for key in changed if standing[key].observed_at <= observed_at]
    MarketPrice.objects.filter(pk__in=older).update(replaced_at=observed_at)
    gone = set(older)
    new = [one for key, one in wanted.items() if key not in standing or standing[key].pk in gone]
    MarketPrice.objects.bulk_create(row_of(one, source, observed_at) for one in new)
    return Saved(len(new) - len(older), len(older))


def differs(row: MarketPrice, price: Price) -> bool:
    return (row.usd_per_mwh, row.minutes) != (price.usd_per_mwh, price.minutes)


def row_of(price: Price, source: str, observed_at: datetime) -> MarketPrice:
    return MarketPrice(
        market=price.market,
        index=price.index,
        start_at=price.start_at,
        minutes=price.minutes,
        usd_per_mwh=price.usd_per_mwh,
        source=source,
        observed_at=observed_at,
    )
