"""A past as a back-test keeps it: the same numbers again, years later. Pure."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime

from compute.backtest.history import History
from compute.backtest.site_file import CLOCK, history_of, read_site
from compute.decisions.frozen import Unreadable, converted, packed, unpacked
from compute.switching.case import BadCase

SCHEMA = "backtest-history/1"
# A leap year of hours.
MOST_STEPS = 24 * 366
PRICED = "real_time_usd_mwh"


@dataclass(frozen=True, eq=False)
class Past:
    """begin_local: the first step by the site's clock, written as if it were UTC.   notes: what was left out."""

    history: History
    begin_local: datetime
    source: str
    notes: tuple[str, ...] = ()


def frozen(history: History) -> bytes:
    return packed({"schema": SCHEMA, "history": history})


def thawed(data: bytes | memoryview) -> History:
    """Raises Unreadable."""
    raw = unpacked(data)
    if raw.get("schema") != SCHEMA:
        raise Unreadable(f"schema is {str(raw.get('schema'))[:40]!r}, not {SCHEMA!r}")
    history: History = converted(raw["history"], History)
    return history


def of_file(site: bytes, series: bytes, name: str) -> Past:
    """A file of schema backtest-site/1 and its series. Raises BadCase."""
    try:
        text = series.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadCase("the series is no UTF-8 text") from None
    history = history_of(read_site(site), text)
    if history.truth.steps > MOST_STEPS:
        raise BadCase(f"the series has {history.truth.steps} steps; a back-test takes {MOST_STEPS} at most")
    return Past(history, first_clock(text), name, tuple(missing_words(history)))


def missing_words(history: History) -> list[str]:
    """What the series did not hold."""
    return [
        f"{count} hours have no price and are left out" if name == PRICED else f"{count} values of {name} are held"
        for name, count in history.missing.items()
    ]


def first_clock(series: str) -> datetime:
    """When the first step that has a price begins; the series was read before and is sound."""
    for row in csv.DictReader(io.StringIO(series)):
        if (row.get(PRICED) or "").strip():
            return datetime.fromisoformat(row[CLOCK]).replace(tzinfo=UTC)
    raise BadCase("the series has no rows")
