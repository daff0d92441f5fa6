"""What a megawatt-hour is worth by use as dots on one axis for all sites, drawn here without a script. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cango_ops.base.figures import dollars, grouped
from compute.decisions.uses import Worth

# A spike would press all other dots together: beyond this they stand hollow at the edge.
LOWEST, HIGHEST = -200.0, 500.0
ROOM: Final = 0.06


@dataclass(frozen=True)
class Axis:
    """Dollars a MWh at the left and the right edge; nought lies between them."""

    low: float
    high: float

    def at(self, usd: float) -> float:
        """Per cent of the width."""
        share = (min(max(usd, self.low), self.high) - self.low) / (self.high - self.low)
        return 100 * (ROOM + share * (1 - 2 * ROOM))

    @property
    def zero(self) -> str:
        return f"{self.at(0.0):.1f}%"

    def is_beyond(self, usd: float) -> bool:
        return not self.low <= usd <= self.high


def axis_of(rows: Iterable[Sequence[Worth]]) -> Axis:
    """From the least to the most that any use earns, as far as both are worth showing."""
    margins = [0.0, *(one.margin_usd_per_mwh for row in rows for one in row)]
    low, high = max(LOWEST, min(margins)), min(HIGHEST, max(margins))
    return Axis(low, high) if high - low > 1 else Axis(low - 1, high + 1)


def dots(worth: Sequence[Worth], axis: Axis) -> SafeString:
    """A dot a use, the best in front; leaving it off is nought and stands as the rule."""
    shown = [one for one in reversed(worth) if one.use != "idle"]
    words = ", ".join(f"{one.name} {grouped(one.margin_usd_per_mwh, 0)}" for one in worth if one.use != "idle")
    circles = format_html_join(
        "",
        '<circle class="dot use-{}{}" cx="{}%" cy="9" r="5"><title>{}: {}</title></circle>',
        [
            (
                one.use, " is-beyond" if axis.is_beyond(one.margin_usd_per_mwh) else "",
                f"{axis.at(one.margin_usd_per_mwh):.1f}", one.name, dollars(one.margin_usd_per_mwh, 2, "/MWh"),
            )
            for one in shown
        ],
    )  # fmt: skip
    return format_html(
        '<svg class="dots" width="100%" height="18" role="img" aria-label="Margins, $/MWh: {0}">'
        '<line class="nought" x1="{1}" x2="{1}" y1="0" y2="18"/>{2}</svg>',
        words, axis.zero, circles,
    )  # fmt: skip
