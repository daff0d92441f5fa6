"""The power-price feed: day-ahead and real-time prices of a market area over HTTP.

Source: the format that cango_ops/estate/price_feed.py documents; times are UTC with a Z, prices dollars a MWh.
"""

from collections.abc import Generator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import msgspec

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing, Garbled
from sites.feeds.price import Price, plausible
from sites.tariffs.terms import DAY_AHEAD, REAL_TIME

MINUTES = (5, 15, 30, 60)
MOST_INTERVALS = 400


class RawPrice(msgspec.Struct):
    start: datetime
    price: Any


class RawPrices(msgspec.Struct):
    market: str
    currency: str
    unit: str
    interval_minutes: int
    prices: list[RawPrice]


def ask_real_time(path: str, market: str) -> Generator[Ask, bytes, list[Price]]:
    """The conversation that reads the running interval and the last few."""
    body = yield Ask("real-time", http_get(f"{path}/real-time?{urlencode({'market': market})}"), Framing.HTTP)
    return parse_prices(body, market, REAL_TIME)


def ask_day_ahead(path: str, market: str, day: date) -> Generator[Ask, bytes, list[Price]]:
    """The conversation that reads a day of the market's own calendar; before it is published the source says 404."""
    asked = urlencode({"market": market, "date": day.isoformat()})
    body = yield Ask("day-ahead", http_get(f"{path}/day-ahead?{asked}"), Framing.HTTP)
    return parse_prices(body, market, DAY_AHEAD)


def parse_prices(body: bytes, market: str, index: str) -> list[Price]:
    """Prices in the order of their intervals. Raises Garbled on anything that cannot be true."""
    try:
        raw = msgspec.json.decode(body, type=RawPrices)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as why:
        raise Garbled(f"no answer of a price feed: {why}") from why
    if raw.market != market:
        raise Garbled(f"asked for {market}, told of {raw.market[:32]!r}")
    if (raw.currency, raw.unit) != ("USD", "USD/MWh") or raw.interval_minutes not in MINUTES:
        raise Garbled(f"{raw.currency[:8]}, {raw.unit[:16]}, {raw.interval_minutes} minutes cannot be used")
    if len(raw.prices) > MOST_INTERVALS:
        raise Garbled(f"{len(raw.prices)} intervals at once")
    found = [price_of(one, raw, index) for one in raw.prices]
    in_order(found)
    return found


def price_of(raw: RawPrice, head: RawPrices, index: str) -> Price:
    if raw.start.tzinfo is None:
        raise Garbled("an interval begins at a time without a zone")
    if raw.start.timestamp() % (60 * head.interval_minutes):
        raise Garbled(f"{raw.start:%H:%M:%S} begins no interval of {head.interval_minutes} minutes")
    usd = plausible(raw.price, f"{head.market} {raw.start:%Y-%m-%d %H:%M}")
    return Price(head.market, index, raw.start, head.interval_minutes, usd)


def in_order(prices: list[Price]) -> None:
    for one, following in pairwise(prices):
        if following.start_at - one.start_at < timedelta(minutes=one.minutes):
            raise Garbled(f"{following.start_at:%H:%M} comes twice or overlaps")
