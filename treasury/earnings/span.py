"""A month between UTC midnights, the cut-off of the books. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True)
class Month:
    """first: its first day."""

    first: date

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        return cls(moment.astimezone(UTC).date().replace(day=1))

    @property
    def last(self) -> date:
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def start_at(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def end_at(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)

    @property
    def days(self) -> int:
        return self.last.day

    @property
    def hours(self) -> int:
        return 24 * self.days

    def is_over(self, now: datetime) -> bool:
        return now >= self.end_at

    def before(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1))

    def hours_until(self, now: datetime) -> int:
        """Its whole hours that are over."""
        return max(0, (min(self.end_at, now) - self.start_at) // timedelta(hours=1))

    @property
    def name(self) -> str:
        """As people say it: "November 2026"."""
        return f"{self.first:%B %Y}"

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"
