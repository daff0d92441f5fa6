"""A month of the books between its midnights. The books are cut off in UTC. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from treasury.mining.series import month_bounds


@dataclass(frozen=True)
class Span:
    """first: the month's first day.   start_at, end_at: its first instant and that of the next month."""

    first: date
    start_at: datetime
    end_at: datetime

    @property
    def hours(self) -> int:
        return int((self.end_at - self.start_at).total_seconds()) // 3600

    @property
    def days(self) -> int:
        return self.hours // 24


def span_of(first: date) -> Span:
    start_at, end_at = month_bounds(first, ZoneInfo("UTC"))
    return Span(first, start_at, end_at)


def now_is_after(span: Span, now: datetime) -> bool:
    return now.astimezone(UTC) >= span.end_at
