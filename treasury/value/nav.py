"""What the company's bitcoin is worth beside what the market says the company is worth.

Three mNAVs, each named: market cap / BTC NAV; enterprise value / BTC NAV (Strategy's); market cap / net assets.
Dilution: options in the money by the treasury-stock method, convertible notes above their conversion price as if
converted, their principal then being no debt. Source: ASC 260-10-45-23 and 45-40.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from treasury.money import Exact, cents, half_up, percent, ratio, usd_of

ZERO = Decimal(0)


class Option(NamedTuple):
    """So many options or warrants at a strike."""

    number: Decimal
    strike_usd: Decimal


class Convertible(NamedTuple):
    """A note. shares: what it converts into, where the note says it; else principal / conversion price."""

    principal_usd: Decimal
    conversion_price_usd: Decimal
    shares: Decimal | None = None


@dataclass(frozen=True)
class Capital:
    """Shares and what may become shares. share_price_usd None: unknown, so no dilution can be told."""

    shares_basic: Decimal
    share_price_usd: Decimal | None
    options: Sequence[Option] = ()
    converts: Sequence[Convertible] = ()


class Dilution(NamedTuple):
    """Shares after dilution, and the principal that would no longer be debt."""

    shares: Fraction
    converted_usd: Decimal


def dilution(capital: Capital) -> Dilution:
    """Strictly in the money: at the strike nothing is diluted."""
    price = capital.share_price_usd
    shares, converted = Fraction(capital.shares_basic), ZERO
    if price is None:
        return Dilution(shares, converted)
    for option in capital.options:
        if price > option.strike_usd:
            shares += Fraction(option.number) * (1 - Fraction(option.strike_usd) / Fraction(price))
    for note in capital.converts:
        if price > note.conversion_price_usd:
            shares += converted_shares(note)
            converted += note.principal_usd
    return Dilution(shares, converted)


def converted_shares(note: Convertible) -> Fraction:
    if note.shares is not None:
        return Fraction(note.shares)
    return Fraction(note.principal_usd) / Fraction(note.conversion_price_usd)


@dataclass(frozen=True)
class Holdings:
    """What the company owns and owes. debt_usd includes the principal of convertible notes."""

    btc_sat: int
    btc_price_usd: Decimal
    cash_usd: Decimal = ZERO
    other_usd: Decimal = ZERO
    debt_usd: Decimal = ZERO
    preferred_usd: Decimal = ZERO


@dataclass(frozen=True)
class Nav:
    """Each None where its denominator is nothing or its inputs are not known; mnav_net also at negative net assets."""

    btc_nav_usd: Decimal
    diluted_shares: Decimal
    market_cap_usd: Decimal | None
    enterprise_value_usd: Decimal | None
    net_asset_value_usd: Decimal
    nav_per_share_usd: Decimal | None
    sats_per_share: Decimal | None
    mnav_market_cap: Decimal | None
    mnav_ev: Decimal | None
    mnav_net: Decimal | None
    net_debt_to_btc_pct: Decimal | None


def nav(held: Holdings, capital: Capital) -> Nav:
    shares, converted = dilution(capital)
    debt = held.debt_usd - converted
    btc_nav = usd_of(held.btc_sat, held.btc_price_usd)
    net = btc_nav + held.cash_usd + held.other_usd - debt - held.preferred_usd
    cap = None if capital.share_price_usd is None else shares * Fraction(capital.share_price_usd)
    value = None if cap is None else cap + Fraction(debt + held.preferred_usd - held.cash_usd)
    return Nav(
        btc_nav_usd=btc_nav,
        diluted_shares=half_up(shares, 2),
        market_cap_usd=None if cap is None else cents(cap),
        enterprise_value_usd=None if value is None else cents(value),
        net_asset_value_usd=cents(net),
        nav_per_share_usd=ratio(net, shares, 4),
        sats_per_share=ratio(held.btc_sat, shares, 2),
        mnav_market_cap=_over(cap, btc_nav),
        mnav_ev=_over(value, btc_nav),
        mnav_net=_over(cap, net) if net > 0 else None,
        net_debt_to_btc_pct=percent(debt - held.cash_usd, btc_nav),
    )


def _over(value: Exact | None, nav_usd: Decimal) -> Decimal | None:
    return None if value is None else ratio(value, nav_usd, 4)
