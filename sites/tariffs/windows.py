"""Whether an instant lies in a window of a contract, and the billing month around it, by the site's wall clock.

On the day the clocks go forward the hour that is left out is charged by nobody; on the day they go back the hour that
comes twice is charged twice, as meters do.
"""

from collections.abc import Set
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sites.tariffs.terms import Window

DAY = timedelta(days=1)


def holds(when: Window, at: datetime, zone: str, holidays: Set[date] = frozenset()) -> bool:
    """True where the window holds at the instant. Weekday, month and holiday are those of the day it began."""
    local = at.astimezone(ZoneInfo(zone))
    clock, day = local.time(), local.date()
    if when.begin > when.end:
        if not (clock >= when.begin or clock < when.end):
            return False
        day = day - DAY if clock < when.end else day
    elif when.begin < when.end and not when.begin <= clock < when.end:
        return False
    return on_day(when, day, holidays)


def on_day(when: Window, day: date, holidays: Set[date]) -> bool:
    if when.months and day.month not in when.months:
        return False
    if when.weekdays and day.weekday() not in when.weekdays:
        return False
    return when.on_holidays is None or when.on_holidays == (day in holidays)


def billing_month(at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Beginning and end, in UTC, of the local calendar month that the instant lies in."""
    local = at.astimezone(ZoneInfo(zone)).date()
    first = local.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return midnight(first, zone), midnight(following, zone)


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def interval_of(at: datetime, minutes: int, zone: str) -> datetime:
    """Beginning, in UTC, of the metering interval: they are counted from the local hour."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    step = timedelta(minutes=minutes)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch + offset) // step * step - offset
