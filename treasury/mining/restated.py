"""Months as they were published, as they are known now, and what differs.

What was published when a month was closed never changes. A later version of a payout makes the current figure differ:
that is a restatement, footnoted, and posted in the period that is open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from treasury.mining.series import month_of
from treasury.money import btc, half_up


class Payout(NamedTuple):
    """One version of a pool's payout. earned_for_end: the last instant it pays for.   recorded_at: when it came."""

    payout_id: str
    version: int
    sat: int
    earned_for_end: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Month:
    """published_sat None: the month is not closed yet."""

    days: int
    published_sat: int | None
    current_sat: int

    @property
    def restatement_sat(self) -> int | None:
        return None if self.published_sat is None else self.current_sat - self.published_sat

    @property
    def is_restated(self) -> bool:
        return bool(self.restatement_sat)

    @property
    def average_daily_btc(self) -> Decimal:
        return half_up(btc(self.current_sat) / self.days, 2)


def months_of(
    months: Mapping[str, int],
    payouts: Sequence[Payout],
    closed_at: Mapping[str, datetime],
    as_of: datetime,
    zone: ZoneInfo,
) -> dict[str, Month]:
    """Each month as published and as known at `as_of`. months: their days by name, such as {"2025-10": 31}."""
    current = by_month(known(payouts, as_of), zone)
    found = {}
    for name, days in months.items():
        closed = closed_at.get(name)
        published = None
        if closed is not None and closed <= as_of:
            published = by_month(known(payouts, closed), zone).get(name, 0)
        found[name] = Month(days, published, current.get(name, 0))
    return found


def known(payouts: Iterable[Payout], at: datetime) -> list[Payout]:
    """The latest version of each payout that had been recorded by then."""
    latest: dict[str, Payout] = {}
    for payout in payouts:
        if payout.recorded_at <= at:
            before = latest.get(payout.payout_id)
            if before is None or (payout.version, payout.recorded_at) > (before.version, before.recorded_at):
                latest[payout.payout_id] = payout
    return list(latest.values())


def by_month(payouts: Iterable[Payout], zone: ZoneInfo) -> dict[str, int]:
    """Satoshis by the local month in which they were earned."""
    sums: dict[str, int] = {}
    for payout in payouts:
        month = month_of(payout.earned_for_end, zone)
        sums[month] = sums.get(month, 0) + payout.sat
    return sums
