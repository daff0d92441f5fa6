"""Small drawings made on the server as SVG: state marks, lines of a day, bars. Pure but for the escaping.

Sizes are attributes and colours come from classes, so that no page needs inline styles for them.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

# One shape a state, pairwise different in outline, drawn in a box of 12.
SHAPES: Final[dict[str, str]] = {
    "ok": '<circle cx="6" cy="6" r="3.5"/>',
    "warning": '<path d="M6 .8 11.6 11H.4z"/>',
    "critical": '<path d="M6 0l6 6-6 6-6-6z"/><path class="cut" d="M5.2 2.6h1.6v4H5.2zM5.2 7.6h1.6v1.7H5.2z"/>',
    "maintenance": '<path d="M1 1h10v10H1z"/><path class="cut" d="M3.6 3.2h1.7v5.6H3.6zM6.7 3.2h1.7v5.6H6.7z"/>',
    "stale": '<path fill-rule="evenodd" d="M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0zm0 1.7a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 0 1 '
    '0-8.6z"/><path d="M5.3 2.9h1.5v2.9l2 1.6-.9 1.1-2.6-2z"/>',
    "unknown": '<circle class="ring" cx="6" cy="6" r="4.9"/>',
}
WORDS: Final = {
    "ok": "ok",
    "warning": "warning",
    "critical": "critical",
    "maintenance": "maintenance",
    "stale": "stale",
    "unknown": "unknown",
}


FEWEST: Final = 3
LEAST_SHARE: Final = 0.05


def mark(state: str) -> SafeString:
    """The shape of a state alone, hidden from readers of the text: its word must stand beside it."""
    known = state if state in SHAPES else "unknown"
    return MARKS[known]


MARKS: Final = {
    state: format_html(
        '<svg class="mark is-{}" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{}</svg>',
        state, SafeString(shape),
    )
    for state, shape in SHAPES.items()
}  # fmt: skip


NO_BAR: Final = mark_safe(
    '<svg class="bar is-unknown" viewBox="0 0 100 8" width="100" height="8" preserveAspectRatio="none" '
    'aria-hidden="true"><path d="M0 4h100"/></svg>'
)


def sparkline(values: Sequence[float | None], width: int = 96, height: int = 24, name: str = "") -> SafeString:
    """The line of a series; gaps stay gaps. Empty where fewer than three values are known: two make a stroke, no line.

    A young history is drawn from where it begins, and what hardly moves is drawn as what hardly moves.
    """
    known = [value for value in values if value is not None]
    if len(known) < FEWEST:
        return mark_safe("")
    begin = next(place for place, value in enumerate(values) if value is not None)
    path = " ".join(stretches(values[begin:], width, height, *between(known)))
    label = format_html('role="img" aria-label="{}"', name) if name else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" {2} preserveAspectRatio="none">'
        '<path d="{3}"/></svg>',
        width, height, label, path,
    )  # fmt: skip


def between(known: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest value of a line, never nearer to each other than a twentieth of the greatest."""
    low, high = min(known), max(known)
    short = LEAST_SHARE * max(abs(low), abs(high)) - (high - low)
    return (low, high) if short <= 0 else (low - short / 2, high + short / 2)


def stretches(values: Sequence[float | None], width: int, height: int, low: float, high: float) -> list[str]:
    """One path command list a stretch without a gap. A line that never moves runs through the middle."""
    room, across = height - 4, width / max(1, len(values) - 1)
    found, pen_down = [], False
    for place, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        down = 0.5 if high == low else (high - value) / (high - low)
        found.append(f"{'L' if pen_down else 'M'}{place * across:.1f} {2 + down * room:.1f}")
        pen_down = True
    return found


def bar(ratio: float | None, state: str = "ok", name: str = "") -> SafeString:
    """What runs of what could: the filled part, and the missing part in the state's colour where one is wrong.

    A ratio that is not known is a dashed line, never an empty bar.
    """
    if ratio is None:
        return NO_BAR
    filled = max(0.0, min(1.0, ratio)) * 100
    wrong = state if state in ("warning", "critical") else "ok"
    label = format_html('role="img" aria-label="{}"', name) if name else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="bar is-{0}" viewBox="0 0 100 8" width="100" height="8" preserveAspectRatio="none" {1}>'
        '<rect class="bar-missing" x="{2}" width="{3}" height="8"/><rect class="bar-filled" width="{2}" height="8"/>'
        "</svg>",
        wrong, label, f"{filled:.1f}", f"{100 - filled:.1f}",
    )  # fmt: skip


def stack(parts: Sequence[tuple[str, float]], name: str = "") -> SafeString:
    """What goes to each of several uses, side by side, each in the colour of its class `use-...`; nothing known is a
    dashed line. Parts that are not above zero are left out."""
    shown = [(use, amount) for use, amount in parts if amount > 0]
    whole = sum(amount for _, amount in shown)
    if not whole:
        return NO_BAR
    ends = [0.0, *accumulate(100 * amount / whole for _, amount in shown)]
    label = format_html('role="img" aria-label="{}"', name) if name else mark_safe('aria-hidden="true"')
    places = (
        (use, f"{left:.1f}", f"{right - left:.1f}")
        for (use, _), (left, right) in zip(shown, pairwise(ends), strict=True)
    )
    rects = format_html_join("", '<rect class="use-{}" x="{}" width="{}" height="8"/>', places)
    return format_html(
        '<svg class="stack" viewBox="0 0 100 8" width="100" height="8" preserveAspectRatio="none" {}>{}</svg>',
        label, rects,
    )  # fmt: skip
