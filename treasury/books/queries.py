"""What the books say: balances at any instant, open lots, gains with their lots, the roll-forward of a period.

A balance is the turnovers of the months and days before it and the postings of its own day, so it costs the same at
any date.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from cango_ops.base.models import User
from treasury.ledger.facts import Origin
from treasury.ledger.journal import BTC, BURNT, CAME_FROM, COST, GAIN, LOAN, PROCEEDS, SOLD, USD, WALLET, cost_account
from treasury.ledger.rollforward import Rollforward
from treasury.models import JournalEntry, LotUse, OpenLot, PriceMark
from treasury.models.journal import may_see
from treasury.money import usd_of


class Balance(NamedTuple):
    """What an account holds in one currency: satoshis of BTC, or dollars and cents of any other."""

    code: str
    currency: str
    sat: int
    amount: Decimal


BALANCES = """
SELECT code, currency, sum(amount_sat)::bigint, sum(amount) FROM (
    SELECT account_id, currency, amount_sat, amount FROM treasury_monthturnover
    WHERE month < %(month)s AND account_id = ANY(%(accounts)s)
    UNION ALL
    SELECT account_id, currency, amount_sat, amount FROM treasury_dayturnover
    WHERE day >= %(month)s AND day < %(day)s AND account_id = ANY(%(accounts)s)
    UNION ALL
    SELECT account_id, currency, coalesce(amount_sat, 0), coalesce(amount, 0) FROM treasury_posting
    WHERE account_id = ANY(%(accounts)s) AND at >= %(midnight)s AND at {until} %(at)s
) AS moved JOIN treasury_account ON treasury_account.id = account_id
GROUP BY code, currency ORDER BY code, currency
"""
WITH = BALANCES.format(until="<=")
WITHOUT = BALANCES.format(until="<")


def balances(at: datetime, prefix: str = "", before: bool = False) -> list[Balance]:
    """Every account whose code begins so, at an instant, postings of that very instant included unless `before`."""
    at = at.astimezone(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM treasury_account WHERE starts_with(code, %s)", [prefix])
        accounts = [row[0] for row in cursor.fetchall()]
        midnight = datetime.combine(at.date(), time(), UTC)
        month = at.date().replace(day=1)
        cursor.execute(
            WITHOUT if before else WITH,
            {"month": month, "day": at.date(), "accounts": accounts, "midnight": midnight, "at": at},
        )
        return [Balance(*row) for row in cursor.fetchall()]


class Coins(NamedTuple):
    """Satoshis by wallet and by loan."""

    wallets_sat: dict[str, int]
    pledged_sat: dict[str, int]

    @property
    def free_sat(self) -> int:
        return sum(self.wallets_sat.values())

    @property
    def held_sat(self) -> int:
        return self.free_sat + sum(self.pledged_sat.values())


def coins(at: datetime, before: bool = False) -> Coins:
    """What lay where at an instant."""
    rows = [row for row in balances(at, "Assets:Bitcoin:", before) if row.currency == BTC]
    wallets = {row.code.removeprefix(f"{WALLET}:"): row.sat for row in rows if row.code.startswith(f"{WALLET}:")}
    loans = {row.code.removeprefix(f"{LOAN}:"): row.sat for row in rows if row.code.startswith(f"{LOAN}:")}
    return Coins(wallets, loans)


class Quantities(NamedTuple):
    """opening + additions - sold - burnt = closing, in satoshis. opened: stock that the books began with."""

    opening_sat: int
    opened_sat: int
    mined_sat: int
    bought_sat: int
    sold_sat: int
    burnt_sat: int
    closing_sat: int

    @property
    def ties(self) -> bool:
        came = self.opening_sat + self.opened_sat + self.mined_sat + self.bought_sat
        return came - self.sold_sat - self.burnt_sat == self.closing_sat


@dataclass(frozen=True)
class Period:
    """The roll-forward of a period in satoshis and at fair value. missing: the prices that were not there."""

    quantities: Quantities
    fair_value: Rollforward | None
    realised_gain_usd: Decimal
    missing: list[str]


def rollforward(start_at: datetime, end_at: datetime, source: str) -> Period:
    """From one instant up to another, the latter not included. source: whose prices; the principal market's."""
    opening, closing = Book.at(start_at), Book.at(end_at)
    quantities = quantities_between(opening, closing)
    prices = {at: price_at(at, source) for at in (start_at, end_at)}
    missing = [f"no price of {source} at {at:%Y-%m-%d %H:%M} UTC" for at, price in prices.items() if price is None]
    opening_price, closing_price = prices[start_at], prices[end_at]
    opening_value = Decimal("0.00") if not quantities.opening_sat else None
    if opening_price is not None:
        opening_value = usd_of(quantities.opening_sat, opening_price)
    fair_value = None
    if opening_value is not None:
        fair_value = Rollforward(
            opening_fair_value_usd=opening_value,
            additions_usd=additions(opening, closing),
            dispositions_usd=opening.usd(PROCEEDS) - closing.usd(PROCEEDS),
            cost_basis_usd=closing.usd_under(COST),
            closing_fair_value_usd=None if closing_price is None else usd_of(quantities.closing_sat, closing_price),
        )
    return Period(quantities, fair_value, opening.usd(GAIN) - closing.usd(GAIN), missing)


