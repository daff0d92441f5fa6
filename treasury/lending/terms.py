"""The terms of a loan on bitcoin: what it costs a night, and at which LTV the lender calls or sells.

Terms of this kind are disclosed by BitFuFu (CIK 1921158): a fixed rate, LTV at drawdown, call and liquidation above
thresholds; and by CIK 1780652: a call when the price falls below a share of the price at drawdown.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class DayCount(StrEnum):
    """What a night costs of a year's interest. Source: ISDA 2006 Definitions, section 4.16 (d) to (g)."""

    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    ACT_ACT = "ACT/ACT"  # 366 in a leap year, by the day whose night it is
    E30_360 = "30E/360"  # every month has 30 days: the 31st costs nothing, the end of February the rest

    def share_of_year(self, day: date) -> Fraction:
        """Of the night of `day`; the nights of a span add up to the span."""
        if self is DayCount.E30_360:
            return Fraction(_day_of_360(day + timedelta(days=1)) - _day_of_360(day), 360)
        if self is DayCount.ACT_360:
            return Fraction(1, 360)
        return Fraction(1, 366 if self is DayCount.ACT_ACT and isleap(day.year) else 365)


def _day_of_360(day: date) -> int:
    return 360 * day.year + 30 * day.month + min(day.day, 30)


class Interest(StrEnum):
    """Where a month's interest goes."""

    PAID = "paid_monthly"  # billed, and owed until it is paid
    CAPITALISED = "capitalised_monthly"  # added to the principal


class Trigger(StrEnum):
    """Whether the threshold itself already calls."""

    GT = "gt"
    GTE = "gte"

    def fires(self, value: Fraction, threshold: Fraction) -> bool:
        return value > threshold or (self is Trigger.GTE and value == threshold)


@dataclass(frozen=True)
class Terms:
    """rate: a year.   *_ltv: shares, 0.8 is 80 %; None: the lender has no such right.

    call_price_ratio: the loan is also called when the price falls below this share of the price at drawdown.
    """

    rate: Decimal
    day_count: DayCount
    interest: Interest
    initial_ltv: Decimal | None
    margin_ltv: Decimal | None
    liquidation_ltv: Decimal | None
    trigger: Trigger = Trigger.GT
    call_price_ratio: Decimal | None = None

    @property
    def is_secured(self) -> bool:
        """The lender may ask for coins, or sell them. Term debt has no such right."""
        rights = (self.initial_ltv, self.margin_ltv, self.liquidation_ltv, self.call_price_ratio)
        return any(right is not None for right in rights)
