"""The price that decides whether a loan is called: out of two sources, fresh, and the lower where they differ.

A price that is old is refused: what it would say of a margin call is worse than "not known".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from compute.market.network import hashprice
from treasury.models import PriceMark
from treasury.money import percent

FRESH_FOR: Final = timedelta(minutes=15)
# Two markets that differ by more than this are not the same price.
APART_PCT: Final = Decimal(1)
WANTED_SOURCES: Final = 2


@dataclass(frozen=True)
class Source:
    """The newest price of one source."""

    name: str
    price_usd: Decimal
    observed_at: datetime
    is_stale: bool


@dataclass(frozen=True)
class Quote:
    """price_usd None: no source is fresh.   state, words: whether it can be relied on, and why not."""

    price_usd: Decimal | None
    observed_at: datetime | None
    sources: tuple[Source, ...]
    state: str
    words: str


def quote(now: datetime) -> Quote:
    """What a bitcoin is worth now."""
    sources = tuple(sorted(newest(now), key=lambda source: source.name))
    fresh = [source for source in sources if not source.is_stale]
    if not fresh:
        words = "no price was ever read" if not sources else f"no price is fresher than {minutes(FRESH_FOR)} minutes"
        return Quote(None, None, sources, "unknown" if not sources else "stale", words)
    lowest = min(fresh, key=lambda source: source.price_usd)
    return Quote(lowest.price_usd, lowest.observed_at, sources, *verdict(fresh))


def newest(now: datetime) -> list[Source]:
    """The newest price of each source: the marks of the treasury, and what the network's feed said."""
    marks = PriceMark.objects.filter(at__lte=now, at__gt=now - timedelta(days=2)).order_by("source", "-at")
    found = [
        Source(mark.source, mark.price_usd, mark.at, now - mark.at > FRESH_FOR) for mark in marks.distinct("source")
    ]
    network = hashprice()
    if network is not None and network.source not in {source.name for source in found}:
        is_stale = now - network.observed_at > FRESH_FOR
        found.append(Source(network.source, network.price_usd, network.observed_at, is_stale))
    return found


def verdict(fresh: list[Source]) -> tuple[str, str]:
    """State and words of the fresh sources together."""
    if len(fresh) < WANTED_SOURCES:
        return "warning", f"one source alone: {fresh[0].name}"
    prices = [source.price_usd for source in fresh]
    apart = percent(max(prices) - min(prices), min(prices), 2)
    if apart is None or apart > APART_PCT:
        return "warning", f"sources differ by {apart} %: the lower counts"
    return "ok", f"{len(fresh)} sources agree"


def minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60
