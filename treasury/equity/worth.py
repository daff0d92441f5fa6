"""What the company is worth by its bitcoin and by the market, on a day: NAV, the three mNAVs, sats a share, the yield.

Every input names its source; what is not known is None with the reason, and so is each figure that needs it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from treasury.books import queries
from treasury.ledger.journal import CASH, USD
from treasury.loans.position import Position, position
from treasury.models import BalanceAmount, DilutiveRight, ShareChange, SharePrice
from treasury.value.btc_yield import BtcYield, Stake, btc_yield
from treasury.value.nav import Holdings, Nav, nav
from treasury.value.shares import Right, RightKind, assumed_diluted, by_class, capital

ZERO: Final = Decimal("0.00")
# A closing price older than this is not the market's word any more: a long weekend and a day.
PRICE_FOR: Final = timedelta(days=5)
LABELS: Final = {
    RightKind.OPTION: "Options", RightKind.RSU: "RSUs", RightKind.WARRANT: "Warrants",
    RightKind.CONVERTIBLE: "Convertible notes",
}  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """One input. usd None: not known.   words: where it is from, or why it is not known."""

    name: str
    usd: Decimal | None
    words: str


@dataclass(frozen=True)
class Dilution:
    """A right with what it adds. adds None: the share price is not known."""

    right: Right
    adds: Fraction | None
    assumed: Fraction

    @property
    def label(self) -> str:
        return LABELS[self.right.kind]

    @property
    def price_usd(self) -> Decimal:
        """Strike or conversion price; nothing for units."""
        is_note = self.right.kind is RightKind.CONVERTIBLE
        return self.right.conversion_price_usd if is_note else self.right.strike_usd

    @property
    def words(self) -> str:
        if self.adds is None:
            return "the share price is not known"
        return "in the money" if self.adds else "out of the money"


@dataclass(frozen=True)
class Worth:
    """nav None: the price of a bitcoin or the shares are not known; reasons say what is missing.

    of_year: the yield since the year began.   debt_usd: loans on bitcoin and other debt.
    """

    as_of: datetime
    position: Position
    shares: dict[str, int]
    share_price: Amount
    amounts: tuple[Amount, ...]
    rights: tuple[Dilution, ...]
    nav: Nav | None
    of_year: BtcYield
    year_on: date
    reasons: tuple[str, ...]

    @property
    def basic(self) -> int:
        return sum(self.shares.values())


def worth(now: datetime) -> Worth:
    """How it stands now."""
    standing, today = position(now), now.date()
    changes = [row.change for row in ShareChange.objects.all()]
    shares, rights = by_class(changes, today), rights_on(today)
    share_price, amounts = share_price_on(today), amounts_on(now, standing)
    year_on = today.replace(month=1, day=1)
    opening = queries.coins(datetime.combine(year_on, time(), UTC), before=True).held_sat
    before = year_on - timedelta(days=1)
    first = assumed_diluted(sum(by_class(changes, before).values()), rights_on(before))
    basic = sum(shares.values())
    reasons = [amount.words for amount in (share_price, *amounts) if amount.usd is None]
    reasons += [] if basic else ["no shares are written down"]
    reasons += [] if standing.quote.price_usd is not None else [f"bitcoin: {standing.quote.words}"]
    return Worth(
        as_of=now,
        position=standing,
        shares=shares,
        share_price=share_price,
        amounts=amounts,
        rights=tuple(Dilution(right, right.dilutes(share_price.usd), right.assumed) for right in rights),
        nav=nav_of(standing, basic, rights, share_price.usd, amounts),
        of_year=btc_yield(Stake(opening, first), Stake(standing.held_sat, assumed_diluted(basic, rights))),
        year_on=year_on,
        reasons=tuple(reasons),
    )


def nav_of(
    standing: Position, basic: int, rights: list[Right], share_price_usd: Decimal | None, amounts: tuple[Amount, ...]
) -> Nav | None:
    if standing.quote.price_usd is None or not basic:
        return None
    usd = {amount.name: amount.usd or ZERO for amount in amounts}
    held = Holdings(
        standing.held_sat, standing.quote.price_usd, usd["Cash"], usd["Other net assets"], usd["Debt"],
        usd["Preferred shares"],
    )  # fmt: skip
    return nav(held, capital(basic, rights, share_price_usd))


def rights_on(day: date) -> list[Right]:
    rows = DilutiveRight.objects.filter(from_on__lte=day)
    return [row.right for row in rows if row.right.stands(day)]


def share_price_on(day: date) -> Amount:
    row = SharePrice.objects.filter(on__lte=day).order_by("-on", "-id").first()
    if row is None:
        return Amount("Share price", None, "no share price is written down")
    if day - row.on > PRICE_FOR:
        return Amount("Share price", None, f"the newest share price is of {row.on}")
    return Amount("Share price", row.price_usd, f"close of {row.on}")


def amounts_on(now: datetime, standing: Position) -> tuple[Amount, ...]:
    """Cash, other net assets, debt and preferred shares. Without a row there is nothing beside the books, and the
    words say so."""
    told = {row.item: row for row in BalanceAmount.objects.filter(on__lte=now.date()).order_by("on", "id")}
    journal = {row.currency: row.amount for row in queries.balances(now, CASH) if row.currency != "BTC"}
    found = [cash(journal, told.get(BalanceAmount.Item.CASH))]
    names = {BalanceAmount.Item.OTHER: "Other net assets", BalanceAmount.Item.PREFERRED: "Preferred shares"}
    for item, name in names.items():
        row = told.get(item)
        found.append(Amount(name, row.amount_usd if row else ZERO, words_of(row, "none is written down")))
    owed = told.get(BalanceAmount.Item.DEBT)
    rest = words_of(owed, "no other debt is written down")
    found.append(Amount("Debt", standing.debt_usd + (owed.amount_usd if owed else ZERO), f"loans on bitcoin; {rest}"))
    return tuple(found)


def cash(journal: dict[str, Decimal], told: BalanceAmount | None) -> Amount:
    """Cash of the journal in dollars, and what was told beside it. Other currencies have no rate here: they stay out,
    and the words name them."""
    others = sorted(currency for currency, amount in journal.items() if currency != USD and amount)
    left_out = f"; without {', '.join(others)}, which no rate turns into dollars" if others else ""
    usd = journal.get(USD, ZERO) + (told.amount_usd if told else ZERO)
    return Amount("Cash", usd, f"the journal; {words_of(told, 'nothing beside it')}{left_out}")


def words_of(row: BalanceAmount | None, otherwise: str) -> str:
    if row is None:
        return otherwise
    return f"{row.get_item_display().lower()} of {row.on}{f': {row.note}' if row.note else ''}"


@dataclass(frozen=True)
class Raise:
    """Shares that came or went in one act. usd None: the price is not known."""

    row: ShareChange
    usd: Decimal | None
    after: int


def share_history() -> list[Raise]:
    """Every change, the newest first, with the shares of all classes after it."""
    found, total = [], 0
    for row in ShareChange.objects.all():
        total += row.shares
        found.append(Raise(row, None if row.price_usd is None else row.price_usd * row.shares, total))
    return found[::-1]


def raised_usd() -> Decimal:
    """What raises with a known price brought, before costs."""
    rows = ShareChange.objects.filter(kind=ShareChange.Kind.RAISE, price_usd__isnull=False)
    return sum((row.price_usd * row.shares for row in rows if row.price_usd is not None), ZERO)
