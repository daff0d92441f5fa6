"""Whether the wallets held at the end of a month what the books say: by the chain at a block, or by a custodian."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from treasury.books import queries
from treasury.closing.month_price import NEAR
from treasury.earnings.span import Month
from treasury.models import CustodianStatement, ReconciliationBreak, WalletReading


@dataclass(frozen=True)
class Told:
    """What was said of a wallet last, within the last day of the month. height None: by a custodian."""

    name: str
    sat: int
    at: datetime
    height: int | None


@dataclass(frozen=True)
class Held:
    """wallets: by the books, with coins at the end.   agree, off: those of which something was said.   breaks: open."""

    wallets: tuple[str, ...]
    agree: tuple[str, ...]
    off: tuple[str, ...]
    height: int | None
    breaks: int

    @property
    def is_ok(self) -> bool:
        return set(self.agree) == set(self.wallets) and not self.off and not self.breaks

    @property
    def words(self) -> str:
        at = f" at height {self.height:,}" if self.height else ""
        told = f"{len(self.agree)} of {len(self.wallets)} wallets agree with the chain{at} or their custodian"
        told += f"; off: {', '.join(self.off)}" if self.off else ""
        silent = [name for name in self.wallets if name not in {*self.agree, *self.off}]
        told += f"; nothing was said of {', '.join(silent[:5])}" if silent else ""
        return told + (f"; {self.breaks} breaks are open" if self.breaks else "")


def held(span: Month) -> Held:
    coins = queries.coins(span.end_at, before=True)
    names = tuple(sorted(name for name, sat in coins.wallets_sat.items() if sat))
    said = {one.name: one for one in told(span)}
    agree = tuple(name for name in sorted(said) if is_booked(said[name]))
    return Held(
        wallets=names,
        agree=tuple(name for name in agree if name in names),
        off=tuple(name for name in sorted(said) if name not in agree),
        height=max((one.height for one in said.values() if one.height is not None), default=None),
        breaks=ReconciliationBreak.objects.filter(
            state=ReconciliationBreak.State.OPEN, first_seen_at__lt=span.end_at
        ).count(),
    )


def is_booked(one: Told) -> bool:
    return queries.coins(one.at).wallets_sat.get(one.name, 0) == one.sat


def told(span: Month) -> Iterator[Told]:
    """Of each wallet the newest word; a block that left the chain says nothing."""
    since = span.end_at - NEAR
    readings = WalletReading.objects.filter(orphaned_at=None, observed_at__gte=since, observed_at__lt=span.end_at)
    for row in readings.select_related("wallet").order_by("wallet_id", "-observed_at").distinct("wallet_id"):
        yield Told(row.wallet.name, row.total_sat, row.observed_at, row.height)
    statements = CustodianStatement.objects.filter(at__gte=since, at__lte=span.end_at)
    for statement in statements.select_related("wallet").order_by("wallet_id", "-at").distinct("wallet_id"):
        yield Told(statement.wallet.name, statement.sat, statement.at, None)
