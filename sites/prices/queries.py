"""What is known of market prices: of an instant, of a span, and how old the last good reading is."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sites.models import MarketFeed, MarketPrice, PowerContract
from sites.tariffs.energy import IndexPrice, Quote, import_price
from sites.tariffs.terms import REAL_TIME, BadTerms

# A running price older than this is no longer called live. Twice the interval, and the time a reading takes.
LIVE_FOR: Final = timedelta(minutes=12)


@dataclass(frozen=True)
class Interval:
    """One price that is known."""

    start_at: datetime
    end_at: datetime
    price: IndexPrice


class Known:
    """Prices of some markets over a span, read once; call it like a Lookup."""

    def __init__(self, rows: Mapping[tuple[str, str], list[Interval]]) -> None:
        self.rows = rows

    def __call__(self, market: str, index: str, at: datetime) -> IndexPrice | None:
        return next((row.price for row in self.rows.get((market, index), ()) if row.start_at <= at < row.end_at), None)

    def last(self, market: str, index: str = REAL_TIME) -> Interval | None:
        """The newest price known."""
        rows = self.rows.get((market, index))
        return rows[-1] if rows else None

    def mean(self, market: str, index: str, start: datetime, end: datetime) -> Decimal | None:
        """Mean of the intervals that begin in [start, end), each by its length; None where none is known."""
        rows = [row for row in self.rows.get((market, index), ()) if start <= row.start_at < end]
        seconds = [Decimal((row.end_at - row.start_at).total_seconds()) for row in rows]
        total = sum((row.price.usd_per_mwh * span for row, span in zip(rows, seconds, strict=True)), Decimal(0))
        return total / sum(seconds) if rows else None


def known(markets: Collection[str], start: datetime, end: datetime) -> Known:
    """Every price of these markets that touches [start, end), as it stands now."""
    found: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    rows = MarketPrice.objects.filter(
        market__in=markets, replaced_at=None, start_at__gt=start - timedelta(hours=1), start_at__lt=end
    )
    for row in rows.order_by("start_at"):
        until = row.start_at + timedelta(minutes=row.minutes)
        price = IndexPrice(row.usd_per_mwh, row.source, row.observed_at)
        found[row.market, row.index].append(Interval(row.start_at, until, price))
    return Known(found)


def price_now(row: PowerContract, now: datetime) -> Quote:
    """What the next MWh costs under a contract of its site. A running price that is too old is not known any more."""
    try:
        contract = row.tariff()
    except BadTerms as why:
        return Quote(None, reason=f"the terms of the contract cannot be read: {why}")
    prices = known([contract.market] if contract.market else [], now - timedelta(hours=1), now)

    def lookup(market: str, index: str, at: datetime) -> IndexPrice | None:
        newest = prices.last(market)
        if index == REAL_TIME and newest is not None and newest.end_at <= at < newest.end_at + LIVE_FOR:
            return newest.price
        return prices(market, index, at)

    return import_price(contract, now, lookup)


def feeds(markets: Collection[str]) -> dict[str, MarketFeed]:
    return {feed.market: feed for feed in MarketFeed.objects.filter(market__in=markets)}
