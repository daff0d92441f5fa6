"""The prices behind a month's last one: every mark of its last day, and what the feed said in its last hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from treasury.closing.month_price import NEAR, mark_at, readings
from treasury.earnings.span import Month
from treasury.models import PriceMark


@dataclass(frozen=True)
class PriceRow:
    """kept_at None: the feed said it, and no mark was made of it.   actor: who wrote it down; empty: a program.

    counts: it is the price of the month's end.
    """

    source: str
    at: datetime
    price_usd: Decimal
    kept_at: datetime | None
    actor: str
    counts: bool


def prices_of(month: Month) -> list[PriceRow]:
    """The newest first."""
    chosen = mark_at(month.end_at)
    found = sorted(prices_near(month.end_at), key=lambda one: (one.at, one.source), reverse=True)
    return [row_of(one, chosen) for one in found]


def prices_near(at: datetime) -> Iterator[PriceMark]:
    marks = list(PriceMark.objects.filter(at__lte=at, at__gte=at - NEAR))
    yield from marks
    kept = {(one.source, one.at) for one in marks}
    for row in readings(at):
        if (row.source, row.observed_at) not in kept:
            yield PriceMark(source=row.source, at=row.observed_at, price_usd=row.price_usd)


def row_of(one: PriceMark, chosen: PriceMark | None) -> PriceRow:
    counts = chosen is not None and (one.source, one.at) == (chosen.source, chosen.at)
    return PriceRow(one.source, one.at, one.price_usd, one.recorded_at, one.actor, counts)
