"""What a proposal would change: the treasury before and after it, in the figures by which it is judged. Pure.

Sales count at their lowest price where one is named, so what is shown is the least that is approved; USDT that a sale
brings counts at par.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from treasury.lending.effect import Act, Deed, changed
from treasury.lending.grid import Operation, grid
from treasury.lending.mark import CALLED, Mark, Status, mark
from treasury.lending.stress import Owed, Position
from treasury.models import Proposal
from treasury.money import percent, ratio, usd_of
from treasury.proposals.terms import Terms

K = Proposal.Kind
NO_PRICE: Final = "there is no fresh price"
LASTS: Final = "nothing is burnt"


@dataclass(frozen=True)
class Picture:
    """The treasury at a moment. beside_usd: other net assets, less preferred shares and debt that is not on bitcoin.

    operation, shares (diluted): None where they are not known, and why_not says why.
    """

    price_usd: Decimal | None
    free_sat: int
    cash_usd: Decimal
    loans: tuple[Owed, ...]
    beside_usd: Decimal = Decimal("0.00")
    operation: Operation | None = None
    shares: Decimal | None = None
    why_not: dict[str, str] = field(default_factory=dict)

    @property
    def pledged_sat(self) -> int:
        return sum(loan.collateral_sat for loan in self.loans)

    @property
    def debt_usd(self) -> Decimal:
        return sum((loan.debt_usd for loan in self.loans), Decimal("0.00"))

    @property
    def position(self) -> Position:
        """At a price of nothing where none is known."""
        price = self.price_usd or Decimal(0)
        return Position(price, self.free_sat, self.cash_usd, self.beside_usd, self.loans)

    def marks(self) -> dict[str, Mark]:
        """Empty without a price."""
        if self.price_usd is None:
            return {}
        return {
            one.name: mark(one.terms, one.debt_usd, one.collateral_sat, self.price_usd, one.drawn_at_usd)
            for one in self.loans
        }


@dataclass(frozen=True)
class Line:
    """One figure. before, after: None with why.   unit: BTC is given in satoshis."""

    code: str
    name: str
    unit: str
    before: Decimal | int | None
    after: Decimal | int | None
    why: str = ""

    @property
    def told(self) -> dict[str, Any]:
        def plain(value: Decimal | int | None) -> Any:
            return f"{value:f}" if isinstance(value, Decimal) else value

        return {
            "code": self.code, "name": self.name, "unit": self.unit, "before": plain(self.before),
            "after": plain(self.after), "why": self.why,
        }  # fmt: skip


def price_of(picture: Picture, terms: Terms) -> Decimal | None:
    named: Decimal | None = terms.get("limit_usd") or terms.get("price_usd")
    return picture.price_usd if named is None else named


def value_of(picture: Picture, terms: Terms) -> Decimal | None:
    """Dollars that count against the caps; None where no price tells them."""
    if terms.kind == K.REPAY:
        return terms.values["usd"]
    prices = [one for one in (picture.price_usd, terms.get("limit_usd")) if one is not None]
    return usd_of(terms.sat, max(prices)) if prices else None


DEEDS: Final = {
    K.SALE: Deed.SELL, K.SELL_TO_FUND: Deed.SELL, K.REPAY: Deed.REPAY, K.REPAY_IN_COINS: Deed.REPAY_IN_COINS,
    K.LIQUIDATION: Deed.REPAY_IN_COINS, K.PLEDGE: Deed.PLEDGE, K.TOP_UP: Deed.PLEDGE, K.RELEASE: Deed.RELEASE,
    K.DRAW: Deed.DRAW,
}  # fmt: skip


def after(picture: Picture, terms: Terms) -> Picture:
    """The treasury once it is carried out. Without a price what is sold for dollars brings none."""
    deed = DEEDS.get(K(terms.kind))
    if deed is None:
        return picture
    usd = terms.get("usd") or Decimal("0.00")
    act = Act(deed, terms.text("loan"), terms.sat, usd, price_usd=price_of(picture, terms) or Decimal(0))
    then = changed(picture.position, act)
    return replace(picture, free_sat=then.unpledged_sat, cash_usd=then.cash_usd, loans=tuple(then.loans))


def effect(before: Picture, terms: Terms) -> list[Line]:
    """Every figure before and after."""
    then = after(before, terms)
    was, becomes = figures(before, terms.text("loan")), figures(then, terms.text("loan"))
    return [
        Line(code, name, unit, was[code][0], becomes[code][0], was[code][1] or becomes[code][1])
        for code, name, unit in FIGURES
        if code in was
    ]


FIGURES: Final = (
    ("loan_ltv_pct", "LTV of the loan", "%"),
    ("call_price_usd", "Call price of the loan", "$"),
    ("ltv_pct", "LTV, all loans", "%"),
    ("nearest_pct", "Fall of the price to the first call", "%"),
    ("free_sat", "Free bitcoin", "BTC"),
    ("pledged_sat", "Pledged bitcoin", "BTC"),
    ("held_sat", "Bitcoin held", "BTC"),
    ("cash_usd", "Cash by the books", "$"),
    ("debt_usd", "Debt on bitcoin", "$"),
    ("runway_months", "Runway on cash", "months"),
    ("runway_with_coins_months", "Runway with free bitcoin", "months"),
    ("nav_usd", "Net asset value", "$"),
    ("nav_per_share_usd", "NAV a share", "$"),
)
Told = tuple[Decimal | int | None, str]


def figures(picture: Picture, loan: str) -> dict[str, Told]:
    """Each figure, or None with the reason."""
    found: dict[str, Told] = {
        "free_sat": (picture.free_sat, ""),
        "pledged_sat": (picture.pledged_sat, ""),
        "held_sat": (picture.free_sat + picture.pledged_sat, ""),
        "cash_usd": (picture.cash_usd, ""),
        "debt_usd": (picture.debt_usd, ""),
        "ltv_pct": _ltv(picture),
        "nearest_pct": _nearest(picture),
    }
    return found | _of_loan(picture, loan) | _runway(picture) | _nav(picture)


def _ltv(picture: Picture) -> Told:
    if picture.price_usd is None:
        return None, NO_PRICE
    debt = sum((one.debt_usd for one in picture.loans if one.terms.is_secured or one.collateral_sat), Decimal("0.00"))
    return percent(debt, usd_of(picture.pledged_sat, picture.price_usd), 2), "nothing is pledged"


def _nearest(picture: Picture) -> Told:
    if picture.price_usd is None:
        return None, NO_PRICE
    calls = [one.margin_call_price_usd for one in picture.marks().values() if one.status is not Status.NO_DEBT]
    falls = [percent(picture.price_usd - call, picture.price_usd, 2) for call in calls if call is not None]
    return min((fall for fall in falls if fall is not None), default=None), "no loan has a call"


def _of_loan(picture: Picture, loan: str) -> dict[str, Told]:
    if not loan:
        return {}
    found = picture.marks().get(loan)
    if found is None:
        return {"loan_ltv_pct": (None, NO_PRICE), "call_price_usd": (None, NO_PRICE)}
    return {
        "loan_ltv_pct": (found.ltv_pct, "nothing is pledged"),
        "call_price_usd": (found.margin_call_price_usd, "it has no call"),
    }


def _runway(picture: Picture) -> dict[str, Told]:
    names = ("runway_months", "runway_with_coins_months")
    if picture.operation is None or picture.price_usd is None:
        why = NO_PRICE if picture.price_usd is None else picture.why_not.get("operation", "")
        return dict.fromkeys(names, (None, why))
    cell = grid(picture.position, picture.operation, [Decimal(0)], [Decimal(0)], [Decimal(0)])[0]
    return {names[0]: (cell.runway_months, LASTS), names[1]: (cell.runway_with_coins_months, LASTS)}


def _nav(picture: Picture) -> dict[str, Told]:
    if picture.price_usd is None:
        return {"nav_usd": (None, NO_PRICE), "nav_per_share_usd": (None, NO_PRICE)}
    held_sat = picture.free_sat + picture.pledged_sat
    worth = usd_of(held_sat, picture.price_usd) + picture.cash_usd + picture.beside_usd - picture.debt_usd
    share = None if picture.shares is None else ratio(worth, picture.shares, 4)
    return {"nav_usd": (worth, ""), "nav_per_share_usd": (share, picture.why_not.get("shares", ""))}


def is_called(picture: Picture, loan: str) -> bool:
    found = picture.marks().get(loan)
    return found is not None and found.status in CALLED
