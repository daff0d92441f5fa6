"""Calendar months by their names, such as "2025-10". Pure."""

import re
from calendar import monthrange
from datetime import date

from cango_ops.wire import Garbled

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def first_day(month: str) -> date:
    """Raises Garbled."""
    found = MONTH.fullmatch(month)
    if found is None:
        raise Garbled(f"{month!r} is no month: write 2025-10")
    return date(int(found[1]), int(found[2]), 1)


def days_in(month: str) -> int:
    first = first_day(month)
    return monthrange(first.year, first.month)[1]


def last_day(month: str) -> date:
    return first_day(month).replace(day=days_in(month))


def back(month: str, by: int = 1) -> str:
    """The month so many months before; a negative number goes on."""
    first = first_day(month)
    count = first.year * 12 + first.month - 1 - by
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def until(month: str, count: int) -> list[str]:
    """So many months, this one the last."""
    return [back(month, by) for by in range(count - 1, -1, -1)]
