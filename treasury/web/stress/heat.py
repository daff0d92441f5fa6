"""The stress grid as SVG: the price across, the hashprice down; each cell with its state in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDE: Final = 88
HIGH: Final = 40
LEFT: Final = 64
TOP: Final = 28


@dataclass(frozen=True)
class Square:
    """state: ok, warning, critical or unknown.   words: what the lender does.   below: how long money lasts."""

    state: str
    words: str
    below: str


def heat_map(columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Square]]], said: str) -> SafeString:
    """columns: heads.   rows: a head and its squares each.   said: the map in one sentence."""
    width, height = LEFT + WIDE * len(columns), TOP + HIGH * len(rows)
    heads = format_html_join(
        "", '<text class="head" x="{}" y="18" text-anchor="middle">{}</text>',
        ((LEFT + WIDE * place + WIDE // 2, head) for place, head in enumerate(columns)),
    )  # fmt: skip
    body = format_html_join("", "{}", ((row(place, head, squares),) for place, (head, squares) in enumerate(rows)))
    return format_html(
        '<svg class="heat-map" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{said}">'
        "{heads}{body}</svg>",
        w=width, h=height, said=said, heads=heads, body=body,
    )  # fmt: skip


def row(place: int, head: str, squares: Sequence[Square]) -> SafeString:
    top = TOP + HIGH * place
    cells = format_html_join(
        "", '<g class="is-{}"><rect x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="words" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="below" x="{}" y="{}" text-anchor="middle">{}</text></g>',
        (cell(LEFT + WIDE * number, top, square) for number, square in enumerate(squares)),
    )  # fmt: skip
    return format_html(
        '<text class="head" x="{}" y="{}" text-anchor="end">{}</text>{}', LEFT - 8, top + HIGH // 2 + 4, head, cells
    )


def cell(left: int, top: int, square: Square) -> tuple[object, ...]:
    middle = left + WIDE // 2
    return (
        square.state, left + 1, top + 1, WIDE - 2, HIGH - 2, middle, top + 17, square.words, middle, top + 32,
        square.below,
    )  # fmt: skip


def signed_pct(value: Decimal) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value).normalize():f} %"
