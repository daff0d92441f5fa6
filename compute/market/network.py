"""Reads the Bitcoin network once and keeps what it said; the newest reading, with its age, is what pages show.

A source that is away or absurd leaves the last good reading in place: it only grows older, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import unquote, urlsplit

import msgspec

from cango_ops.base import clock
from cango_ops.wire import Garbled, NoAnswer
from compute.feeds import bitcoin_core, mempool_space, spot_price
from compute.market import fetch
from compute.models import NetworkReading

DEADLINE_S = 10.0
FRESH_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Hashprice:
    """The newest hashprice. is_stale: read longer ago than FRESH_FOR."""

    usd_per_ph_day: float
    price_usd: Decimal
    difficulty: float
    observed_at: datetime
    source: str
    is_stale: bool

    def usd_per_h(self, hashrate_ths: float) -> float:
        """Dollars an hour that so many TH/s earn before pool fees."""
        return hashrate_ths / 1000 * self.usd_per_ph_day / 24


def read(url: str, node_url: str = "", price_urls: Sequence[str] = ()) -> NetworkReading:
    """Asks the mempool-compatible API at `url` and stores what it said. Raises NoAnswer with the reason.

    node_url: a Bitcoin Core whose difficulty and rewards are taken instead.   price_urls: "kind=url" of further sources
    of the price; where one differs by more than the limit nothing is stored, and the last good value stands.
    """
    network = fetch.talk(url, mempool_space.ask_network, deadline_s=DEADLINE_S)
    names = [urlsplit(url).netloc]
    if node_url:
        chain = own_chain(node_url)
        network = msgspec.structs.replace(network, difficulty=chain.difficulty, reward_sat=chain.reward_sat)
        names.append(urlsplit(node_url).hostname or "")
    for source in price_urls:
        network = msgspec.structs.replace(network, price_usd=confirmed_price(network.price_usd, source))
        names.append(source.partition("=")[0])
    return NetworkReading.objects.create(
        observed_at=clock.now(),
        source=", ".join(names)[:100],
        difficulty=network.difficulty,
        reward_sat=network.reward_sat,
        price_usd=Decimal(str(round(network.price_usd, 2))),
        hashprice_usd_per_ph_day=network.hashprice_usd_per_ph_day,
    )


def own_chain(url: str) -> bitcoin_core.Chain:
    """What the own node says. Raises NoAnswer."""
    where = urlsplit(url)
    user, password = unquote(where.username or ""), unquote(where.password or "")
    return fetch.talk(url, lambda path: bitcoin_core.ask_chain(user, password, f"{path}/"), deadline_s=DEADLINE_S)


def confirmed_price(price_usd: float, source: str) -> float:
    """The mean of the price and the one of another source, "kraken=https://api.kraken.com". Raises NoAnswer."""
    kind, _, url = source.partition("=")
    if kind not in spot_price.KINDS:
        raise NoAnswer("refused", f"no source of prices {kind!r}; there are {', '.join(sorted(spot_price.KINDS))}")
    other = fetch.talk(url, lambda path: spot_price.ask_price(kind, path), deadline_s=DEADLINE_S)
    try:
        return spot_price.agreed(price_usd, other)
    except Garbled as why:
        raise NoAnswer("garbled", f"{why} ({kind})") from why


def hashprice() -> Hashprice | None:
    """The newest reading, or None where the network was never read."""
    newest = NetworkReading.objects.order_by("-observed_at").first()
    if newest is None:
        return None
    return Hashprice(
        usd_per_ph_day=newest.hashprice_usd_per_ph_day,
        price_usd=newest.price_usd,
        difficulty=newest.difficulty,
        observed_at=newest.observed_at,
        source=newest.source,
        is_stale=clock.now() - newest.observed_at > FRESH_FOR,
    )
