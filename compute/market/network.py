"""Reads the Bitcoin network once and keeps what it said; the newest reading, with its age, is what pages show.

A source that is away or absurd leaves the last good reading in place: it only grows older, and says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from cango_ops.base import clock
from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Outcome
from cango_ops.base.switchboard.reach import reach_to
from cango_ops.wire import NoAnswer
from compute.feeds import mempool_space
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


def read(url: str) -> NetworkReading:
    """Asks the mempool-compatible API at `url` and stores what it said. Raises NoAnswer with the reason."""
    where = urlsplit(url)
    call = Call(
        key=url,
        address=where.hostname or "",
        port=where.port or 80,
        begin=lambda: mempool_space.ask_network(where.path.rstrip("/")),
        total_s=DEADLINE_S,
        reach=reach_to(where.hostname or "", where.port or 80),
    )
    outcome = ask(call)
    if outcome.failure:
        raise NoAnswer(outcome.failure, outcome.detail)
    network: mempool_space.Network = outcome.result
    return NetworkReading.objects.create(
        observed_at=clock.now(),
        source=where.netloc,
        difficulty=network.difficulty,
        reward_sat=network.reward_sat,
        price_usd=Decimal(str(network.price_usd)),
        hashprice_usd_per_ph_day=network.hashprice_usd_per_ph_day,
    )


def ask(call: Call) -> Outcome:
    """One call to its end."""
    with Switchboard() as board:
        board.add(call)
        while True:
            for outcome in board.step(1.0):
                return outcome


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
