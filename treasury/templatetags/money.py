"""Template tags of amounts: bitcoin and dollars, short on the page and exact on hover. Formatting only."""

from decimal import Decimal
from typing import Final

from django import template
from django.utils.safestring import SafeString

from cango_ops.base.figures import MINUS, with_unit
from cango_ops.base.templatetags.console import NOTHING, measured
from treasury.money import Exact, half_up
from treasury.money import btc as bitcoin

register = template.Library()
SMALL: Final = 1000
KWH_PER_MWH: Final = 1000


@register.simple_tag
def btc(sat: int | None, places: int = 2, bare: bool = False) -> SafeString:
    """Bitcoin of so many satoshis; every satoshi on hover. bare: without the unit, for columns whose head names it."""
    if sat is None:
        return NOTHING
    return _shown(half_up(bitcoin(sat), places), f"{signed(half_up(bitcoin(sat), 8))} BTC", "" if bare else "BTC")


@register.simple_tag
def usd(amount: Decimal | None, places: int = 0, bare: bool = False) -> SafeString:
    """Dollars; the cents on hover."""
    if amount is None:
        return NOTHING
    return _shown(half_up(amount, places), with_unit(signed(half_up(amount, 2)), "$"), "" if bare else "$")


@register.simple_tag
def pct(value: Decimal | None, places: int = 1, bare: bool = False) -> SafeString:
    if value is None:
        return NOTHING
    return _shown(half_up(value, places), f"{signed(value)} %", "" if bare else "%")


@register.simple_tag
def multiple(value: Decimal | None) -> SafeString:
    """How many times, such as an mNAV."""
    if value is None:
        return NOTHING
    return _shown(half_up(value, 2), f"{signed(value)} times", "×")


@register.simple_tag
def plain_number(value: Exact | None, unit: str = "") -> SafeString:
    """A count, or a number of hours: whole where it is large, everything on hover."""
    if value is None:
        return NOTHING
    exact = half_up(value, 2)
    places = 0 if exact == int(exact) or abs(exact) >= SMALL else 1
    return _shown(half_up(value, places), f"{signed(exact)} {unit}".strip(), unit)


@register.simple_tag
def mwh(kwh: Decimal | None) -> SafeString:
    """Megawatt-hours of kilowatt-hours, for a column whose head names the unit."""
    if kwh is None:
        return NOTHING
    return _shown(half_up(kwh / KWH_PER_MWH, 1), f"{signed(kwh)} kWh", "")


@register.simple_tag
def points(value: Decimal) -> str:
    """Percentage points of a rate, with their sign."""
    return f"{'+' if value > 0 else ''}{signed(value)} points"


def _shown(short: Decimal, full: str, unit: str) -> SafeString:
    return measured(signed(short), unit, full)


def signed(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.replace("-", MINUS) if value else text.replace("-", "")
