"""A figure of several companies month by month, as SVG: the own company strong, the others quiet with their names.

Peers publish in patches: a month without a figure is a gap, and a company with one month is a point. Pure.
"""

from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from html import escape

from treasury.reports.charts import BOTTOM, INK, RIGHT, WIDTH, Chart, baseline, frame, text
from treasury.reports.months import back
from treasury.reports.numbers import number, short_month

HIGH = 168
NAMES = 96
LINE = 11.0
# Where the months begin: the numbers of the scale stand before them.
START = 56

Months = Mapping[str, Decimal]


def peer_chart(name: str, title: str, unit: str, companies: Mapping[str, Months], own: str,
               starred: Set[str] = frozenset()) -> Chart | None:  # fmt: skip
    """companies: by name, their months.   starred: own months that were restated.   None where nobody has a figure."""
    months = all_months([month for told in companies.values() for month in told])
    if not months:
        return None
    most = max(value for told in companies.values() for value in told.values())
    marks = [scale(most), baseline(), axis(months)]
    ends: list[tuple[float, float, str]] = []
    for company in sorted(companies, key=lambda one: one == own):
        spots = {month: spot(months, month, value, most) for month, value in companies[company].items()}
        marks.append(course(company, companies[company], spots, company == own))
        if company == own:
            marks += [text(*above(spots[month]), "*", "ink", 12) for month in sorted(starred & spots.keys())]
        x, y = spots[max(spots)]
        ends.append((x, y, company))
    marks.append(labels(ends, own))
    rows = tuple((month, tuple(told(companies[one], month) for one in companies)) for month in months)
    return Chart(name, title, unit, frame(marks, title), f"{title}, {unit}: {', '.join(companies)}", rows)


def above(spot: tuple[float, float]) -> tuple[float, float]:
    return spot[0], spot[1] - 4


def all_months(named: Sequence[str]) -> list[str]:
    """Every month from the first to the last."""
    if not named:
        return []
    months = [max(named)]
    while months[0] > min(named):
        months.insert(0, back(months[0]))
    return months


def told(months: Months, month: str) -> str | None:
    return number(months[month], "en") if month in months else None


def spot(months: Sequence[str], month: str, value: Decimal, most: Decimal) -> tuple[float, float]:
    across = (WIDTH - START - NAMES) / max(1, len(months) - 1)
    return START + across * months.index(month), height(value, most)


def height(value: Decimal, most: Decimal) -> float:
    return HIGH - BOTTOM - float(value / most) * (HIGH - BOTTOM - 12)


def scale(most: Decimal) -> str:
    """Hairlines at two to four round values, each with its number before it."""
    ten = Decimal(10) ** most.adjusted() if most > 0 else Decimal(1)
    step = next(step for step in (ten / 5, ten / 2, ten, 2 * ten, 5 * ten) if most < 5 * step)
    return "".join(rung(step * number, most) for number in range(1, int(most / step) + 1))


def rung(value: Decimal, most: Decimal) -> str:
    y = height(value, most)
    line = f'<path class="c-base" stroke="{INK["line"]}" fill="none" d="M{START - 6} {y:.1f}H{WIDTH - RIGHT}"/>'
    return line + text(START - 10, y + 3.5, f"{value:,f}", "quiet", 10, "end")


def course(company: str, months: Months, spots: Mapping[str, tuple[float, float]], is_own: bool) -> str:
    """Neighbouring months are joined; each has its point, and its figure on hover."""
    ink, wide = (INK["mining"], 1.8) if is_own else (INK["deployed"], 1.0)
    path, before = [], ""
    for month in sorted(spots):
        x, y = spots[month]
        path.append(f"{'L' if before and back(month) == before else 'M'}{x:.1f} {y:.1f}")
        before = month
    line_class = "c-line" if is_own else "c-deployed"
    dots = "".join(
        f'<circle class="c-{"mining" if is_own else "peer"}" fill="{ink}" cx="{x:.1f}" cy="{y:.1f}" '
        f'r="{2.6 if is_own else 2}"><title>{escape(company)} {month}: {number(months[month], "en")}</title></circle>'
        for month, (x, y) in spots.items()
    )
    return f'<path class="{line_class}" stroke="{ink}" stroke-width="{wide}" fill="none" d="{"".join(path)}"/>{dots}'


def labels(ends: Sequence[tuple[float, float, str]], own: str) -> str:
    """Names beside the last points, pushed apart where they would lie on each other."""
    placed: list[tuple[float, float]] = []
    found = []
    for x, wanted_y, company in sorted(ends, key=lambda one: one[2] != own):
        y = free(x, wanted_y, placed)
        placed.append((x, y))
        found.append(text(x + 7, y + 3.5, escape(company), "ink" if company == own else "quiet", 10, "start"))
    return "".join(found)


def free(x: float, wanted_y: float, placed: Sequence[tuple[float, float]]) -> float:
    """The height nearest to the wanted one at which a name lies on no other and not on the axis."""
    lowest = HIGH - BOTTOM - 4
    steps = sorted((LINE / 2 * step for step in range(-12, 13)), key=abs)
    heights = (min(wanted_y, lowest) + step for step in steps)
    clear = (y for y in heights if 4 < y <= lowest and not any(near(x, y, other) for other in placed))
    return next(clear, wanted_y)


def near(x: float, y: float, other: tuple[float, float]) -> bool:
    return abs(y - other[1]) < LINE and abs(x - other[0]) < NAMES


def axis(months: Sequence[str]) -> str:
    """Every third month, so that names stay apart."""
    across = (WIDTH - START - NAMES) / max(1, len(months) - 1)
    step = 3 if len(months) > 10 else 1
    return "".join(
        text(START + across * place, HIGH - 8, short_month(month), "quiet", 10)
        for place, month in enumerate(months)
        if place % step == 0
    )
