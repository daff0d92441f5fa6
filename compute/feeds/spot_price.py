"""The price of bitcoin in dollars at exchanges, and the rule by which two sources must agree. Pure.

One source alone can slip by a comma; two that differ by more than a limit are both doubted, and the last good price
stands. Sources: Coinbase /v2/prices/BTC-USD/spot, Kraken /0/public/Ticker, mempool.space /api/v1/prices.
"""

from collections.abc import Callable, Generator
from typing import Any

import msgspec

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing, Garbled
from compute.feeds.mempool_space import PRICE_USD, parse_price_usd

MAX_DIFFERENCE_PCT = 2.0


def parse_coinbase(body: bytes) -> float:
    """{"data":{"amount":"80000.12","currency":"USD"}}."""
    data = _table(_object(body).get("data"))
    if data.get("currency") != "USD":
        raise Garbled("not a price in USD")
    return _price(data.get("amount"))


def parse_kraken(body: bytes) -> float:
    """{"error":[],"result":{"XXBTZUSD":{"c":["80000.1","0.01"]}}}: the last trade."""
    said = _object(body)
    if said.get("error"):
        raise Garbled(f"refused: {str(said['error'])[:200]}")
    pairs = list(_table(said.get("result")).values())
    last = _table(pairs[0]).get("c") if len(pairs) == 1 else None
    return _price(last[0] if isinstance(last, list) and last else None)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(f"no JSON object: {error}") from error


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _price(value: Any) -> float:
    try:
        read = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        read = 0.0
    if not PRICE_USD[0] <= read <= PRICE_USD[1]:
        raise Garbled(f"a price that is not between {PRICE_USD[0]:g} and {PRICE_USD[1]:g}")
    return read


# kind: the path that is asked behind the address, and who reads the answer.
KINDS: dict[str, tuple[str, Callable[[bytes], float]]] = {
    "coinbase": ("/v2/prices/BTC-USD/spot", parse_coinbase),
    "kraken": ("/0/public/Ticker?pair=XBTUSD", parse_kraken),
    "mempool": ("/prices", parse_price_usd),
}


def ask_price(kind: str, path: str = "") -> Generator[Ask, bytes, float]:
    """The conversation that reads one source. Raises Garbled."""
    page, parse = KINDS[kind]
    return parse((yield Ask(f"price_{kind}", http_get(path + page), Framing.HTTP)))


def difference_pct(first: float, second: float) -> float:
    """How far two prices lie apart, in percent of their mean."""
    return 200 * abs(first - second) / (first + second)


def agreed(first: float, second: float, limit_pct: float = MAX_DIFFERENCE_PCT) -> float:
    """The mean of two prices. Raises Garbled, in words, where they differ by more than the limit."""
    apart = difference_pct(first, second)
    if apart > limit_pct:
        raise Garbled(f"two sources differ by {apart:.1f} %: ${first:,.2f} and ${second:,.2f}")
    return (first + second) / 2
