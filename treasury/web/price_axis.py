"""A loan on an axis of prices, as SVG: where it is sold, where it is called, where the price stands."""

from decimal import Decimal
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from treasury.lending.mark import Mark

WIDTH: Final = 240
HEIGHT: Final = 20
ROOM: Final = Decimal("0.08")


def price_axis(mark: Mark | None, price_usd: Decimal | None) -> SafeString:
    """Empty where there is nothing to draw. Left of the liquidation price the line is heaviest, then up to the call."""
    if mark is None or price_usd is None:
        return mark_safe("")
    call, sale = mark.margin_call_price_usd, mark.liquidation_price_usd
    prices = [price for price in (call, sale, price_usd) if price]
    low, high = min(prices) * (1 - ROOM), max(prices) * (1 + ROOM)

    def place(price: Decimal) -> int:
        return round(WIDTH * float((price - low) / (high - low)))

    zones = [("sale", 0, place(sale))] if sale else []
    zones += [("call", place(sale) if sale else 0, place(call))] if call else []
    bands = format_html_join(
        "", '<rect class="zone-{}" x="{}" y="7" width="{}" height="6"/>', ((n, a, max(0, b - a)) for n, a, b in zones)
    )
    return format_html(
        '<svg class="price-axis" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{said}">'
        '<path class="axis" d="M0 10H{w}"/>{bands}<path class="now" d="M{x} 2V18"/></svg>',
        w=WIDTH, h=HEIGHT, said=words(call, sale, price_usd), bands=bands, x=place(price_usd),
    )  # fmt: skip


def words(call: Decimal | None, sale: Decimal | None, price_usd: Decimal) -> str:
    said = [f"price {price_usd:,.0f} $"]
    said += [f"called at {call:,.0f} $"] if call else []
    said += [f"sold at {sale:,.0f} $"] if sale else []
    return ", ".join(said)
