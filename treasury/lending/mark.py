"""A loan at a price: its LTV, what the lender may do, and the coins and prices that decide it.

LTV is compared unrounded. A top-up is rounded up to the satoshi, so that what is sent is enough.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from cango_ops.units import SATS_PER_BTC
from treasury.lending.terms import Terms, Trigger
from treasury.money import Exact, btc, cents, percent, ratio


class Status(StrEnum):
    """What the lender may do; the worst that holds."""

    OK = "ok"
    MARGIN_CALL = "margin_call"
    LIQUIDATION = "liquidation"
    NO_DEBT = "no_debt"
    UNCOLLATERALISED = "uncollateralised"


CALLED = (Status.MARGIN_CALL, Status.LIQUIDATION)


@dataclass(frozen=True)
class Mark:
    """ltv_pct None: there is no collateral of any value.   *_price_usd None: no collateral, or no such right.

    top_up_sat: coins to get back to the LTV at drawdown, 0 unless called; None: no number of coins would do.
    releasable_sat: coins that may be asked back.
    """

    debt_usd: Decimal
    collateral_sat: int
    collateral_value_usd: Decimal
    ltv_pct: Decimal | None
    status: Status
    margin_call_price_usd: Decimal | None
    liquidation_price_usd: Decimal | None
    top_up_sat: int | None
    releasable_sat: int


def mark(
    terms: Terms, debt_usd: Decimal, collateral_sat: int, price_usd: Exact, drawn_at_usd: Decimal | None = None
) -> Mark:
    """The loan at a price. drawn_at_usd: the price at drawdown, which only a price trigger needs."""
    value = btc(collateral_sat) * Fraction(price_usd)
    status = status_of(terms, debt_usd, collateral_sat, Fraction(price_usd), drawn_at_usd)
    needed = coins_needed(terms, debt_usd, price_usd)
    surplus = max(0, collateral_sat - needed) if needed is not None else 0
    return Mark(
        debt_usd=debt_usd,
        collateral_sat=collateral_sat,
        collateral_value_usd=cents(value),
        ltv_pct=percent(debt_usd, value),
        status=status,
        margin_call_price_usd=threshold_price(debt_usd, terms.margin_ltv, collateral_sat),
        liquidation_price_usd=threshold_price(debt_usd, terms.liquidation_ltv, collateral_sat),
        top_up_sat=_top_up(needed, collateral_sat) if status in CALLED else 0,
        releasable_sat=surplus if status in (Status.OK, Status.NO_DEBT) else 0,
    )


def status_of(
    terms: Terms, debt_usd: Decimal, collateral_sat: int, price_usd: Fraction, drawn_at_usd: Decimal | None = None
) -> Status:
    if debt_usd <= 0:
        return Status.NO_DEBT
    if collateral_sat <= 0:
        return Status.UNCOLLATERALISED
    value = btc(collateral_sat) * price_usd
    if _reached(terms.trigger, debt_usd, value, terms.liquidation_ltv):
        return Status.LIQUIDATION
    if _reached(terms.trigger, debt_usd, value, terms.margin_ltv) or _price_fell(terms, price_usd, drawn_at_usd):
        return Status.MARGIN_CALL
    return Status.OK


def _reached(trigger: Trigger, debt_usd: Decimal, value: Fraction, threshold: Decimal | None) -> bool:
    """debt / value against the threshold, without dividing: at a value of nothing every threshold is passed."""
    return threshold is not None and trigger.fires(Fraction(debt_usd), Fraction(threshold) * value)


def _price_fell(terms: Terms, price_usd: Fraction, drawn_at_usd: Decimal | None) -> bool:
    if terms.call_price_ratio is None or drawn_at_usd is None:
        return False
    return terms.trigger.fires(Fraction(terms.call_price_ratio) * Fraction(drawn_at_usd), price_usd)


def coins_needed(terms: Terms, debt_usd: Decimal, price_usd: Exact) -> int | None:
    """Satoshis of collateral at which the loan stands at its LTV at drawdown; None where none would do."""
    if debt_usd <= 0:
        return 0
    if not price_usd or not terms.initial_ltv:
        return None
    return ceil(Fraction(debt_usd) * SATS_PER_BTC / (Fraction(terms.initial_ltv) * Fraction(price_usd)))


def _top_up(needed: int | None, collateral_sat: int) -> int | None:
    return None if needed is None else max(0, needed - collateral_sat)


def threshold_price(debt_usd: Decimal, threshold: Decimal | None, collateral_sat: int) -> Decimal | None:
    """The price at which the LTV is the threshold, to the cent."""
    if not threshold:
        return None
    return ratio(debt_usd, Fraction(threshold) * btc(collateral_sat), 2)
