"""Template tags of amounts: bitcoin and dollars, short on the page and exact on hover. Formatting only."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cango_ops.base.figures import MINUS
from cango_ops.base.templatetags.console import NOTHING
from treasury.money import btc as bitcoin
from treasury.money import half_up

register = template.Library()


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
    return _shown(half_up(amount, places), f"{signed(half_up(amount, 2))} $", "" if bare else "$")


@register.simple_tag
def pct(value: Decimal | None, places: int = 1, bare: bool = False) -> SafeString:
    if value is None:
        return NOTHING
    return _shown(half_up(value, places), f"{signed(value)} %", "" if bare else "%")


def _shown(short: Decimal, full: str, unit: str) -> SafeString:
    if not unit:
        return format_html('<span class="fig" title="{}">{}</span>', full, signed(short))
    return format_html('<span class="fig" title="{}">{} <span class="unit">{}</span></span>', full, signed(short), unit)


def signed(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.replace("-", MINUS) if value else text.replace("-", "")
