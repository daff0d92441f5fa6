"""The first screen: what is held, pledged and free, and how far each loan is from its call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from treasury.books import queries
from treasury.lending.course import Loan as Course
from treasury.lending.course import run
from treasury.lending.mark import CALLED, Mark, Status
from treasury.loans.happen import events_of
from treasury.loans.prices import Quote, quote
from treasury.models import Loan
from treasury.money import percent, usd_of

# Nearer than this to its call a loan is a warning.
NEAR_PCT = Decimal(15)
TERM_DEBT = "term debt, without collateral"


@dataclass(frozen=True)
class LoanNow:
    """mark None: there is no price to mark it at.   booked_sat: what the books say lies with the lender; where it is
    not the collateral of the loan's own events, something was booked past the loan.

    distance_pct: how far the price may fall before the call; below nothing it has been called.
    is_secured: by its terms, or by coins that lie there; the debt of others has no LTV.
    """

    code: str
    lender: str
    currency: str
    rate: Decimal
    principal_usd: Decimal
    debt_usd: Decimal
    collateral_sat: int
    booked_sat: int
    ends_on: date | None
    mark: Mark | None
    distance_pct: Decimal | None
    state: str
    reason: str
    is_secured: bool


@dataclass(frozen=True)
class Position:
    """Everything in bitcoin is satoshis; dollars are None where there is no price."""

    as_of: datetime
    held_sat: int
    free_sat: int
    pledged_sat: int
    wallets_sat: dict[str, int]
    quote: Quote
    value_usd: Decimal | None
    debt_usd: Decimal
    ltv_pct: Decimal | None
    nearest_pct: Decimal | None
    top_up_sat: int | None
    loans: tuple[LoanNow, ...]


def position(now: datetime) -> Position:
    """How the treasury stands."""
    coins, price = queries.coins(now), quote(now)
    rows = Loan.objects.prefetch_related("events")
    loans = tuple(loan_now(loan, now, price.price_usd, coins.pledged_sat.get(loan.code, 0)) for loan in rows)
    pledged = coins.held_sat - coins.free_sat
    debt = sum((loan.debt_usd for loan in loans), Decimal("0.00"))
    value = None if price.price_usd is None else usd_of(coins.held_sat, price.price_usd)
    distances = [loan.distance_pct for loan in loans if loan.distance_pct is not None]
    return Position(
        as_of=now,
        held_sat=coins.held_sat,
        free_sat=coins.free_sat,
        pledged_sat=pledged,
        wallets_sat=coins.wallets_sat,
        quote=price,
        value_usd=value,
        debt_usd=debt,
        ltv_pct=None if price.price_usd is None else percent(secured_usd(loans), usd_of(pledged, price.price_usd), 2),
        nearest_pct=min(distances, default=None),
        top_up_sat=top_up(loans),
        loans=loans,
    )


def secured_usd(loans: Iterable[LoanNow]) -> Decimal:
    """The debt that coins stand for."""
    return sum((loan.debt_usd for loan in loans if loan.is_secured), Decimal("0.00"))


def top_up(loans: tuple[LoanNow, ...]) -> int | None:
    """Coins that all called loans want together; None where one of them cannot be marked."""
    needs = [loan.mark.top_up_sat if loan.mark else None for loan in loans if loan.debt_usd]
    return None if None in needs else sum(need for need in needs if need is not None)


def loan_now(loan: Loan, now: datetime, price_usd: Decimal | None, booked_sat: int) -> LoanNow:
    """The loan with the interest of all nights before today."""
    today = now.date()
    course = before_night(loan, today)
    mark = course.marked(price_usd) if price_usd is not None else None
    distance = distance_pct(mark, price_usd)
    is_secured = course.terms.is_secured or course.collateral_sat + booked_sat > 0
    state, reason = verdict(mark, distance, course.collateral_sat, booked_sat) if is_secured else ("ok", TERM_DEBT)
    return LoanNow(
        code=loan.code,
        lender=loan.lender,
        currency=loan.currency,
        rate=course.terms.rate,
        principal_usd=course.principal_usd,
        debt_usd=course.debt_usd,
        collateral_sat=course.collateral_sat,
        booked_sat=booked_sat,
        ends_on=loan.ends_on,
        mark=mark,
        distance_pct=distance,
        state=state,
        reason=reason,
        is_secured=is_secured,
    )


def before_night(loan: Loan, today: date) -> Course:
    """The loan after today's events and the night before them."""
    events = events_of(loan)
    course = run(loan.terms, events, today - timedelta(days=1))
    return course.after(event for event in events if event.on == today)


def distance_pct(mark: Mark | None, price_usd: Decimal | None) -> Decimal | None:
    if mark is None or mark.margin_call_price_usd is None or not price_usd or mark.status is Status.NO_DEBT:
        return None
    return percent(price_usd - mark.margin_call_price_usd, price_usd, 2)


def verdict(mark: Mark | None, distance: Decimal | None, collateral_sat: int, booked_sat: int) -> tuple[str, str]:
    """State and reason of a loan, the worst that holds."""
    if mark is None:
        return "unknown", "no fresh price"
    if mark.status in (*CALLED, Status.UNCOLLATERALISED):
        return "critical", mark.status.value.replace("_", " ")
    if collateral_sat != booked_sat:
        return "warning", "the books hold another amount with the lender"
    if distance is not None and distance < NEAR_PCT:
        return "warning", f"called after a fall of {distance} %"
    return "ok", mark.status.value.replace("_", " ") if mark.status is Status.NO_DEBT else ""
