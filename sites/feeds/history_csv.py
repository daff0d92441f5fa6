"""History of prices out of a CSV file by the wall clock of the market, as ERCOT publishes it. Pure.

The hour that comes twice when the clocks go back must stand twice, earlier first; where it stands once it is said to be
missing, and where it stands twice on any other day the file is refused. The hour that is left out in spring must not
be there. Nothing is filled in.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from cango_ops.wire import Garbled
from sites.feeds.price import Price, plausible

HOUR = timedelta(hours=1)
MOST_LINES = 200_000
MOST_WORDS = 20


@dataclass(frozen=True)
class Column:
    """What a column of the file holds."""

    market: str
    index: str


@dataclass(frozen=True)
class History:
    """prices: what was read.   said: what was missing, doubled or left out, in words; nothing was filled in."""

    prices: tuple[Price, ...]
    said: tuple[str, ...]


def parse_history(text: str, time_column: str, zone: str, columns: Mapping[str, Column]) -> History:
    """Hourly prices of the file's columns. zone: of the time column, UTC or the market's. Raises Garbled."""
    reader = csv.DictReader(io.StringIO(text))
    absent = [name for name in (time_column, *columns) if name not in (reader.fieldnames or ())]
    if absent:
        raise Garbled(f"the file has no column {absent[0]!r}")
    said: list[str] = []
    rows: dict[datetime, dict[str, str]] = {}
    for line, row in enumerate(reader, start=2):
        if line > MOST_LINES:
            raise Garbled(f"more than {MOST_LINES} lines")
        at = instant(row[time_column] or "", zone, line, rows, said)
        if at is not None:
            rows[at] = row
    said += gaps(sorted(rows))
    prices = [
        Price(column.market, column.index, at, 60, plausible(row[name], f"{at:%Y-%m-%d %H:%M}Z {name}"))
        for name, column in columns.items()
        for at, row in sorted(rows.items())
        if (row[name] or "").strip()
    ]
    return History(tuple(prices), tuple(said))


def instant(text: str, zone: str, line: int, known: Mapping[datetime, object], said: list[str]) -> datetime | None:
    """The beginning of the hour in UTC; None where the wall clock never showed it."""
    try:
        wall = datetime.fromisoformat(text)
    except ValueError as why:
        raise Garbled(f"line {line}: {text[:40]!r} is no time") from why
    if wall.tzinfo is not None:
        at = wall.astimezone(UTC)
    else:
        at = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
            said.append(f"line {line}: {text} never was, the clocks went forward; left out")
            return None
        later = wall.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
        if at in known and later != at:
            at = later
    if at in known:
        raise Garbled(f"line {line}: {text} stands twice")
    return at


def gaps(starts: list[datetime]) -> list[str]:
    """The hours that the file leaves out."""
    found = []
    for one, following in pairwise(starts):
        missing = (following - one) // HOUR - 1
        if missing > 0:
            found.append(f"{missing} h missing from {one + HOUR:%Y-%m-%d %H:%M}Z")
    if len(found) > MOST_WORDS:
        return [*found[:MOST_WORDS], f"and {len(found) - MOST_WORDS} more gaps"]
    return found
