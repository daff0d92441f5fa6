"""Ways of expecting a price of the coming hours, and how far off each was. Pure.

baselines: the last price stays; the same hour of the day before. day_ahead: what the day-ahead market says, with the
deviation of now dying away by 0.6 * 0.5 ** hours (field measurement on ERCOT).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

HOUR: Final = timedelta(hours=1)
PERSISTENCE: Final = "persistence"
YESTERDAY: Final = "same hour yesterday"
AHEAD: Final = "day-ahead and deviation"
METHODS: Final = (AHEAD, YESTERDAY, PERSISTENCE)
KEPT, HALVED = 0.6, 0.5

# The mean real-time or day-ahead price of the hour that begins then; None where it is not known.
ByHour: TypeAlias = Callable[[datetime], float | None]


def persistence(last: float | None, hours: int) -> list[float | None]:
    return [last] * hours


def same_hour_yesterday(real_time: ByHour, begin: datetime, hours: int) -> list[float | None]:
    """Of the last day that is known whole: the second day ahead repeats the same hours."""
    return [real_time(begin + HOUR * (at % 24) - 24 * HOUR) for at in range(hours)]


def day_ahead(ahead: ByHour, last: float | None, begin: datetime, hours: int) -> list[float | None]:
    """Where tomorrow is not published yet, the hours of the newest day that is repeat."""
    now = ahead(begin)
    deviation = 0.0 if last is None or now is None else last - now
    found = []
    for at in range(hours):
        expected = next((usd for day in (0, 1, 2) if (usd := ahead(begin + HOUR * (at - 24 * day))) is not None), None)
        found.append(None if expected is None else expected + KEPT * HALVED**at * deviation)
    return found


@dataclass(frozen=True)
class Error:
    """One hour of a forecast against what came."""

    begin_at: datetime
    lead_h: int
    error_usd_per_mwh: float


def errors(made_at: datetime, begin_at: datetime, expected: Sequence[float | None], came: ByHour) -> list[Error]:
    """Of the hours that both are known of. error: expected less what came."""
    found = []
    for at, usd in enumerate(expected):
        hour = begin_at + HOUR * at
        actual = came(hour)
        if usd is not None and actual is not None:
            found.append(Error(hour, max(0, (hour - made_at) // HOUR), usd - actual))
    return found
