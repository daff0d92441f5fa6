"""The treasury as it stands, for judging a proposal."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from treasury.books import queries
from treasury.books.queries import Book
from treasury.ledger.journal import CASH
from treasury.lending.stress import Owed
from treasury.loans.position import before_night
from treasury.loans.prices import quote
from treasury.models import Loan
from treasury.money import usd_of
from treasury.proposals.effect import Picture
from treasury.proposals.policy import Policy

# What counts as cash: USDT is no dollar, but one is taken for the other here.
COUNTED: Final = ("USD", "USDT")
MONTH: Final = timedelta(days=30)


def picture(now: datetime, policy: Policy) -> Picture:
    price = quote(now).price_usd
    loans = []
    for loan in Loan.objects.prefetch_related("events"):
        course = before_night(loan, now.date())
        loans.append(Owed(loan.code, course.terms, course.debt_usd, course.collateral_sat, course.drawn_at_usd))
    mined_sat = queries.quantities_between(Book.at(now - MONTH), Book.at(now)).mined_sat
    return Picture(
        price_usd=price,
        free_sat=queries.coins(now).free_sat,
        cash_usd=cash_usd(now),
        loans=tuple(loans),
        mined_usd=None if price is None else usd_of(mined_sat, price),
        monthly_cost_usd=policy.monthly_cost_usd,
    )


def cash_usd(now: datetime) -> Decimal:
    rows = [row for row in queries.balances(now, CASH) if row.currency in COUNTED]
    return sum((row.amount for row in rows), Decimal("0.00"))
