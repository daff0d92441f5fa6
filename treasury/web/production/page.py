"""What the production page shows: expected, credited, paid, arrived, booked, day by day, and the breaks between."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cango_ops.base import crumbs
from cango_ops.base.models import User
from compute.models import PoolAccount
from sites import rights
from sites.models import Operator
from treasury.models import PoolStatement, ReconciliationBreak
from treasury.production import breaks, queries
from treasury.production.queries import Day, SiteSum, Totals

DAYS: Final = 31
MOST_BREAKS: Final = 50
STATES: Final = {"open": "critical", "explained": "maintenance", "closed": "ok"}
NAMES: Final = {
    "expected_shares": "Machines and shares", "shares_unpaid": "Shares not paid",
    "paid_beyond_shares": "Paid beyond shares", "payout_not_arrived": "Payout not arrived",
    "payout_arrived_otherwise": "Payout arrived otherwise", "receipt_unknown": "Receipt of nobody",
    "payout_not_booked": "Payout not booked", "pool_restated": "Pool told otherwise",
    "wallet_ledger": "Wallet and books", "wallet_sources": "Two sources differ",
}  # fmt: skip


@dataclass(frozen=True)
class BreakRow:
    row: ReconciliationBreak
    name: str
    state: str


@dataclass(frozen=True)
class Choice:
    """An operator to look at."""

    code: str
    name: str
    is_here: bool


@dataclass(frozen=True)
class ProductionPage:
    """days: the newest first.   may: whether the person may explain breaks and send statements."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    as_of: datetime
    operators: tuple[Choice, ...]
    days: tuple[Day, ...]
    totals: Totals
    sites: tuple[SiteSum, ...]
    breaks: tuple[BreakRow, ...]
    more_breaks: int
    statements: tuple[PoolStatement, ...]
    accounts: tuple[PoolAccount, ...]
    may: bool


def production_page(user: User, operator: Operator | None, now: datetime) -> ProductionPage:
    last = now.date()
    first = last - timedelta(days=DAYS - 1)
    rows = queries.days(operator, first, last, now) if operator else []
    found = breaks.open_first()
    return ProductionPage(
        title=title(found, now, bool(operator) and queries.has_any()),
        crumbs=(
            crumbs.COMPANY, crumbs.Crumb("Treasury", "/treasury/"),
            crumbs.Crumb("Production", "/treasury/production/"),
        ),
        as_of=now,
        operators=tuple(Choice(one.code, one.name, one == operator) for one in operators()),
        days=tuple(rows),
        totals=queries.totals(rows),
        sites=tuple(queries.by_site(operator, first, last)) if operator else (),
        breaks=tuple(break_row(row) for row in found[:MOST_BREAKS]),
        more_breaks=max(0, len(found) - MOST_BREAKS),
        statements=tuple(queries.statements(operator)) if operator else (),
        accounts=tuple(PoolAccount.objects.filter(operator=operator)) if operator else (),
        may=rights.may(user, rights.RECONCILE),
    )  # fmt: skip


def operators() -> list[Operator]:
    """The company first."""
    return sorted(Operator.objects.all(), key=lambda one: (not one.is_company, one.name))


def break_row(row: ReconciliationBreak) -> BreakRow:
    return BreakRow(row, NAMES.get(row.kind, row.kind), STATES[row.state])


def title(found: list[ReconciliationBreak], now: datetime, is_known: bool) -> str:
    """The answer: how many breaks wait for somebody, and for how long."""
    waiting = [row for row in found if row.state == breaks.OPEN]
    if waiting:
        days = (now - min(row.first_seen_at for row in waiting)).days
        age = f", the oldest {days} day{'s' if days != 1 else ''}" if days else ", all of today"
        return f"{len(waiting)} break{'s' if len(waiting) != 1 else ''} open{age}"
    if not is_known:
        return "No production is known yet"
    return "Machines, pools, wallets and books agree" + (f", {len(found)} explained" if found else "")
