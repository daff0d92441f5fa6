"""BTC yield: the change of bitcoin a diluted share over a period; BTC gain: that share of what was held at its start.

Source: the definitions in Strategy's quarterly reports (BTC Yield, BTC Gain).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from treasury.money import half_up, ratio, whole


class Stake(NamedTuple):
    """Bitcoin and diluted shares at one moment."""

    btc_sat: int
    shares: Fraction


@dataclass(frozen=True)
class BtcYield:
    """None where there were no shares, or no bitcoin at the start."""

    opening_sats_per_share: Decimal | None
    closing_sats_per_share: Decimal | None
    btc_yield_pct: Decimal | None
    btc_gain_sat: int | None


def btc_yield(opening: Stake, closing: Stake) -> BtcYield:
    change = change_of(opening, closing)
    return BtcYield(
        opening_sats_per_share=ratio(opening.btc_sat, opening.shares, 2),
        closing_sats_per_share=ratio(closing.btc_sat, closing.shares, 2),
        btc_yield_pct=None if change is None else half_up(100 * change, 4),
        btc_gain_sat=None if change is None else whole(change * opening.btc_sat),
    )


def change_of(opening: Stake, closing: Stake) -> Fraction | None:
    """0.05 is 5 % more bitcoin a share."""
    if not opening.shares or not closing.shares or not opening.btc_sat:
        return None
    before, after = Fraction(opening.btc_sat) / opening.shares, Fraction(closing.btc_sat) / closing.shares
    return after / before - 1
