"""How each wallet stands: what the chain or its custodian says, at which block and when, and what the books say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from treasury.books import queries
from treasury.models import CustodianStatement, Wallet, WalletReading, WalletWatch
from treasury.production import breaks
from treasury.production.breaks import Found

FRESH_FOR: Final = timedelta(minutes=30)
STATEMENT_FRESH_FOR: Final = timedelta(days=35)
LEDGER: Final = "wallet_ledger"
SOURCES: Final = "wallet_sources"
KINDS: Final = (LEDGER, SOURCES)


@dataclass(frozen=True)
class Standing:
    """A wallet now. readings: the newest that stands, by each source, the first source's first.   said_sat None: nobody
    said it yet.   ledger_sat: of the books at the instant at which it was said."""

    wallet: Wallet
    readings: tuple[WalletReading, ...]
    statement: CustodianStatement | None
    said_sat: int | None
    said_at: datetime | None
    ledger_sat: int
    state: str
    words: str
    orphaned: tuple[WalletReading, ...] = ()

    @property
    def off_sat(self) -> int | None:
        """What is there less what the books say."""
        return None if self.said_sat is None else self.said_sat - self.ledger_sat

    @property
    def reading(self) -> WalletReading | None:
        return self.readings[0] if self.readings else None

    @property
    def moved_sat(self) -> int | None:
        """What a reorganisation changed: this reading less the one whose block left the chain."""
        if self.reading is None or self.reading.replaces is None:
            return None
        return self.reading.total_sat - self.reading.replaces.total_sat


def standings(now: datetime, names: Sequence[str] = ()) -> list[Standing]:
    """Every wallet that is not retired. names: of the sources, in the order of the settings."""
    return [standing(wallet, now, names) for wallet in Wallet.objects.filter(retired_at=None)]


def standing(wallet: Wallet, now: datetime, names: Sequence[str] = ()) -> Standing:
    if wallet.kind == Wallet.Kind.CUSTODIAN:
        return by_statement(wallet, now)
    rows = WalletReading.objects.filter(wallet=wallet).select_related("replaces").order_by("source", "-observed_at")
    newest = rows.filter(orphaned_at=None).distinct("source")
    order = {name: number for number, name in enumerate(names)}
    readings = tuple(sorted(newest, key=lambda row: (order.get(row.source, len(order)), row.source)))
    said = readings[0] if readings else None
    state, words = verdict(wallet, readings, now)
    return Standing(
        wallet=wallet, readings=readings, statement=None, said_sat=said.total_sat if said else None,
        said_at=said.observed_at if said else None, ledger_sat=ledger_sat(wallet, said.observed_at if said else now),
        state=state, words=words, orphaned=orphaned(wallet),
    )  # fmt: skip


def orphaned(wallet: Wallet) -> tuple[WalletReading, ...]:
    return tuple(WalletReading.objects.filter(wallet=wallet, orphaned_at__isnull=False).order_by("-orphaned_at")[:3])


def by_statement(wallet: Wallet, now: datetime) -> Standing:
    said = CustodianStatement.objects.filter(wallet=wallet).order_by("-at").first()
    if said is None:
        state, words = "unknown", "no statement was sent in yet"
    elif now - said.at > STATEMENT_FRESH_FOR:
        state, words = "stale", f"the last statement is of {said.at:%Y-%m-%d}"
    else:
        state, words = "ok", f"statement of {said.at:%Y-%m-%d %H:%M} UTC"
    return Standing(
        wallet=wallet, readings=(), statement=said, said_sat=said.sat if said else None,
        said_at=said.at if said else None, ledger_sat=ledger_sat(wallet, said.at if said else now), state=state,
        words=words,
    )  # fmt: skip


def ledger_sat(wallet: Wallet, at: datetime) -> int:
    return queries.coins(at).wallets_sat.get(wallet.name, 0)


def verdict(wallet: Wallet, readings: Sequence[WalletReading], now: datetime) -> tuple[str, str]:
    failing = WalletWatch.objects.filter(wallet=wallet).exclude(failing_since=None).first()
    if not readings:
        return "unknown", failing.failing_reason if failing else "it was not read yet"
    if now - readings[0].observed_at > FRESH_FOR:
        return "stale", failing.failing_reason if failing else "it was not read for a while"
    if differ(readings):
        return "critical", "two sources tell different balances of one block"
    if failing:
        return "warning", f"{failing.source}: {failing.failing_reason}"
    return "ok", f"block {readings[0].height}"


def differ(readings: Sequence[WalletReading]) -> bool:
    """Whether two sources tell one block otherwise."""
    told: dict[str, set[int]] = {}
    for row in readings:
        told.setdefault(row.block_hash, set()).add(row.total_sat)
    return any(len(totals) > 1 for totals in told.values())


def reconcile(now: datetime, names: Sequence[str] = ()) -> int:
    """Looks for breaks between wallets and books, and between sources, and keeps them; how many there are."""
    found = []
    for one in standings(now, names):
        if one.off_sat:
            words = f"{one.wallet}: {one.said_sat} sat are there, {one.ledger_sat} sat in the books"
            found.append(Found(LEDGER, one.wallet.name, one.off_sat, words))
        if differ(one.readings):
            off = one.readings[-1].total_sat - one.readings[0].total_sat
            words = f"{one.wallet}: {one.readings[0].source} and {one.readings[-1].source} tell a block otherwise"
            found.append(Found(SOURCES, one.wallet.name, off, words))
    breaks.note(KINDS, found, now)
    return len(found)


def said_at(wallet: Wallet, at: datetime) -> WalletReading | CustodianStatement | None:
    """The last word on a wallet at or before an instant, such as the end of a month."""
    if wallet.kind == Wallet.Kind.CUSTODIAN:
        return CustodianStatement.objects.filter(wallet=wallet, at__lte=at).order_by("-at").first()
    rows = WalletReading.objects.filter(wallet=wallet, observed_at__lte=at, orphaned_at=None)
    return rows.order_by("-observed_at", "source").first()
