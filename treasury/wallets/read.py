"""Reads the watched wallets off the chain, each by every source, and keeps what was said with its block.

A block that left the chain takes its reading with it: the reading is marked, the wallet is read again at once, and the
new reading names the one that it replaces. The first source alone says which outputs came and went.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max

from cango_ops.base import clock, leases
from cango_ops.base.jobs import Job
from cango_ops.base.models import Lease
from cango_ops.wire import NoAnswer
from treasury.chain.descriptors import parse
from treasury.chain.outputs import Output, split
from treasury.chain.watching import Block, Coin, Told, Wanted
from treasury.models import Wallet, WalletOutput, WalletReading, WalletWatch
from treasury.wallets.sources import Source

EVERY: Final = timedelta(minutes=10)
AFTER_FAILURE: Final = timedelta(minutes=2)
# Readings whose blocks are looked up again: a reorganisation is deeper than this once in many years.
LOOKED_UP: Final = 6


@dataclass(frozen=True)
class Kept:
    """What came of a reading: wallets, and readings that were orphaned."""

    wallets: int
    orphaned: int


def read_due(sources: Sequence[Source], lease: Lease, job: Job) -> None:
    """Reads what is due. A source that cannot be read fails the job in words; the others go on."""
    failed = []
    for number, source in enumerate(sources):
        for network in Wallet.Network.values:
            try:
                kept = read(source, network, lease, is_first=number == 0)
            except NoAnswer as why:
                failed.append(f"{source.name}: {why}")
            else:
                job.count(read=kept.wallets, orphaned=kept.orphaned)
    if failed:
        job.fail("; ".join(failed)[:400])


def read(source: Source, network: str, lease: Lease, *, is_first: bool = True) -> Kept:
    """Reads the wallets of a network that are due. Raises NoAnswer, which is kept with each of them."""
    now = clock.now()
    wallets = due(source, network, now)
    if not wallets:
        return Kept(0, 0)
    earlier = recent(source, wallets)
    known = {Block(row.height, row.block_hash) for rows in earlier.values() for row in rows}
    try:
        told = source.read([wanted(wallet) for wallet in wallets], known)
    except NoAnswer as why:
        failed(source, wallets, now, str(why))
        raise
    with transaction.atomic():
        leases.hold(lease)
        return keep(source, wallets, earlier, told, is_first)


def due(source: Source, network: str, now: datetime) -> list[Wallet]:
    wallets = Wallet.objects.filter(kind=Wallet.Kind.WATCHED, retired_at=None, network=network)
    waiting = WalletWatch.objects.filter(source=source.name, next_at__gt=now)
    return list(wallets.exclude(pk__in=waiting.values("wallet")))


def recent(source: Source, wallets: Iterable[Wallet]) -> dict[int, list[WalletReading]]:
    """The newest readings of each wallet that still stand, the newest first."""
    found = {}
    for wallet in wallets:
        rows = WalletReading.objects.filter(wallet=wallet, source=source.name, orphaned_at=None)
        found[wallet.pk] = list(rows.order_by("-observed_at")[:LOOKED_UP])
    return found


def wanted(wallet: Wallet) -> Wanted:
    rows = WalletOutput.objects.filter(wallet=wallet).values("branch").annotate(last=Max("number"))
    used = {row["branch"]: row["last"] for row in rows}
    return Wanted(wallet.pk, parse(wallet.descriptor), wallet.gap_limit, used)


def failed(source: Source, wallets: Iterable[Wallet], now: datetime, why: str) -> None:
    for wallet in wallets:
        WalletWatch.objects.get_or_create(wallet=wallet, source=source.name)
        mine = WalletWatch.objects.filter(wallet=wallet, source=source.name)
        mine.filter(failing_since=None).update(failing_since=now)
        mine.update(failing_reason=why[:300], next_at=now + AFTER_FAILURE)


def keep(
    source: Source, wallets: Sequence[Wallet], earlier: dict[int, list[WalletReading]], told: Told, is_first: bool
) -> Kept:
    """Writes the readings of all wallets. Whoever calls holds the lease and the transaction."""
    now, orphaned = clock.now(), 0
    coins: dict[int, list[Coin]] = defaultdict(list)
    for coin in told.coins:
        coins[coin.place.wallet].append(coin)
    for wallet in wallets:
        gone = [row for row in earlier[wallet.pk] if Block(row.height, row.block_hash) in told.gone]
        WalletReading.objects.filter(pk__in=[row.pk for row in gone]).update(orphaned_at=now)
        orphaned += len(gone)
        write(source, wallet, told.tip, coins[wallet.pk], gone[0] if gone else None, now)
        if is_first:
            keep_outputs(wallet, coins[wallet.pk], now)
        WalletWatch.objects.update_or_create(
            wallet=wallet, source=source.name,
            defaults={"next_at": now + EVERY, "failing_since": None, "failing_reason": ""},
        )  # fmt: skip
    return Kept(len(wallets), orphaned)


def write(
    source: Source, wallet: Wallet, tip: Block, coins: Sequence[Coin], replaced: WalletReading | None, now: datetime
) -> None:
    outputs = [Output(coin.sat, coin.height, coin.is_coinbase) for coin in coins]
    parts = split(outputs, tip.height, wallet.min_confirmations)
    WalletReading.objects.create(
        wallet=wallet, source=source.name, observed_at=now, height=tip.height, block_hash=tip.hash,
        outputs=len(outputs), replaces=replaced, **parts._asdict(),
    )  # fmt: skip


def keep_outputs(wallet: Wallet, coins: Sequence[Coin], now: datetime) -> None:
    """What is new is added, what is missed is gone since now, what is back is there again."""
    rows = [
        WalletOutput(
            wallet=wallet, txid=coin.txid, vout=coin.vout, sat=coin.sat, branch=coin.place.branch,
            number=coin.place.number, height=coin.height, is_coinbase=coin.is_coinbase, first_seen_at=now,
        )
        for coin in coins
    ]  # fmt: skip
    WalletOutput.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("wallet", "txid", "vout"), update_fields=("height", "gone_at"),
        batch_size=1000,
    )  # fmt: skip
    there = {(coin.txid, coin.vout) for coin in coins}
    standing = WalletOutput.objects.filter(wallet=wallet, gone_at=None).values_list("pk", "txid", "vout")
    missed = [pk for pk, txid, vout in standing if (txid, vout) not in there]
    WalletOutput.objects.filter(pk__in=missed).update(gone_at=now)
