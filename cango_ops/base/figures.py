"""Numbers as people read them: three significant digits, a unit beside them, the full value kept. Pure.

A figure of None is "not known", never 0.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cango_ops import units

NOT_KNOWN: Final = "not known"
DASH: Final = "–"
MINUS: Final = "−"
SIGNS: Final = MINUS + "+"


@dataclass(frozen=True)
class Figure:
    """text: the short number. unit: what stands beside it. full: everything that is known, for hover and copy."""

    text: str
    unit: str
    full: str


# Per kind of number: its steps from small to large as (value of one unit, name of the unit).
LADDERS: Final[dict[str, list[tuple[float, str]]]] = {
    "ths": [(1, "TH/s"), (units.THS_PER_PHS, "PH/s"), (units.THS_PER_EHS, "EH/s")],
    "w": [(1, "W"), (units.W_PER_KW, "kW"), (units.W_PER_MW, "MW"), (1e9, "GW")],
    "wh": [(1, "Wh"), (units.W_PER_KW, "kWh"), (units.W_PER_MW, "MWh"), (1e9, "GWh")],
    "mib": [(1, "MiB"), (1024, "GiB"), (1024**2, "TiB")],
    "per_s": [(1, "/s"), (1e3, "k/s"), (1e6, "M/s")],
    "jth": [(1, "J/TH")],
    "usd_per_mwh": [(1, "$/MWh")],
    "usd_per_h": [(1, "$/h")],
    "usd_per_ph_day": [(1, "$/PH/day")],
    "btc": [(1e-8, "sat"), (1, "BTC")],
    "s": [(1, "s")],
}
# Kinds with one unit and a fixed number of decimals.
FIXED: Final[dict[str, tuple[str, int]]] = {
    "pct": ("%", 1),
    "c": ("°C", 0),
    "rpm": ("rpm", 0),
    "count": ("", 0),
    "ms": ("ms", 0),
}


def figure(value: float | None, kind: str, digits: int = 3, unit: str | None = None) -> Figure:
    """The figure of a value given in the kind's smallest unit (TH/s, W, MiB ...).

    digits: significant digits, more where they are no noise.   unit: hold this step of the ladder (a column of
    a table has one unit in its head).   A ratio of kind "ratio" is shown in per cent.
    """
    if value is None:
        return Figure(DASH, "", NOT_KNOWN)
    if kind == "ratio":
        value, kind = value * 100, "pct"
    if kind in FIXED:
        name, decimals = FIXED[kind]
        return Figure(grouped(value, decimals), name, with_unit(full(value), name))
    size, name = step(value, kind) if unit is None else step_named(kind, unit)
    return Figure(significant(value / size, digits), name, with_unit(full(value), LADDERS[kind][0][1]))


def step(value: float, kind: str) -> tuple[float, str]:
    """The largest step of the kind's ladder that leaves at least 1 before the point."""
    fitting = [rung for rung in LADDERS[kind] if abs(value) >= rung[0]]
    return fitting[-1] if fitting else LADDERS[kind][0]


def step_named(kind: str, unit: str) -> tuple[float, str]:
    return next(rung for rung in LADDERS[kind] if rung[1] == unit)


def common_unit(values: list[float | None], kind: str) -> str:
    """The unit for a whole column: that of its largest value."""
    known = [abs(value) for value in values if value is not None]
    return step(max(known, default=0), kind)[1]


def significant(value: float, digits: int) -> str:
    """The value with so many significant digits, and all digits before the point."""
    if value == 0:
        return "0"
    before_point = len(str(int(abs(value)))) if abs(value) >= 1 else 1
    return grouped(value, max(0, digits - before_point))


def grouped(value: float | Decimal, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def full(value: float | Decimal) -> str:
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text.replace("-", MINUS)


def with_unit(text: str, unit: str) -> str:
    """Number and unit as they are read: "46 MW", "$99,490", "−$3.20/MWh"."""
    before, after = around(text, unit)
    return f"{before}{text.lstrip(SIGNS) if before else text}{after}"


def dollars(usd: float | Decimal, places: int | None = 2, unit: str = "") -> str:
    """ "$99,490", "−$3.20/MWh": dollars with a true minus before the sign.  places: None for all that a Decimal has."""
    if places is None:
        places = max(0, -int(Decimal(usd).normalize().as_tuple().exponent))
    return with_unit(grouped(usd, places), f"${unit}")


def around(text: str, unit: str) -> tuple[str, str]:
    """What of the unit stands before the number, its sign included, and what behind it: dollars stand before."""
    if not unit.startswith("$"):
        return "", f" {unit}" if unit else ""
    return f"{text[: len(text) - len(text.lstrip(SIGNS))]}$", unit[1:]


def counted(count: int, one: str, several: str = "") -> str:
    """ "1 node", "1,200 nodes"; several: where it is more than an s."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def duration(seconds: float) -> str:
    """A length of time in its one or two largest units: "14 s", "4 min", "3 h 12 min", "2 d 4 h"."""
    whole = max(0, int(seconds))
    if whole < units.SECONDS_PER_MINUTE:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if hours == 0:
        return f"{minutes} min"
    if days == 0:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"


def age(seconds: float) -> str:
    """A length of time in its largest unit alone, for narrow columns: "14 s", "4 min", "3 h", "2 d"."""
    return " ".join(duration(seconds).split(" ")[:2])
