"""The mining pools: one file each with pure parsers and the conversation that reads an account.

A new one is a file here and a line in PROVIDERS.
"""

from collections.abc import Callable

import msgspec

from cango_ops.wire import Conversation
from compute.feeds.pools import antpool, braiins, f2pool, luxor, viabtc
from compute.feeds.pools.account import Account, Credentials


class Provider(msgspec.Struct, frozen=True):
    """How a pool is asked. pause_s: between two questions of one reading.

    at_most_every_s: between two readings, so that a console alone stays under half of what the pool allows.
    """

    url: str
    read: Callable[[Credentials, str], Conversation[Account]]
    pause_s: float
    at_most_every_s: float


def _provider(
    pause_s: float, requests: int, url: str, read: Callable[[Credentials, str], Conversation[Account]]
) -> Provider:

    return Provider(url, read, pause_s, max(60.0, 2 * pause_s * requests))


def _luxor_v2(who: Credentials, path: str) -> Conversation[Account]:
    return luxor.read(who, path, "v2")


PROVIDERS: dict[str, Provider] = {
    "braiins": _provider(braiins.SECONDS_PER_REQUEST, braiins.REQUESTS, braiins.URL, braiins.read),
    "f2pool": _provider(f2pool.SECONDS_PER_REQUEST, f2pool.REQUESTS, f2pool.URL, f2pool.read),
    "luxor": _provider(luxor.SECONDS_PER_REQUEST, luxor.REQUESTS, luxor.URL, luxor.read),
    "luxor_v2": _provider(luxor.SECONDS_PER_REQUEST, luxor.REQUESTS, luxor.URL, _luxor_v2),
    "antpool": _provider(antpool.SECONDS_PER_REQUEST, antpool.REQUESTS, antpool.URL, antpool.read),
    "viabtc": _provider(viabtc.SECONDS_PER_REQUEST, viabtc.REQUESTS, viabtc.URL, viabtc.read),
}
