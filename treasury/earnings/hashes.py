"""The hashes of a site's day, and what they should have earned at the difficulty, reward and price of their hours."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from cango_ops.units import HASHES_PER_TH, SATS_PER_BTC, SECONDS_PER_HOUR, THS_PER_PHS
from compute.models import MiningTerms, NetworkReading
from compute.telemetry import queries
from sites.models import Site
from treasury.mining.expected import HASHES_PER_DIFFICULTY
from treasury.money import cents, half_up, whole

HOUR: Final = timedelta(hours=1)
# A reading of the network older than this says nothing about an hour.
READ_FOR: Final = timedelta(hours=6)
HOURS_PER_DAY: Final = 24


class HashHour(NamedTuple):
    """ph_days: PH/s times days.   sat: what it should have earned, None where the network was not read."""

    ph_days: Fraction
    sat: Fraction | None
    usd: Fraction


def hours_of(site: Site, begin: datetime, end: datetime, missing: Counter[str]) -> dict[datetime, HashHour]:
    """The whole hours of [begin, end) in which hashes were measured."""
    told = queries.series("site", [site.pk], ["hashrate_ths"], begin, end, SECONDS_PER_HOUR)
    keep, network = 1 - Fraction(fee_share(site)), Network(begin, end)
    found = {}
    for at, ths in zip(told.start_at, told.columns["hashrate_ths"], strict=True):
        if at + HOUR > end:
            continue
        if ths is None:
            missing["hashrate not measured"] += 1
            continue
        reading = network.at(at + HOUR)
        missing["network not read"] += reading is None
        found[at] = hour_of(Fraction(ths), reading, keep)
    return found


def hour_of(ths: Fraction, reading: NetworkReading | None, keep: Fraction) -> HashHour:
    ph_days = ths / THS_PER_PHS / HOURS_PER_DAY
    if reading is None:
        return HashHour(ph_days, None, Fraction(0))
    blocks = ths * HASHES_PER_TH * SECONDS_PER_HOUR / (Fraction(reading.difficulty) * HASHES_PER_DIFFICULTY)
    sat = blocks * reading.reward_sat * keep
    return HashHour(ph_days, sat, sat * Fraction(reading.price_usd) / SATS_PER_BTC)


def sums(hours: Iterable[HashHour]) -> dict[str, Any]:
    told = list(hours)
    return {
        "hash_hours": len(told),
        "ph_days": half_up(sum((hour.ph_days for hour in told), Fraction(0)), 6),
        "worth_hours": sum(hour.sat is not None for hour in told),
        "expected_sat": whole(sum((hour.sat or Fraction(0) for hour in told), Fraction(0))),
        "mined_usd": cents(sum((hour.usd for hour in told), Fraction(0))),
    }


def fee_share(site: Site) -> Decimal:
    terms = MiningTerms.objects.filter(site=site).first()
    return terms.fee_share if terms else Decimal(0)


class Network:
    """Readings of the network around a day."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        rows = NetworkReading.objects.filter(observed_at__gte=begin - READ_FOR, observed_at__lt=end)
        self.rows: Sequence[NetworkReading] = list(rows.order_by("observed_at"))
        self.times = [row.observed_at for row in self.rows]

    def at(self, instant: datetime) -> NetworkReading | None:
        """The newest one before an instant, None where it is too old."""
        number = bisect_left(self.times, instant)
        if not number or instant - self.times[number - 1] > READ_FOR:
            return None
        return self.rows[number - 1]
