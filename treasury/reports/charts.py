"""The charts of a report as SVG: bars of a figure by month, and two hashrates as lines. Pure.

One renderer for page, PDF and image pack. Colours are attributes, which print as they are, and classes, by which a page
gives them its theme. Every bar and point carries its figure as the documents print it; a month without one is a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Final

from treasury.reports.numbers import number, short_month
from treasury.reports.snapshot import Point, Series

WIDTH: Final = 640
HEIGHT: Final = 168
# The top of a scale whose figures are all 0.
LEAST: Final = Decimal(1)
LEAST_POINTS: Final = 2
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 26, 24
FONT: Final = "Libertinus Serif, Noto Sans SC, Segoe UI, Noto Sans, Liberation Sans, sans-serif"
INK: Final = {
    "mining": "#c96f00", "past": "#e3b06a", "quiet": "#62686d", "ink": "#191b1c", "line": "#dcd9d1",
    "deployed": "#83817a",
}  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """name: of its file.   rows: its data table, (month, figures as printed or None).   columns: their names."""

    name: str
    title: str
    unit: str
    svg: str
    alt: str
    rows: tuple[tuple[str, tuple[str | None, ...]], ...]
    columns: tuple[str, ...] = ()


def bars(name: str, title: str, unit: str, series: Series, language: str, missing: str) -> Chart | None:
    """One bar a month, the last one strong. None where fewer than two months have the figure: one says nothing."""
    known = [point.shown for point in series.points if point.shown is not None]
    if len(known) < LEAST_POINTS or max(known) <= 0:
        return None
    points = list(series.points)
    marks = [baseline(), gap_key(LEFT, missing) if len(known) < len(points) else ""]
    for place, point in enumerate(points):
        marks.append(bar(points, place, point, max(known), language, missing))
    rows = tuple((point.month, (told(point, language),)) for point in points)
    return Chart(name, title, unit, frame(marks, title), alt(title, unit, rows, missing), rows, (title,))


def bar(points: Sequence[Point], place: int, point: Point, most: Decimal, language: str, missing: str) -> str:
    across = (WIDTH - LEFT - RIGHT) / len(points)
    middle = LEFT + across * (place + 0.5)
    is_last = place == len(points) - 1
    month = text(middle, HEIGHT - 8, short_month(point.month), "ink" if is_last else "quiet", 10)
    if point.shown is None:
        return month + gap(middle, missing)
    high = max(0.0, float(point.shown / most) * (HEIGHT - TOP - BOTTOM))
    wide = across * 0.62
    kind = "mining" if is_last else "past"
    label = text(middle, HEIGHT - BOTTOM - high - 5, starred(point, language), "ink" if is_last else "quiet", 10)
    return (
        f'<rect class="c-{kind}" fill="{INK[kind]}" x="{middle - wide / 2:.1f}" y="{HEIGHT - BOTTOM - high:.1f}" '
        f'width="{wide:.1f}" height="{high:.1f}"/>{label}{month}'
    )


def lines(name: str, title: str, unit: str, two: tuple[Series, Series], legend: tuple[str, str], language: str,
          missing: str) -> Chart | None:  # fmt: skip
    """The first series as a stepped rule above, the second as a line with a point and figure a month."""
    above, below = two
    known = [point.shown for series in two for point in series.points if point.shown is not None]
    measured = sum(point.shown is not None for point in below.points)
    if measured < LEAST_POINTS:
        return None
    most = float(max(max(known), LEAST)) * 1.04
    marks = [baseline(), steps(above, most, language), course(below, most, language)]
    marks += [months_of(below), gaps(below, missing), key(legend)]
    marks.append(gap_key(LEFT + 260, missing) if measured < len(below.points) else "")
    rows = tuple(
        (first.month, (told(first, language), told(second, language)))
        for first, second in zip(above.points, below.points, strict=True)
    )
    return Chart(name, title, unit, frame(marks, title), alt(title, unit, rows, missing), rows, legend)


def told(point: Point, language: str) -> str | None:
    return None if point.shown is None else number(point.shown, language)


def starred(point: Point, language: str) -> str:
    """The figure, with a star where it was restated."""
    return f"{told(point, language) or ''}{'*' if point.is_restated else ''}"


def at(series: Series, place: int, value: Decimal | None, most: float) -> tuple[float, float]:
    across = (WIDTH - LEFT - RIGHT) / len(series.points)
    high = float(value or 0) / most * (HEIGHT - TOP - BOTTOM)
    return LEFT + across * (place + 0.5), HEIGHT - BOTTOM - high


def steps(series: Series, most: float, language: str) -> str:
    """A rule as wide as its month; the figure stands where it changes."""
    half = (WIDTH - LEFT - RIGHT) / len(series.points) / 2
    found, before = [], None
    for place, point in enumerate(series.points):
        if point.shown is None:
            before = None
            continue
        x, y = at(series, place, point.shown, most)
        found.append(
            f'<path class="c-deployed" stroke="{INK["deployed"]}" stroke-width="1.5" fill="none" '
            f'd="M{x - half:.1f} {y:.1f}H{x + half:.1f}"/>'
        )
        if point.shown != before:
            found.append(text(x, y - 5, starred(point, language), "quiet", 10))
        before = point.shown
    return "".join(found)


def course(series: Series, most: float, language: str) -> str:
    """The line, broken where a month has no figure."""
    path, dots, is_down = [], [], False
    for place, point in enumerate(series.points):
        if point.shown is None:
            is_down = False
            continue
        x, y = at(series, place, point.shown, most)
        path.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        is_down = True
        dots.append(f'<circle class="c-mining" fill="{INK["mining"]}" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>')
        dots.append(text(x, y + 15, starred(point, language), "ink", 10))
    line = f'<path class="c-line" stroke="{INK["mining"]}" stroke-width="1.8" fill="none" d="{"".join(path)}"/>'
    return line + "".join(dots)


def months_of(series: Series) -> str:
    named = ((at(series, place, None, 1.0)[0], point.month) for place, point in enumerate(series.points))
    return "".join(text(x, HEIGHT - 8, short_month(month), "quiet", 10) for x, month in named)


def gaps(series: Series, missing: str) -> str:
    places = (place for place, point in enumerate(series.points) if point.shown is None)
    return "".join(gap(at(series, place, None, 1.0)[0], missing) for place in places)


def gap(middle: float, missing: str) -> str:
    """A dashed foot: something belongs here and is not known."""
    return (
        f'<path class="c-gap" stroke="{INK["quiet"]}" stroke-dasharray="2 2" fill="none" '
        f'd="M{middle:.1f} {HEIGHT - BOTTOM}V{HEIGHT - BOTTOM - 14}"><title>{escape(missing)}</title></path>'
    )


def key(legend: tuple[str, str]) -> str:
    return (
        f'<path class="c-deployed" stroke="{INK["deployed"]}" stroke-width="1.5" d="M{LEFT} 8h18"/>'
        + text(LEFT + 24, 11.5, legend[0], "quiet", 10, "start")
        + f'<circle class="c-mining" fill="{INK["mining"]}" cx="{LEFT + 130}" cy="8" r="2.6"/>'
        + text(LEFT + 138, 11.5, legend[1], "quiet", 10, "start")
    )


def gap_key(x: float, missing: str) -> str:
    """What a dashed foot means, beside the legend."""
    mark = f'<path class="c-gap" stroke="{INK["quiet"]}" stroke-dasharray="2 2" fill="none" d="M{x + 2:.1f} 2V13"/>'
    return mark + text(x + 8, 11.5, missing, "quiet", 10, "start")


def baseline() -> str:
    return (
        f'<path class="c-base" stroke="{INK["line"]}" fill="none" d="M{LEFT} {HEIGHT - BOTTOM + 0.5}H{WIDTH - RIGHT}"/>'
    )


def text(x: float, y: float, words: str, ink: str, size: int, anchor: str = "middle") -> str:
    return (
        f'<text class="c-{ink}" x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK[ink]}">'
        f"{escape(words)}</text>"
    )


def frame(marks: Sequence[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="{FONT}">{"".join(marks)}</svg>'
    )


def alt(title: str, unit: str, rows: Sequence[tuple[str, tuple[str | None, ...]]], missing: str) -> str:
    told_rows = (f"{month} {' / '.join(one or missing for one in cells)}" for month, cells in rows)
    return f"{title}, {unit}: {'; '.join(told_rows)}"
