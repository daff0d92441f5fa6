"""How each wallet stands: what the chain or its custodian says, at which block and when, and what the books say."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
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
MOST_ORPHANED: Final = 3


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
    said = gather(names)
    return [standing(wallet, said, now) for wallet in Wallet.objects.filter(retired_at=None)]


@dataclass
class Said:
    """What is known of all wallets, by wallet. booked: what the books say at an instant, found once for each."""

    readings: dict[int, list[WalletReading]]
    orphaned: dict[int, list[WalletReading]]
    failing: dict[int, WalletWatch]
    statements: dict[int, CustodianStatement]
    booked: dict[datetime, dict[str, int]] = field(default_factory=dict)

    def ledger_sat(self, wallet: Wallet, at: datetime) -> int:
        if at not in self.booked:
            self.booked[at] = queries.coins(at).wallets_sat
        return self.booked[at].get(wallet.name, 0)


def gather(names: Sequence[str]) -> Said:
    """In four queries, however many wallets there are."""
    order = {name: number for number, name in enumerate(names)}
    rows = WalletReading.objects.select_related("wallet", "replaces")
    newest = (
        rows.filter(orphaned_at=None).order_by("wallet_id", "source", "-observed_at").distinct("wallet_id", "source")
    )
    gone = rows.filter(orphaned_at__isnull=False).order_by("wallet_id", "-orphaned_at")
    watches = WalletWatch.objects.exclude(failing_since=None).order_by("source")
    statements = CustodianStatement.objects.order_by("wallet_id", "-at").distinct("wallet_id")
    said = Said(defaultdict(list), defaultdict(list), {}, {row.wallet_id: row for row in statements})
    for row in sorted(newest, key=lambda one: (order.get(one.source, len(order)), one.source)):
        said.readings[row.wallet_id].append(row)
    for row in gone:
        said.orphaned[row.wallet_id].append(row)
    for watch in watches:
        said.failing.setdefault(watch.wallet_id, watch)
    return said


def standing(wallet: Wallet, said: Said, now: datetime) -> Standing:
    if wallet.kind == Wallet.Kind.CUSTODIAN:
        return by_statement(wallet, said, now)
    readings = tuple(said.readings.get(wallet.pk, ()))
    first = readings[0] if readings else None
    state, words = verdict(readings, said.failing.get(wallet.pk), now)
    return Standing(
        wallet=wallet, readings=readings, statement=None, said_sat=first.total_sat if first else None,
        said_at=first.observed_at if first else None,
        ledger_sat=said.ledger_sat(wallet, first.observed_at if first else now), state=state, words=words,
        orphaned=tuple(said.orphaned.get(wallet.pk, ())[:MOST_ORPHANED]),
    )  # fmt: skip


def by_statement(wallet: Wallet, said: Said, now: datetime) -> Standing:
    row = said.statements.get(wallet.pk)
    if row is None:
        state, words = "unknown", "no statement was sent in yet"
    elif now - row.at > STATEMENT_FRESH_FOR:
        state, words = "stale", f"the last statement is of {row.at:%Y-%m-%d}"
    else:
        state, words = "ok", f"statement of {row.at:%Y-%m-%d %H:%M} UTC"
    return Standing(
        wallet=wallet, readings=(), statement=row, said_sat=row.sat if row else None, said_at=row.at if row else None,
        ledger_sat=said.ledger_sat(wallet, row.at if row else now), state=state, words=words,
    )  # fmt: skip


def verdict(readings: Sequence[WalletReading], failing: WalletWatch | None, now: datetime) -> tuple[str, str]:
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
            words = f"{one.wallet}: {one.said_sat:,} sat are there, {one.ledger_sat:,} sat in the books"
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
