"""A treasury of some size: a year of mined coins, three loans in three states, two prices."""

from datetime import date, timedelta
from decimal import Decimal

from sites.models import Membership
from tests.worlds import make_user
from treasury.books.post import post
from treasury.ledger.facts import Acquired, Origin, Sold
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.models import Loan, PriceMark

D = Decimal
BTC = 100_000_000
# A night costs whole cents, so that a debt is the same whether or not a month was billed in between.
TERMS = {
    "rate": D("0.072"), "day_count": "ACT/360", "interest": "paid_monthly", "initial_ltv": D("0.70"),
    "margin_ltv": D("0.80"), "liquidation_ltv": D("0.90"),
}  # fmt: skip
# Code, coins, dollars drawn: far from its call, near it, called.
LOANS = (("ANT-1", 3000, 120_000_000), ("ANT-2", 400, 27_000_000), ("ANT-3", 100, 7_600_000))


def member(name, role, **scope):
    user = make_user(name)
    Membership.objects.create(user=user, role=role, **scope)
    return user


def make_treasury(now, wallets=3):
    """6,000 BTC mined over the year before `now` at 60,000 dollars, 100 of them sold this month."""
    facts = [
        Acquired(now - timedelta(days=360 - 6 * n), 0, f"m{n}", Origin.MINED, f"cold-{n % wallets}", f"m{n}", 100 * BTC,
                 D("6000000.00"))
        for n in range(60)
    ]  # fmt: skip
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    facts.append(Sold(month, 0, "s1", "cold-0", 100 * BTC + 12_345_678, D(88_000), D("1250.00")))
    pledged_from = Acquired(
        now - timedelta(days=364), 0, "m-hot", Origin.MINED, "hot", "m-hot", 4000 * BTC, D(240_000_000)
    )
    assert not post([*facts, pledged_from], "test").refused
    on = (now - timedelta(days=20)).date()
    for code, coins, usd in LOANS:
        make_loan(code, coins, usd, on)
    for source, price in (("coinbase", "88000.00"), ("kraken", "88120.50")):
        PriceMark.objects.create(source=source, at=now - timedelta(seconds=20), price_usd=D(price))


def make_loan(code: str, coins: int, usd: int, on: date):
    loan = Loan.objects.create(code=code, lender="Antalpha", **TERMS)
    happen(loan, Happening(f"{code}-p", Kind.PLEDGE, on, 1, sat=coins * BTC, wallet="hot"), "test")
    happen(loan, Happening(f"{code}-d", Kind.DRAW, on, 2, usd=D(usd)), "test")
