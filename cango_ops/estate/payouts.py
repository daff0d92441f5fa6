"""What the estate's pool pays, and the chain on which it arrives: a payout a day and account, to an address of its own.

Every 29th payout brings a little less than the pool says, so that there is a break to look at.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from embit.descriptor import Descriptor

from cango_ops.estate import bitcoin, network_feed
from cango_ops.estate.chain_feed import GENESIS, ChainCoin
from cango_ops.estate.chance import unit

DAY_S: Final = 86_400
FIRST_DAY: Final = int(bitcoin.GENESIS_AT // DAY_S + 1) * DAY_S
HOUR_OF_PAYMENT: Final = 6
SHORT_BY_SAT: Final = 2_500
# The account of BIP 84's test vectors: everybody knows its keys, so nobody keeps coins there.
DESCRIPTOR: Final = (
    "wpkh(xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V"
    "/<0;1>/*)"
)


class Payout(NamedTuple):
    """What was paid for a day that began at `start`. arrives_sat: what the transaction brings."""

    start: int
    paid_at: int
    sat: int
    arrives_sat: int
    txid: str
    number: int


Earned = Callable[[str, int], float]


class Payouts:
    """earned: bitcoin that an operator's account earned on a whole day, by its begin."""

    def __init__(self, earned: Earned) -> None:
        self.earned = earned
        self._kept: dict[tuple[str, int], Payout] = {}

    def of(self, operator: str, t: float) -> list[Payout]:
        """All that were sent until then, the oldest first."""
        found = [self._payout(operator, start) for start in range(FIRST_DAY, int(t) - DAY_S + 1, DAY_S)]
        return [payout for payout in found if payout.paid_at <= t and payout.sat > 0]

    def _payout(self, operator: str, start: int) -> Payout:
        key = operator, start
        if key not in self._kept:
            number = (start - FIRST_DAY) // DAY_S
            sat = int(self.earned(operator, start) * 1e8)
            paid_at = start + DAY_S + int((HOUR_OF_PAYMENT + unit(start, 41)) * 3600)
            short = SHORT_BY_SAT if number % 29 == 17 else 0
            txid = sha256(f"payout {operator} {start}".encode()).hexdigest()
            self._kept[key] = Payout(start, paid_at, sat, max(0, sat - short), txid, number)
        return self._kept[key]


@lru_cache(maxsize=4096)
def script_at(number: int) -> bytes:
    descriptor = Descriptor.from_string(DESCRIPTOR)
    return bytes(descriptor.derive(number, branch_index=0).script_pubkey().data)


class EstateChain:
    """The chain as the estate's node knows it: blocks of the network's feed, and the payouts of one operator."""

    network = "main"

    def __init__(self, payouts: Payouts, operator: str, clock: Callable[[], float]) -> None:
        self.payouts, self.operator, self.clock = payouts, operator, clock

    def height(self) -> int:
        return bitcoin.height_at(self.clock())

    def hash_at(self, height: int) -> str:
        return network_feed.block_hash(height) if height else GENESIS

    def coins(self) -> Sequence[ChainCoin]:
        """Each in the block after it was sent."""
        tip = self.height()
        found = []
        for payout in self.payouts.of(self.operator, self.clock()):
            height = bitcoin.height_at(payout.paid_at) + 1
            settled = height if height <= tip else None
            found.append(ChainCoin(payout.txid, 0, payout.arrives_sat, settled, script_at(payout.number)))
        return found
