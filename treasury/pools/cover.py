"""Which days of a pool account its payouts have paid, oldest day first. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple


class Unpaid(NamedTuple):
    """What is left of a day's earning."""

    day: date
    left_sat: int
    earned_sat: int


@dataclass(frozen=True)
class Cover:
    """beyond_sat: what was paid above all that had been earned until then."""

    unpaid: list[Unpaid]
    beyond_sat: int


def cover(earned_sat: Mapping[date, int], payouts: Iterable[tuple[datetime, int]]) -> Cover:
    """earned_sat: by day (UTC).   payouts: instants and satoshis.

    A payout pays for days that were over when it was sent. Payouts before the first known day was over say nothing of
    it, and the first one after may also pay what had stood in the account before.
    """
    days = sorted(earned_sat)
    left = dict(earned_sat)
    beyond, is_first = 0, True
    for paid_at, sat in sorted(payouts):
        sent_on = paid_at.astimezone(UTC).date()
        if not days or sent_on <= days[0]:
            continue
        for day in (day for day in days if day < sent_on):
            taken = min(left[day], sat)
            left[day] -= taken
            sat -= taken
        beyond += 0 if is_first else sat
        is_first = False
    return Cover([Unpaid(day, left[day], earned_sat[day]) for day in days if left[day]], beyond)
