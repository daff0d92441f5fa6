"""The course of a loan, night by night: interest, bills, and what each event changes.

The night d -> d+1 costs its share of a year's rate on the principal at the end of d. Interest is billed at the end of
each month, rounded to the cent once; what was not billed yet stays an exact fraction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from cango_ops.wire import Garbled
from treasury.lending.mark import Mark, mark
from treasury.lending.terms import Interest, Terms
from treasury.money import cents, usd_of

ONE_NIGHT = timedelta(days=1)
LONGEST = timedelta(days=100 * 366)


class Kind(StrEnum):
    """What can happen to a loan."""

    PLEDGE = "pledge"
    TOP_UP = "top_up"
    RELEASE = "release"
    DRAW = "draw"
    REPAY = "repay"
    REPAY_IN_COINS = "repay_in_coins"  # collateral is kept by the lender at a price
    RATE = "rate"
    CALL = "call"  # the lender asks for coins; nothing moves yet
    LIQUIDATION = "liquidation"  # the lender sells collateral and keeps what it is owed
    MARK = "mark"


@dataclass(frozen=True)
class Event:
    """on, seq: events of one day apply by seq.   Each kind reads only the fields that it has a use for."""

    on: date
    seq: int
    kind: Kind
    sat: int = 0
    usd: Decimal = Decimal("0.00")
    price_usd: Decimal | None = None
    rate: Decimal | None = None


@dataclass(frozen=True)
class Bill:
    """The interest of the nights of one month. month: its last day."""

    month: date
    interest_usd: Decimal


@dataclass
class Loan:
    """A loan as it stands. accrued_usd: interest not billed yet, exact.   drawn_at_usd: price at the last drawdown.

    unapplied_usd: what was repaid beyond billed interest and principal; it waits for somebody to say what it was for.
    """

    terms: Terms
    principal_usd: Decimal = Decimal("0.00")
    billed_usd: Decimal = Decimal("0.00")
    accrued_usd: Fraction = Fraction(0)
    collateral_sat: int = 0
    drawn_at_usd: Decimal | None = None
    unapplied_usd: Decimal = Decimal("0.00")
    bills: list[Bill] = field(default_factory=list)
    marks: list[tuple[Event, Mark]] = field(default_factory=list)

    @property
    def debt_usd(self) -> Decimal:
        return self.principal_usd + self.billed_usd + cents(self.accrued_usd)

    def marked(self, price_usd: Decimal) -> Mark:
        return mark(self.terms, self.debt_usd, self.collateral_sat, price_usd, self.drawn_at_usd)

    def after(self, events: "Iterable[Event]") -> "Loan":
        """The loan after events of one day, before its night."""
        for event in sorted(events, key=lambda one: one.seq):
            happen(self, event)
        return self


def run(terms: Terms, events: Iterable[Event], as_of: date) -> Loan:
    """The loan after the night of `as_of`; later events are left out. Raises Garbled where an event cannot be."""
    loan = Loan(terms)
    coming = sorted((event for event in events if event.on <= as_of), key=lambda event: (event.on, event.seq))
    if not coming:
        return loan
    if as_of - coming[0].on > LONGEST:
        raise Garbled(f"the loan would run from {coming[0].on} to {as_of}, longer than {LONGEST.days} days")
    day, number = coming[0].on, 0
    while day <= as_of:
        while number < len(coming) and coming[number].on == day:
            happen(loan, coming[number])
            number += 1
        spend_night(loan, day)
        day += ONE_NIGHT
    return loan


def happen(loan: Loan, event: Event) -> None:
    """Applies one event of the day."""
    if event.kind in (Kind.PLEDGE, Kind.TOP_UP):
        loan.collateral_sat += event.sat
    elif event.kind is Kind.RELEASE:
        _give_back(loan, event)
    elif event.kind is Kind.DRAW:
        loan.principal_usd += event.usd
        loan.drawn_at_usd = event.price_usd or loan.drawn_at_usd
    elif event.kind is Kind.REPAY:
        repay(loan, event.usd)
    elif event.kind in (Kind.REPAY_IN_COINS, Kind.LIQUIDATION):
        assert event.price_usd is not None
        _give_back(loan, event)
        repay(loan, usd_of(event.sat, event.price_usd))
    elif event.kind is Kind.RATE:
        assert event.rate is not None
        loan.terms = replace(loan.terms, rate=event.rate)
    elif event.kind is Kind.MARK:
        assert event.price_usd is not None
        loan.marks.append((event, loan.marked(event.price_usd)))


def _give_back(loan: Loan, event: Event) -> None:
    if event.sat > loan.collateral_sat:
        raise Garbled(f"{event.kind} on {event.on}: {event.sat} sat, but only {loan.collateral_sat} sat are pledged")
    loan.collateral_sat -= event.sat


def repay(loan: Loan, usd: Decimal) -> None:
    """Settles billed interest, then principal; what has accrued since the last bill stays."""
    to_bill = min(usd, loan.billed_usd)
    to_principal = min(usd - to_bill, loan.principal_usd)
    loan.billed_usd -= to_bill
    loan.principal_usd -= to_principal
    loan.unapplied_usd += usd - to_bill - to_principal


def spend_night(loan: Loan, day: date) -> None:
    """Accrues the night of `day`, and bills the month with its last night."""
    share = loan.terms.day_count.share_of_year(day)
    loan.accrued_usd += Fraction(loan.principal_usd) * Fraction(loan.terms.rate) * share
    if (day + ONE_NIGHT).day == 1:
        bill(loan, day)


def bill(loan: Loan, month: date) -> None:
    interest = cents(loan.accrued_usd)
    loan.accrued_usd = Fraction(0)
    loan.bills.append(Bill(month, interest))
    if loan.terms.interest is Interest.CAPITALISED:
        loan.principal_usd += interest
    else:
        loan.billed_usd += interest
