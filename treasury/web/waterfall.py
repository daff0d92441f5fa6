"""The roll-forward of a period as a waterfall, as SVG: from opening over what came and went to closing, and it ties."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from treasury.books.queries import Quantities
from treasury.money import btc, half_up

WIDE: Final = 76
BAR: Final = 44
HIGH: Final = 120
TOP: Final = 18
FOOT: Final = 36
# Below a hundredth of a bitcoin more places are shown.
SMALL_SAT: Final = 1_000_000


class Step(NamedTuple):
    """A bar from one level to another, in satoshis. A whole bar (opening, closing) stands on the floor."""

    name: str
    from_sat: int
    to_sat: int
    is_whole: bool

    @property
    def tone(self) -> str:
        return "whole" if self.is_whole else "up" if self.to_sat >= self.from_sat else "down"

    @property
    def words(self) -> str:
        sat = self.to_sat if self.is_whole else self.to_sat - self.from_sat
        amount = half_up(btc(sat), 2 if abs(sat) >= SMALL_SAT else 5)
        return f"{'+' if self.tone == 'up' else ''}{amount:,f}".replace("-", "\u2212")


def steps(moved: Quantities) -> list[Step]:
    """Opening, every change that is not nothing, and closing."""
    changes = (
        ("at first", moved.opened_sat), ("mined", moved.mined_sat), ("bought", moved.bought_sat),
        ("sold", -moved.sold_sat), ("fees", -moved.burnt_sat),
    )  # fmt: skip
    found, level = [Step("opening", 0, moved.opening_sat, True)], moved.opening_sat
    for name, change in changes:
        if change:
            found.append(Step(name, level, level + change, False))
            level += change
    return [*found, Step("now", 0, moved.closing_sat, True)]


def waterfall(moved: Quantities) -> SafeString:
    """Empty where nothing was ever held. The floor is not nothing where changes are small beside the stock: it is
    written under the bars."""
    bars = steps(moved)
    if not any(bar.from_sat or bar.to_sat for bar in bars):
        return mark_safe("")
    levels = [level for bar in bars for level in (bar.to_sat, bar.from_sat) if not (bar.is_whole and level == 0)]
    low, high = min(levels, default=0), max(levels, default=0)
    floor = max(0, low - (high - low) // 3) if high > low else 0
    width, height = WIDE * len(bars), TOP + HIGH + FOOT
    drawn = format_html_join("", "{}", ((bar_of(place, bar, floor, high),) for place, bar in enumerate(bars)))
    from_nothing = "" if floor == 0 else f"bars begin at {half_up(btc(floor), 0):,f} BTC"
    return format_html(
        '<svg class="waterfall" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{said}">'
        '<path class="axis" d="M0 {base}H{w}"/>{drawn}<text class="head" x="0" y="{foot}">{floor}</text></svg>',
        w=width, h=height, said=said(bars), base=TOP + HIGH, drawn=drawn, foot=height - 5, floor=from_nothing,
    )  # fmt: skip


def bar_of(place: int, bar: Step, floor: int, high: int) -> SafeString:
    def down(sat: int) -> int:
        return TOP + HIGH - round(HIGH * max(0, sat - floor) / max(1, high - floor))

    upper, lower = max(bar.from_sat, bar.to_sat), min(bar.from_sat, bar.to_sat)
    top, left = down(upper), WIDE * place + (WIDE - BAR) // 2
    bottom = TOP + HIGH if bar.is_whole else down(lower)
    middle = WIDE * place + WIDE // 2
    return format_html(
        '<rect class="fall-{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="words" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="head" x="{}" y="{}" text-anchor="middle">{}</text>',
        bar.tone, left, top, BAR, max(1, bottom - top), middle, top - 5, bar.words, middle, TOP + HIGH + 14, bar.name,
    )  # fmt: skip


def said(bars: Sequence[Step]) -> str:
    return "Bitcoin this month: " + ", ".join(f"{bar.name} {bar.words}" for bar in bars)
