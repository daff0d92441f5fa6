"""What is asked of a source of the chain, and what it answers, in one shape for every kind of source. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from cango_ops.units import SATS_PER_BTC
from cango_ops.wire import Garbled
from treasury.chain.descriptors import WatchOnly
from treasury.chain.outputs import COINBASE_MATURITY

GENESIS: Final = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
EXACT: Final = msgspec.json.Decoder(float_hook=Decimal)
MAX_SAT: Final = 21_000_000 * SATS_PER_BTC
MAX_HEIGHT: Final = 10_000_000
MOST_OUTPUTS: Final = 200_000
HEX: Final = frozenset("0123456789abcdef")
# Answers of servers that are asked address by address.
LIMIT_BYTES: Final = 8 << 20
MOST_NUMBER: Final = 100_000


class Place(NamedTuple):
    """An address of a wallet. number: within its branch."""

    wallet: int
    branch: int
    number: int


@dataclass(frozen=True)
class Wanted:
    """A wallet to be read. gap: so many unused addresses in a row end the search.   used: the highest number that is
    known to be used, by branch; -1 for none."""

    wallet: int
    watch: WatchOnly
    gap: int
    used: Mapping[int, int] = field(default_factory=dict)


class Block(NamedTuple):
    height: int
    hash: str


class Coin(NamedTuple):
    """An unspent output. height None: in no block yet."""

    place: Place
    txid: str
    vout: int
    sat: int
    height: int | None
    is_coinbase: bool


@dataclass(frozen=True)
class Told:
    """tip: the block at which the coins were read.   gone: blocks of earlier readings that are in the chain no more."""

    tip: Block
    coins: Sequence[Coin]
    gone: frozenset[Block]


def scripthash(script: bytes) -> bytes:
    return hashlib.sha256(script).digest()


# Readers of what may be anything


def tree(body: bytes) -> Any:
    """JSON whose fractions stay exact. Raises Garbled."""
    try:
        return EXACT.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Garbled("no JSON") from error


def same_network(genesis: str, wanted: Sequence[Wanted]) -> None:
    """Raises Garbled where the chain that begins with this block is not the wallets'."""
    if (genesis == GENESIS) != (wanted[0].watch.network == "main"):
        raise Garbled("the server is on another network than the wallet")


def table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Garbled(f"{what} is no object")
    return value


def rows(value: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MOST_OUTPUTS or not all(isinstance(row, dict) for row in value):
        raise Garbled(f"{what} is no list of objects, or longer than {MOST_OUTPUTS}")
    return value


def block_hash(value: Any, what: str = "a block hash") -> str:
    if not isinstance(value, str) or len(value) != 64 or not HEX.issuperset(value):
        raise Garbled(f"{what} is no hash")
    return value


def whole(value: Any, highest: int, what: str) -> int:
    if type(value) is not int or not 0 <= value <= highest:
        raise Garbled(f"{what} is no whole number up to {highest}")
    return value


def block_of(height: Any, name: Any) -> Block:
    """Raises Garbled where there can be no such block."""
    return Block(height_of(height), block_hash(name))


def coin_of(place: Place, txid: Any, vout: Any, sat: Any, height: int | None, *, is_coinbase: bool = False) -> Coin:
    """Raises Garbled where there can be no such output. height None: in no block yet."""
    amount, number = whole(sat, MAX_SAT, "the amount"), whole(vout, MOST_OUTPUTS, "vout")
    return Coin(place, block_hash(txid, "txid"), number, amount, height, is_coinbase)


def is_young(coin: Coin, tip: Block) -> bool:
    """True while it matters whether it is of a coinbase."""
    return coin.height is not None and tip.height - coin.height + 1 < COINBASE_MATURITY


def height_of(value: Any, highest: int = MAX_HEIGHT) -> int:
    return whole(value, highest, "height")


def once(coins: Iterable[Coin]) -> list[Coin]:
    """Raises Garbled where an output is told twice, or all of them are more than there is."""
    found = list(coins)
    if len({(coin.txid, coin.vout) for coin in found}) < len(found):
        raise Garbled("an output is told twice")
    if sum(coin.sat for coin in found) > MAX_SAT:
        raise Garbled("more coins than there are")
    return found
