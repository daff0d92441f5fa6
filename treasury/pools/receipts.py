"""Which payouts of pools arrived in the wallets: each receipt answers for one payment, each payment for its receipts.

A payout whose key is a transaction is sought there alone; one transaction may pay several accounts. A payout under the
pool's own number is sought by its exact amount among what is left, the earliest first. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

# A wallet may see a payment before the pool's clock says that it was sent.
EARLY: Final = timedelta(hours=2)
HEX: Final = frozenset("0123456789abcdef")


class Due(NamedTuple):
    """A payout. key: a transaction, or the pool's own number."""

    ref: str
    key: str
    sat: int
    paid_at: datetime


class Arrived(NamedTuple):
    """An output of the chain that pays a wallet. seen_at: not before it was there, however much later."""

    txid: str
    vout: int
    sat: int
    seen_at: datetime

    @property
    def name(self) -> str:
        return f"{self.txid}:{self.vout}"


class Differs(NamedTuple):
    """A transaction that brought another amount than its payouts say. off_sat: what came less what was due."""

    txid: str
    off_sat: int
    refs: tuple[str, ...]


@dataclass
class Matched:
    """arrived: payouts that came, each with its receipts by name.   missing: payouts that did not.   unknown: receipts
    that answer for no payout."""

    arrived: dict[str, tuple[str, ...]] = field(default_factory=dict)
    differs: list[Differs] = field(default_factory=list)
    missing: list[Due] = field(default_factory=list)
    unknown: list[Arrived] = field(default_factory=list)


def is_txid(key: str) -> bool:
    return len(key) == 64 and HEX.issuperset(key.lower())


def match(payouts: Iterable[Due], receipts: Iterable[Arrived]) -> Matched:
    """The same answer in whatever order they are given."""
    found = Matched()
    by_txid: dict[str, list[Arrived]] = defaultdict(list)
    for receipt in sorted(set(receipts)):
        by_txid[receipt.txid].append(receipt)
    numbered, named = [], defaultdict(list)
    for payout in sorted(set(payouts)):
        if is_txid(payout.key) or payout.key in by_txid:
            named[payout.key.lower()].append(payout)
        else:
            numbered.append(payout)
    _by_transaction(found, named, by_txid)
    left = [receipt for txid, rows in by_txid.items() if txid not in named for receipt in rows]
    _by_amount(found, numbered, left)
    return found


def _by_transaction(
    found: Matched, named: Mapping[str, Sequence[Due]], by_txid: Mapping[str, Sequence[Arrived]]
) -> None:
    for txid, payouts in sorted(named.items()):
        receipts = by_txid.get(txid, [])
        off = sum(receipt.sat for receipt in receipts) - sum(payout.sat for payout in payouts)
        if not receipts:
            found.missing += payouts
        elif off:
            found.differs.append(Differs(txid, off, tuple(payout.ref for payout in payouts)))
        else:
            names = tuple(receipt.name for receipt in receipts)
            found.arrived |= {payout.ref: names for payout in payouts}


def _by_amount(found: Matched, payouts: Sequence[Due], receipts: Sequence[Arrived]) -> None:
    """Receipts in order of time, each for the oldest payout of its amount that was sent before it."""
    waiting: dict[int, list[Due]] = defaultdict(list)
    for payout in sorted(payouts, key=lambda one: (one.paid_at, one.ref)):
        waiting[payout.sat].append(payout)
    for receipt in sorted(receipts, key=lambda one: (one.seen_at, one.txid, one.vout)):
        queue = waiting[receipt.sat]
        if queue and queue[0].paid_at - EARLY <= receipt.seen_at:
            found.arrived[queue.pop(0).ref] = (receipt.name,)
        else:
            found.unknown.append(receipt)
    found.missing += sorted(payout for queue in waiting.values() for payout in queue)
