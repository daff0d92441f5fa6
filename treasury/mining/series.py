"""Quantities that are constant from one instant to the next: hashrate, difficulty, subsidy, fees, deployed machines."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)


class Step(NamedTuple):
    """The value from `start_at` on."""

    start_at: datetime
    value: Fraction


class Steps:
    """Steps in order of time; of two with the same start the later told holds."""

    def __init__(self, steps: Iterable[Step]) -> None:
        latest = {step.start_at: step.value for step in steps}
        self.starts = sorted(latest)
        self.values = [latest[start] for start in self.starts]

    def at(self, instant: datetime) -> Fraction | None:
        """The value at an instant; None before the first step."""
        number = bisect_right(self.starts, instant)
        return self.values[number - 1] if number else None

    def between(self, start_at: datetime, end_at: datetime) -> list[datetime]:
        return [start for start in self.starts if start_at < start < end_at]


class Interval(NamedTuple):
    """The value from start_at up to end_at, which is not in it any more."""

    start_at: datetime
    end_at: datetime
    value: Fraction


def seconds(length: timedelta) -> Fraction:
    """Exact, where total_seconds() would be a float."""
    return Fraction(length // MICROSECOND, 1_000_000)


def integral(intervals: Iterable[Interval], start_at: datetime, end_at: datetime) -> Fraction:
    """Value times seconds, of the parts that lie between the two instants."""
    total = Fraction(0)
    for interval in intervals:
        since, until = max(interval.start_at, start_at), min(interval.end_at, end_at)
        if since < until:
            total += interval.value * seconds(until - since)
    return total


def month_bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local midnights around a month, as UTC. month: any day of it."""
    first = datetime(month.year, month.month, 1, tzinfo=zone)
    year, number = (month.year + 1, 1) if month.month == 12 else (month.year, month.month + 1)
    return first.astimezone(UTC), datetime(year, number, 1, tzinfo=zone).astimezone(UTC)


def month_of(instant: datetime, zone: ZoneInfo) -> str:
    """The local month of an instant, such as "2025-10"."""
    local = instant.astimezone(zone)
    return f"{local.year:04d}-{local.month:02d}"
