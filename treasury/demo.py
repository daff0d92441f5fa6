"""Books for a new installation to look at: a year of coins mined, moved to cold wallets, some sold, two loans.

The months' production is what Cango published for February 2025 to January 2026; days, wallets, prices and loans are
made up. Everything is told by ids that begin with "demo/", so that telling it twice changes nothing.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from treasury.books.post import post
from treasury.ledger.facts import Acquired, Fact, Moved, Origin, Place, Sold
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.models import JournalEntry, Loan, Wallet
from treasury.money import usd_of

SAT: Final = 100_000_000
MINED_BTC: Final = (
    Decimal("472.7"), Decimal("530.1"), Decimal("470.0"), Decimal("484.5"), Decimal("450.0"), Decimal("650.5"),
    Decimal("663.7"), Decimal("616.6"), Decimal("602.6"), Decimal("546.7"), Decimal("569.0"), Decimal("496.35"),
)  # fmt: skip
OPENING_BTC: Final = 934
DAYS: Final = 360
PAID_INTO: Final = "pool-payouts"
COLD: Final = ("cold-1", "cold-2", "cold-3")
# Code, coins, dollars: one far from its call, one nearer.
LOANS: Final = (("ANT-1", 2200, "98000000.00"), ("ANT-2", 900, "54000000.00"))


def seed(today: date, price_usd: Decimal) -> int:
    """The number of entries there are then; installations that have books of their own are left alone."""
    if JournalEntry.objects.exclude(source_id__contains="demo/").filter(kind__in=list(Origin)).exists():
        return JournalEntry.objects.count()
    if not JournalEntry.objects.exists():
        post(facts(today, price_usd), "demo")
        for code, coins, usd in LOANS:
            lend(code, coins, Decimal(usd), today - timedelta(days=120))
    return JournalEntry.objects.count()


def watch(descriptor: str) -> bool:
    """Watches the wallet into which the estate's pool pays, where no wallet is watched yet."""
    if Wallet.objects.exists():
        return False
    Wallet.objects.create(name=PAID_INTO, kind=Wallet.Kind.WATCHED, descriptor=descriptor, added_by="demo")
    return True


def facts(today: date, price_usd: Decimal) -> Iterator[Fact]:
    """What happened on each of the days before today, the last one yesterday."""
    first = today - timedelta(days=DAYS)
    yield acquired(first, "opening", Origin.OPENING, OPENING_BTC * SAT, price_usd * Decimal("0.8"), "cold-1")
    for number in range(DAYS):
        day = first + timedelta(days=number)
        price = (price_usd * (Decimal("0.8") + Decimal(number) / (5 * DAYS))).quantize(Decimal("0.01"))
        sat = int(MINED_BTC[number // 30] * SAT) // 30
        yield acquired(day, "mined", Origin.MINED, sat, price, "pool-hot")
        if number % 7 == 6:
            wallets = Place("wallet", "pool-hot"), Place("wallet", COLD[number // 7 % len(COLD)])
            yield Moved(at(day, 12), 0, f"demo/{day}/transfer", *wallets, 6 * sat, 4200, price)
        if number % 90 == 80:
            yield Sold(at(day, 15), 0, f"demo/{day}/sale", "cold-1", 120 * SAT, price, Decimal("1850.00"))


def acquired(day: date, word: str, origin: Origin, sat: int, price: Decimal, wallet: str) -> Fact:
    source = f"demo/{day}/{word}"
    return Acquired(at(day, 0), 0, source, origin, wallet, f"{day}", sat, usd_of(sat, price), price)


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def lend(code: str, coins: int, usd: Decimal, on: date) -> None:
    loan = Loan.objects.create(
        code=code, lender="Antalpha Digital", rate=Decimal("0.065"), day_count="ACT/360", interest="paid_monthly",
        initial_ltv=Decimal("0.70"), margin_ltv=Decimal("0.80"), liquidation_ltv=Decimal("0.90"),
    )  # fmt: skip
    for seq, wallet in enumerate(COLD):
        share = coins * SAT // len(COLD)
        pledge = Happening(f"demo/{code}/pledge/{wallet}", Kind.PLEDGE, on, seq, sat=share, wallet=wallet)
        happen(loan, pledge, "demo")
    happen(loan, Happening(f"demo/{code}/draw", Kind.DRAW, on, len(COLD), usd=usd), "demo")
