"""A month's dollars by policy as bars on one scale for all months: made here, drawn without a script. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BAR, GAP, HEIGHT = 10.0, 2.0, 100.0


@dataclass(frozen=True)
class Scale:
    """Dollars at the upper and lower edge; nought lies between them."""

    top: float
    bottom: float

    def y(self, usd: float) -> float:
        return HEIGHT * (self.top - usd) / (self.top - self.bottom)


def scale_of(values: Sequence[float]) -> Scale:
    top, bottom = max(0.0, *values, 0.0), min(0.0, *values, 0.0)
    return Scale(top, bottom) if top > bottom else Scale(1.0, 0.0)


def bars(named: Sequence[tuple[str, float | None]], scale: Scale) -> SafeString:
    """One bar a policy from nought up, or down; a policy that has not ended leaves its place empty."""
    width = len(named) * (BAR + GAP) + GAP
    zero = scale.y(0.0)
    shapes = [
        (name, f"{GAP + place * (BAR + GAP):.1f}", f"{min(zero, scale.y(usd)):.2f}", f"{abs(scale.y(usd) - zero):.2f}")
        for place, (name, usd) in enumerate(named)
        if usd is not None
    ]
    inner = format_html_join("", f'<rect class="policy-{{}}" x="{{}}" y="{{}}" width="{BAR}" height="{{}}"/>', shapes)
    return format_html(
        '<svg viewBox="0 0 {0} {1}" preserveAspectRatio="none" aria-hidden="true">{2}'
        '<path class="nought" d="M0 {3}H{0}"/></svg>',
        width, HEIGHT, inner, f"{zero:.2f}",
    )  # fmt: skip
