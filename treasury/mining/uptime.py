"""Average operating, deployed and curtailed hashrate of a month, and the ratios between them.

A month lies between local midnights, so it may be an hour short or long; averages are over its real seconds.
efficiency = operating / deployed; availability = operating / (deployed - curtailed).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from treasury.mining.series import Interval, integral, month_bounds, seconds
from treasury.money import half_up, percent


@dataclass(frozen=True)
class Fleet:
    """All sites together."""

    deployed_ehs: list[Interval]
    operating_ehs: list[Interval]
    curtailed_ehs: list[Interval]


@dataclass(frozen=True)
class Uptime:
    """Percentages are None where nothing was deployed, or all of it curtailed."""

    month_seconds: int
    average_deployed_ehs: Decimal
    average_operating_ehs: Decimal
    average_curtailed_ehs: Decimal
    efficiency_pct: Decimal | None
    availability_pct: Decimal | None


def uptime(fleet: Fleet, month: date, zone: ZoneInfo) -> Uptime:
    """month: any day of it."""
    start_at, end_at = month_bounds(month, zone)
    length = seconds(end_at - start_at)

    def average(intervals: Iterable[Interval]) -> Fraction:
        return integral(intervals, start_at, end_at) / length

    deployed, operating = average(fleet.deployed_ehs), average(fleet.operating_ehs)
    curtailed = average(fleet.curtailed_ehs)
    left = deployed - curtailed
    return Uptime(
        month_seconds=int(length),
        average_deployed_ehs=half_up(deployed, 4),
        average_operating_ehs=half_up(operating, 4),
        average_curtailed_ehs=half_up(curtailed, 4),
        efficiency_pct=percent(operating, deployed),
        availability_pct=percent(operating, left) if left > 0 else None,
    )
