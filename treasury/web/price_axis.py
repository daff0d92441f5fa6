"""All loans on one axis of prices, as SVG: where each is sold, where it is called, where the price stands."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from treasury.lending.mark import Mark
from treasury.loans.position import LoanNow

LEFT: Final = 128
WIDE: Final = 560
HIGH: Final = 28
TOP: Final = 24
ROOM: Final = Decimal("1.12")
# Steps between the ticks of the axis, in dollars; the smallest that needs at most MOST_TICKS.
STEPS: Final = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
MOST_TICKS: Final = 8


def price_axis(loans: Sequence[LoanNow], price_usd: Decimal | None) -> SafeString:
    """Empty where there is nothing to draw. Left of the liquidation price the band is heaviest, then up to the call."""
    marked = [(loan, loan.mark) for loan in loans if loan.mark is not None]
    if price_usd is None or not marked:
        return mark_safe("")
    known = [price for _, mark in marked for price in (mark.margin_call_price_usd, mark.liquidation_price_usd) if price]
    axis = Axis(max(price_usd, *known, Decimal(1)) * ROOM)
    height = TOP + HIGH * len(marked) + 4
    rows = format_html_join(
        "", "{}", ((row(axis, TOP + HIGH * place, loan, mark),) for place, (loan, mark) in enumerate(marked))
    )
    now = axis.at(price_usd)
    return format_html(
        '<svg class="price-axis" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{said}">'
        '{ticks}{rows}<path class="now" d="M{x} {top}V{h}"/>'
        '<text class="now-at" x="{x}" y="12" text-anchor="middle">${price} now</text></svg>',
        w=LEFT + WIDE, h=height, said=words(marked, price_usd), ticks=axis.ticks(height, price_usd), rows=rows, x=now,
        top=TOP - 8, price=f"{price_usd:,.0f}",
    )  # fmt: skip


class Axis:
    """Prices from nothing up to a highest one."""

    def __init__(self, high: Decimal) -> None:
        self.high = high

    def at(self, price: Decimal) -> int:
        return LEFT + round(WIDE * float(price / self.high))

    def ticks(self, height: int, price_usd: Decimal) -> SafeString:
        """Hairlines at round prices; the word of one that the price of now would cover is left out."""
        step = next((step for step in STEPS if self.high / step <= MOST_TICKS), STEPS[-1])
        prices = [Decimal(step * number) for number in range(1, int(self.high / step) + 1)]
        lines = format_html_join(
            "", '<path class="axis" d="M{} {}V{}"/>', ((self.at(price), TOP - 4, height) for price in prices)
        )
        far = [price for price in prices if abs(self.at(price) - self.at(price_usd)) > 64]
        heads = format_html_join(
            "", '<text class="head" x="{}" y="12" text-anchor="middle">{}</text>',
            ((self.at(price), f"{price / 1000:,.0f}k") for price in far if self.at(price) < LEFT + WIDE - 8),
        )  # fmt: skip
        return lines + heads


def row(axis: Axis, top: int, loan: LoanNow, mark: Mark) -> SafeString:
    """A loan's name and LTV, its zones, and the prices at their ends."""
    call, sale = mark.margin_call_price_usd, mark.liquidation_price_usd
    zones = [("sale", LEFT, axis.at(sale))] if sale else []
    zones += [("call", axis.at(sale) if sale else LEFT, axis.at(call))] if call else []
    bands = format_html_join(
        "", '<rect class="zone-{}" x="{}" y="{}" width="{}" height="10"/>',
        ((name, left, top + 8, max(0, right - left)) for name, left, right in zones),
    )  # fmt: skip
    ltv = "no LTV" if mark.ltv_pct is None else f"{mark.ltv_pct:.1f} %"
    return format_html(
        '<text class="name" x="0" y="{y}">{name}</text><text class="ltv" x="{x}" y="{y}" text-anchor="end">{ltv}</text>'
        '<path class="axis" d="M{left} {mid}H{right}"/>{bands}',
        y=top + 17, x=LEFT - 12, name=loan.code, ltv=ltv, left=LEFT, mid=top + 13, right=LEFT + WIDE, bands=bands,
    )  # fmt: skip


def words(marked: Sequence[tuple[LoanNow, Mark]], price_usd: Decimal) -> str:
    said = [f"price ${price_usd:,.0f}"]
    for loan, mark in marked:
        told = [f"called at ${mark.margin_call_price_usd:,.0f}"] if mark.margin_call_price_usd else []
        told += [f"sold at ${mark.liquidation_price_usd:,.0f}"] if mark.liquidation_price_usd else []
        said.append(f"{loan.code} {', '.join(told) or 'has no call'}")
    return "; ".join(said)
