"""What the page of value shows: the three mNAVs, shares and what may become shares, what a bitcoin cost."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from cango_ops.base import crumbs
from cango_ops.base.models import User
from sites import rights
from sites.models import Operator
from treasury.earnings.costs import Cost, costs
from treasury.earnings.span import Month
from treasury.equity.worth import Raise, Worth, raised_usd, share_history, worth
from treasury.money import half_up

FORMULAS: Final = (
    ("mNAV, market cap", "market cap / BTC NAV", "the market cap is of diluted shares"),
    ("mNAV, enterprise value", "EV / BTC NAV", "EV: market cap + debt + preferred \u2212 cash"),
    ("mNAV, net assets", "market cap / net assets", "net assets: BTC NAV + cash + other \u2212 debt \u2212 preferred"),
)


@dataclass(frozen=True)
class Multiple:
    """One mNAV by its name. value None: see why."""

    name: str
    formula: str
    words: str
    value: Decimal | None
    why: str


@dataclass(frozen=True)
class Choice:
    """An operator to look at."""

    code: str
    name: str
    is_here: bool


@dataclass(frozen=True)
class ValuePage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    worth: Worth
    multiples: tuple[Multiple, ...]
    history: tuple[Raise, ...]
    raised_usd: Decimal
    month: Month
    months: tuple[Month, ...]
    operators: tuple[Choice, ...]
    operator_code: str
    costs: tuple[Cost, ...]
    may_write: bool


def value_page(now: datetime, user: User, month: Month | None, operator: Operator | None) -> ValuePage:
    found, newest = worth(now), Month.of(now)
    chosen = month or newest
    return ValuePage(
        title=title(found),
        crumbs=(crumbs.COMPANY, crumbs.Crumb("Treasury", "/treasury/"), crumbs.Crumb("Value", "/treasury/value/")),
        worth=found,
        multiples=multiples(found),
        history=tuple(share_history()),
        raised_usd=raised_usd(),
        month=chosen,
        months=tuple(months_back(newest, 6)),
        operators=tuple(choices(operator)),
        operator_code=operator.code if operator else "",
        costs=tuple(costs(chosen, now, operator)),
        may_write=may_write(user),
    )


def choices(operator: Operator | None) -> list[Choice]:
    """Whose costs are shown; the company first, and alone where nobody else operates a site."""
    rows = sorted(Operator.objects.all(), key=lambda one: (not one.is_company, one.name))
    return [Choice(one.code, one.name, one == operator or (operator is None and one.is_company)) for one in rows]


def title(found: Worth) -> str:
    """The answer: by how much the market values the company above or below its bitcoin."""
    if found.nav is None or found.nav.mnav_market_cap is None:
        return f"Value not known: {found.reasons[0]}" if found.reasons else "Value not known"
    cap = half_up(found.nav.mnav_market_cap, 2)
    return f"mNAV {cap} by market cap, {half_up(found.nav.mnav_ev or Decimal(0), 2)} by enterprise value"


def multiples(found: Worth) -> tuple[Multiple, ...]:
    why = found.reasons[0] if found.reasons else "no bitcoin is held"
    if found.nav is None:
        return tuple(Multiple(*formula, None, why) for formula in FORMULAS)
    negative = "net assets are not above zero" if found.nav.net_asset_value_usd <= 0 else why
    values = (found.nav.mnav_market_cap, found.nav.mnav_ev, found.nav.mnav_net)
    return tuple(
        Multiple(*formula, value, reason)
        for formula, value, reason in zip(FORMULAS, values, (why, why, negative), strict=True)
    )


def months_back(newest: Month, count: int) -> list[Month]:
    found = [newest]
    while len(found) < count:
        found.append(found[-1].before())
    return found


def may_write(user: User) -> bool:
    """Those who close months or write reports also write down shares and costs."""
    return rights.may(user, rights.CLOSE_MONTHS) or rights.may(user, rights.WRITE_REPORTS)
