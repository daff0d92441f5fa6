"""The REST API of mempool.space and of every self-hosted mempool: difficulty, rewards and price in three questions.

Source: /api/v1/mining/hashrate/{period}, /api/v1/mining/reward-stats/{blocks} and /api/v1/prices of its API document;
amounts in reward-stats are strings of satoshi.
"""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import msgspec

from cango_ops.http_frame import http_get
from cango_ops.units import SATS_PER_BTC
from cango_ops.wire import Ask, Framing, Garbled
from compute.feeds.hashprice import usd_per_ph_day

# A day of blocks: long enough that one rich block does not swing the figure.
REWARD_BLOCKS = 144
BLOCKS_PER_EPOCH = 2_016
# Beyond these a figure is a slip of the source, not news. Widest move of either in a decade, with room.
PRICE_USD = (100.0, 10_000_000.0)
DIFFICULTY = (1e12, 1e18)
REWARD_SAT = (0.1 * SATS_PER_BTC, 100.0 * SATS_PER_BTC)


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """The Bitcoin network at one moment. reward_sat: subsidy and fees of a block, mean of the last REWARD_BLOCKS."""

    difficulty: float
    reward_sat: int
    price_usd: float

    @property
    def hashprice_usd_per_ph_day(self) -> float:
        """What a PH/s earns in a day before pool fees."""
        return usd_per_ph_day(self.difficulty, self.reward_sat, self.price_usd)


def ask_network(path: str = "/api/v1") -> Generator[Ask, bytes, Network]:
    """The conversation that reads the network; raises Garbled on any answer that cannot be true."""
    hashrate = yield Ask("mining_hashrate", http_get(f"{path}/mining/hashrate/3d"), Framing.HTTP)
    rewards = yield Ask("mining_reward-stats", http_get(f"{path}/mining/reward-stats/{REWARD_BLOCKS}"), Framing.HTTP)
    prices = yield Ask("prices", http_get(f"{path}/prices"), Framing.HTTP)
    return Network(
        difficulty=parse_difficulty(hashrate),
        reward_sat=parse_reward_sat(rewards),
        price_usd=parse_price_usd(prices),
    )


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """2,016 blocks of one difficulty. number: that of the first block / BLOCKS_PER_EPOCH."""

    number: int
    start_at: datetime
    difficulty: float


def ask_epochs(path: str = "/api/v1") -> Generator[Ask, bytes, list[Epoch]]:
    """The conversation that reads the epochs of the last three months; raises Garbled."""
    page = f"{path}/mining/difficulty-adjustments/3m"
    return parse_epochs((yield Ask("mining_difficulty-adjustments", http_get(page), Framing.HTTP)))


def parse_epochs(body: bytes) -> list[Epoch]:
    """Rows of [time, height, difficulty, change], in any order; oldest first."""
    try:
        listed = msgspec.json.decode(body, type=list[list[float]])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Garbled(f"no list of difficulty adjustments: {error}") from error
    return sorted((_epoch(row) for row in listed), key=lambda epoch: epoch.number)


def _epoch(row: list[float]) -> Epoch:
    if len(row) < 3 or not (0 < row[0] < 2**33 and 0 <= row[1] < 10_000_000) or row[1] % BLOCKS_PER_EPOCH:
        raise Garbled("a difficulty adjustment without a time and the height of a retarget")
    difficulty = _within(row[2], DIFFICULTY, "difficulty")
    start_at = datetime.fromtimestamp(row[0], UTC)
    return Epoch(number=int(row[1]) // BLOCKS_PER_EPOCH, start_at=start_at, difficulty=difficulty)


def ask_price_at(moment: datetime, path: str = "/api/v1") -> Generator[Ask, bytes, tuple[datetime, float]]:
    """The conversation that reads the price near a past moment: when it was, and dollars. Raises Garbled."""
    page = f"{path}/historical-price?currency=USD&timestamp={int(moment.timestamp())}"
    return parse_price_at((yield Ask("historical-price", http_get(page), Framing.HTTP)))


def parse_price_at(body: bytes) -> tuple[datetime, float]:
    listed = _object(body).get("prices")
    told = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    seconds = _within(told.get("time"), (1.2e9, 2.0**33), "time")
    return datetime.fromtimestamp(seconds, UTC), _within(told.get("USD"), PRICE_USD, "USD")


def parse_difficulty(body: bytes) -> float:
    return _within(_object(body).get("currentDifficulty"), DIFFICULTY, "currentDifficulty")


def parse_reward_sat(body: bytes) -> int:
    """Satoshi a block, rounded down: totalReward over the blocks it counts, both ends included."""
    stats = _object(body)
    start, end = stats.get("startBlock"), stats.get("endBlock")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end):
        raise Garbled("reward-stats names no range of blocks")
    total = stats.get("totalReward")
    if not (
        isinstance(total, int) or (isinstance(total, str) and total.isascii() and total.isdigit() and len(total) < 20)
    ):
        raise Garbled("totalReward is no number of satoshi")
    return int(_within(int(total) // (end - start + 1), REWARD_SAT, "the reward of a block"))


def parse_price_usd(body: bytes) -> float:
    return _within(_object(body).get("USD"), PRICE_USD, "USD")


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Garbled(f"no JSON object: {error}") from error


def _within(value: Any, bounds: tuple[float, float], name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not bounds[0] <= value <= bounds[1]:
        raise Garbled(f"{name} is not between {bounds[0]:g} and {bounds[1]:g}")
    return value