class Book(NamedTuple):
    """Every balance before an instant, by account and currency."""

    rows: dict[tuple[str, str], Balance]

    @classmethod
    def at(cls, at: datetime) -> "Book":
        return cls({(row.code, row.currency): row for row in balances(at, before=True)})

    def sat(self, code: str) -> int:
        row = self.rows.get((code, BTC))
        return row.sat if row else 0

    def usd(self, code: str) -> Decimal:
        row = self.rows.get((code, USD))
        return row.amount if row else Decimal("0.00")

    def usd_under(self, prefix: str) -> Decimal:
        found = (
            row.amount for (code, currency), row in self.rows.items() if currency == USD and code.startswith(prefix)
        )
        return sum(found, Decimal("0.00"))

    def held_sat(self) -> int:
        return sum(row.sat for (code, _), row in self.rows.items() if code.startswith("Assets:Bitcoin:"))


def quantities_between(opening: Book, closing: Book) -> Quantities:
    came = {origin: opening.sat(code) - closing.sat(code) for origin, (code, _) in CAME_FROM.items()}
    return Quantities(
        opening_sat=opening.held_sat(),
        opened_sat=came[Origin.OPENING],
        mined_sat=came[Origin.MINED],
        bought_sat=came[Origin.BOUGHT],
        sold_sat=closing.sat(SOLD) - opening.sat(SOLD),
        burnt_sat=closing.sat(BURNT) - opening.sat(BURNT),
        closing_sat=closing.held_sat(),
    )


def additions(opening: Book, closing: Book) -> Decimal:
    """Mined and bought, and the stock that the books began with in this period."""
    codes = [cost_account(origin) for origin in Origin]
    return sum((closing.usd(code) - opening.usd(code) for code in codes), Decimal("0.00"))


def price_at(at: datetime, source: str, within: timedelta = timedelta(days=1)) -> Decimal | None:
    """The last price of the source at or before the instant; None where it is older than `within`, or there is none."""
    mark = PriceMark.objects.filter(source=source, at__lte=at, at__gte=at - within).order_by("-at").first()
    return mark.price_usd if mark else None


class Opened(NamedTuple):
    """Sums over what is left of all lots."""

    lots: int
    sat: int
    cost_usd: Decimal


def open_lots_total() -> Opened:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(left_sat), 0)::bigint, coalesce(sum(left_cost_usd), 0) FROM treasury_openlot"
        )
        return Opened(*cursor.fetchone())


def open_lots(user: User, limit: int = 1000) -> list[OpenLot]:
    """The oldest open lots, for those who may see the books."""
    return list(OpenLot.objects.order_by("at", "seq", "source_id")[:limit]) if may_see(user) else []


class Taken(NamedTuple):
    """What a disposal took of a lot; lot None: of the pool."""

    lot: str | None
    lot_at: datetime | None
    sat: int
    basis_usd: Decimal


def gain_of(source: str) -> list[Taken]:
    """The lots behind a disposal as it is costed now, with their share of its cost."""
    rows = LotUse.objects.filter(
        disposal__source_id=source, costing__reverses=None, costing__reversed_by=None
    ).order_by("place")
    return [Taken(*row) for row in rows.values_list("lot__code", "lot__at", "sat", "basis_usd")]


def all_between(start_at: datetime, end_at: datetime) -> list[JournalEntry]:
    """Entries in order, with their postings and accounts: for commands, which answer to whoever runs them."""
    rows = JournalEntry.objects.filter(at__gte=start_at, at__lt=end_at)
    return list(rows.prefetch_related("postings__account").order_by("at", "seq", "source_id", "id"))


def entries_between(user: User, start_at: datetime, end_at: datetime) -> list[JournalEntry]:
    """The same for those who may see the books; nothing for others."""
    return all_between(start_at, end_at) if may_see(user) else []
