"""The mining pools: one file each with pure parsers and the conversation that reads an account.

A new one is a file here and a line in PROVIDERS.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from cango_ops.wire import Conversation
from compute.feeds.pools import antpool, braiins, f2pool, luxor, viabtc
from compute.feeds.pools.account import Account, Credentials, Statement
from compute.feeds.pools.paging import Span


class Provider(msgspec.Struct, frozen=True):
    """How a pool is asked. pause_s: between two questions of one reading.

    at_most_every_s: between two readings, so that a console alone stays under half of what the pool allows.
    statement: asks for the lists of days and payments of a span, page by page.
    """

    url: str
    read: Callable[[Credentials, str], Conversation[Account]]
    pause_s: float
    at_most_every_s: float
    statement: Callable[[Credentials, str, Span], Conversation[Statement]]


def _provider(
    pause_s: float,
    requests: int,
    url: str,
    read: Callable[[Credentials, str], Conversation[Account]],
    statement: Callable[[Credentials, str, Span], Conversation[Statement]],
) -> Provider:
    return Provider(url, read, pause_s, max(60.0, 2 * pause_s * requests), statement)


def _of(pool: Any) -> Provider:
    """The pool of a file."""
    return _provider(pool.SECONDS_PER_REQUEST, pool.REQUESTS, pool.URL, pool.read, pool.statement)


def _luxor_v2(who: Credentials, path: str) -> Conversation[Account]:
    return luxor.read(who, path, "v2")


def _luxor_v2_statement(who: Credentials, path: str, span: Span) -> Conversation[Statement]:
    return luxor.statement(who, path, span, "v2")


PROVIDERS: dict[str, Provider] = {
    "braiins": _of(braiins),
    "f2pool": _of(f2pool),
    "luxor": _of(luxor),
    "luxor_v2": _provider(luxor.SECONDS_PER_REQUEST, luxor.REQUESTS, luxor.URL, _luxor_v2, _luxor_v2_statement),
    "antpool": _of(antpool),
    "viabtc": _of(viabtc),
}
