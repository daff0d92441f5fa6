"""One value of an answer, made into a number with a unit or into None. Pure.

Machines write numbers as strings, with thousands commas, with units behind, as "N/A", as nan and as 1e400. A value
that no machine can have (a negative hashrate, a chip at 1,000 C) is no reading: it becomes None, never a wrong number.
"""

import re
from functools import lru_cache
from math import isfinite
from typing import Any

from cango_ops.units import THS_PER_UNIT

MAX_THS = 20_000.0
MAX_POWER_W = 200_000.0
MAX_TEXT = 200
MAX_COUNT = 1 << 63

_QUANTITY = re.compile(r"\s*([+-]?[\d,]*\.?\d+(?:[eE][+-]?\d{1,3})?)\s*[^\d\s]{0,6}\s*")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{12}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def number(value: Any) -> float | None:
    """The finite number that `value` says, be it a number or a string such as "18,500.5"; else None."""
    kind = type(value)
    if kind is float:
        return value if isfinite(value) else None
    if kind is int:
        return float(value) if -MAX_COUNT < value < MAX_COUNT * 2 else None
    if kind is str:
        return _from_text(value)
    return None


def quantity(value: Any) -> float | None:
    """Like `number`, but the string may carry a unit: "58.94W", "4052.00 RPM", "12 %"."""
    if not isinstance(value, str):
        return number(value)
    found = _QUANTITY.fullmatch(value[:MAX_TEXT])
    return _from_text(found[1]) if found else None


def _from_text(text: str) -> float | None:
    # float() would also take 1_000 and the digits of other scripts, which no machine writes.
    if len(text) > 40 or not text.isascii() or "_" in text:
        return None
    try:
        read = float(text.replace(",", ""))
    except ValueError:
        return None
    return read if isfinite(read) else None


def between(value: Any, low: float, high: float) -> float | None:
    """The number, if it lies between `low` and `high`, both included."""
    if type(value) is float:
        return value if low <= value <= high else None
    read = number(value)
    return read if read is not None and low <= read <= high else None


def count(value: Any) -> int | None:
    """A whole number from 0 up, such as accepted shares; else None."""
    if type(value) is int:
        return value if 0 <= value <= MAX_COUNT else None
    read = between(value, 0, MAX_COUNT)
    return int(read) if read is not None else None


@lru_cache(maxsize=64)
def _divisor(unit: str) -> float | None:
    """How many of the unit make one TH/s; "GH", "GHS", "gh/s" and "GH/s" are one unit."""
    factor = THS_PER_UNIT.get(unit.upper().removesuffix("/S").removesuffix("S") or "TH")
    return None if factor is None else float(round(1 / factor)) if factor < 1 else 1 / factor


def ths(value: Any, unit: str = "TH") -> float | None:
    """A hashrate in TH/s from `value` in `unit` ("MH", "GH/s", ...); None where it is absurd."""
    divisor, read = _divisor(unit[:8]), number(value)
    if divisor is None or read is None:
        return None
    scaled = read / divisor
    return scaled if 0 <= scaled <= MAX_THS else None


def watts(value: Any) -> float | None:
    return between(value, 0, MAX_POWER_W)


def celsius(value: Any) -> float | None:
    """A temperature a sensor can have. 0 and below -40 is what missing sensors say, so it is None."""
    read = between(value, -40, 200)
    return read if read else None


def rpm(value: Any) -> int | None:
    read = between(value, 0, 60_000)
    return int(read) if read is not None else None


def seconds(value: Any) -> int | None:
    """A duration of at most a century."""
    read = between(value, 0, 3.2e9)
    return int(read) if read is not None else None


def text(value: Any) -> str | None:
    """A printable string of at most 200 characters, or None for nothing, "N/A" and the like."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value) if abs(value) < 1e18 else ""
    if not isinstance(value, str):
        return None
    if len(value) <= MAX_TEXT and value.isascii() and value.isprintable():
        clean = value.strip(" '")
        return None if clean.lower() in ABSENT_WORDS else clean
    clean = _UNPRINTABLE.sub(" ", value[: MAX_TEXT * 2]).strip().strip("'").strip()[:MAX_TEXT]
    return None if clean.lower() in ABSENT_WORDS else clean


ABSENT_WORDS = frozenset(("", "n/a", "[n/a]", "na", "none", "null", "unknown", "-", "--", "<deleted>"))


def mac(value: Any) -> str | None:
    """A MAC address as the machine writes it, with colons; None if it is not one."""
    if not isinstance(value, str) or not _MAC.fullmatch(found := value.strip()):
        return None
    if len(found) == 12:
        found = ":".join(found[at : at + 2] for at in range(0, 12, 2))
    found = found.replace("-", ":")
    return None if set(found) <= {"0", ":"} else found


def table(value: Any) -> dict[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any, most: int = 64) -> list[dict[str, Any]]:
    """The objects of a list, at most `most` of them; a lone object counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [row for row in value[:most] if isinstance(row, dict)] if isinstance(value, list) else []


def sequence(value: Any, most: int = 512) -> list[Any]:
    """The list, at most `most` of it, or an empty one."""
    return value[:most] if isinstance(value, list) else []


def highest(values: list[float | None]) -> float | None:
    """The largest of those that are there."""
    return max((value for value in values if value is not None), default=None)


def total(values: list[float | None]) -> float | None:
    """The sum of those that are there; None if none is."""
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def dashed(value: Any) -> list[float | None]:
    """The temperatures of a dash list, "40-60-39-59"; "-" and "" are none."""
    if not isinstance(value, str):
        return [celsius(value)]
    return [celsius(part) for part in value[:MAX_TEXT].split("-") if part]


def without_unused_fans(speeds: list[int]) -> list[int]:
    """The fans less a tail of two or more that stand still: those are sockets without a fan, unless all stand."""
    used = len(speeds)
    while used and speeds[used - 1] == 0:
        used -= 1
    return speeds[:used] if used and len(speeds) - used >= 2 else speeds
