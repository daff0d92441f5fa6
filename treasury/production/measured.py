"""Expected bitcoin of each site and day out of the hashrate that its machines were measured at.

Hours are those of the rollups; a minute without a measurement is a gap and adds nothing. Leased hashrate is taken off.
A day is made again while it runs, and whenever minutes of it came late.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from cango_ops.units import SATS_PER_BTC, THS_PER_EHS
from compute.market import past
from compute.market.past import Reward
from compute.models import MiningTerms, Rollup
from compute.telemetry.upsert import SITE_SCOPE
from sites.models import Site
from treasury.mining.expected import Network, NotCovered, expected
from treasury.mining.series import Step, Steps
from treasury.models import HashrateLease, ProductionDay

HOUR_S: Final = 3600
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
MINUTES: Final = 1440
# Older days are made again only when asked for: rollups of an hour do not come later than their samples may.
LOOK_BACK: Final = timedelta(days=40)
UPDATED: Final = ("expected_sat", "own_ths", "leased_ths", "minutes", "fee_share", "reason", "measured_at")


class Hour(NamedTuple):
    """minutes: those that were measured of it."""

    start_at: datetime
    ths: float
    minutes: int


class Leased(NamedTuple):
    begin_at: datetime
    end_at: datetime | None
    ths: Decimal


@dataclass(frozen=True)
class Known:
    """What the days of a run have in common."""

    difficulty: Steps
    rewards: Mapping[date, Reward]
    fees: Mapping[int, Decimal]
    leases: Mapping[int, Sequence[Leased]]


def measure(now: datetime) -> int:
    """Makes the days that are running, new, or got minutes since; how many."""
    today = now.astimezone(UTC).date()
    seen, made = minutes_seen(past.midnight(today) - LOOK_BACK, past.midnight(today) + DAY), minutes_made(today)
    wanted = {key for key, minutes in seen.items() if made.get(key) != minutes or key[1] >= today - DAY}
    return make(wanted, now)


def measure_between(first: date, last: date, now: datetime) -> int:
    """Makes every day of these again, whatever was known before; how many."""
    return make(minutes_seen(past.midnight(first), past.midnight(last) + DAY).keys(), now)


def minutes_seen(start_at: datetime, end_at: datetime) -> dict[tuple[int, date], int]:
    """Measured minutes by site and day, of sites with mining machines."""
    rows = measured(start_at, end_at).annotate(day=TruncDate("start_at", tzinfo=UTC))
    sums = rows.values("scope_id", "day").annotate(
        seen=Sum("minutes", filter=Q(hashrate_ths__isnull=False)), deployed=Sum("deployed_ths")
    )
    return {(row["scope_id"], row["day"]): row["seen"] or 0 for row in sums if row["deployed"]}


def measured(start_at: datetime, end_at: datetime) -> "QuerySet[Rollup]":
    return Rollup.objects.filter(resolution_s=HOUR_S, scope=SITE_SCOPE, start_at__gte=start_at, start_at__lt=end_at)


def minutes_made(today: date) -> dict[tuple[int, date], int]:
    rows = ProductionDay.objects.filter(day__gte=today - LOOK_BACK)
    return {(site, day): minutes for site, day, minutes in rows.values_list("site_id", "day", "minutes")}


def make(wanted: Collection[tuple[int, date]], now: datetime) -> int:
    """Writes these days of these sites, a day at a time."""
    by_day: dict[date, set[int]] = defaultdict(set)
    sites = set(Site.objects.values_list("pk", flat=True))
    for site, day in wanted:
        if site in sites:
            by_day[day].add(site)
    if not by_day:
        return 0
    known = facts(min(by_day), max(by_day))
    rows = [row for day in sorted(by_day) for row in days_of(day, by_day[day], known, now)]
    ProductionDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("site", "day"), update_fields=UPDATED, batch_size=500
    )
    return len(rows)


def facts(first: date, last: date) -> Known:
    start_at, end_at = past.midnight(first), past.midnight(last) + DAY
    leases: dict[int, list[Leased]] = defaultdict(list)
    rows = HashrateLease.objects.filter(Q(end_at=None) | Q(end_at__gt=start_at), begin_at__lt=end_at)
    for site, begin_at, until, ths in rows.values_list("site_id", "begin_at", "end_at", "hashrate_ths"):
        leases[site].append(Leased(begin_at, until, ths))
    return Known(
        difficulty=Steps(Step(at, Fraction(value)) for at, value in past.difficulties(start_at, end_at)),
        rewards=past.rewards(first, last),
        fees=dict(MiningTerms.objects.values_list("site_id", "fee_share")),
        leases=leases,
    )


def days_of(day: date, sites: Iterable[int], known: Known, now: datetime) -> list[ProductionDay]:
    start_at = past.midnight(day)
    hours: dict[int, list[Hour]] = defaultdict(list)
    rows = measured(start_at, start_at + DAY).filter(hashrate_ths__isnull=False).order_by("start_at")
    for site, at, ths, minutes in rows.values_list("scope_id", "start_at", "hashrate_ths", "minutes"):
        hours[site].append(Hour(at, ths or 0.0, min(60, minutes)))
    return [day_of(site, day, hours[site], known, now) for site in sorted(sites)]


def day_of(site: int, day: date, hours: Sequence[Hour], known: Known, now: datetime) -> ProductionDay:
    """One row, not written yet."""
    fee, leases = known.fees.get(site, Decimal(0)), known.leases.get(site, ())
    own, leased = own_steps(hours, leases), mean_leased(hours, leases)
    sat, reason = expected_of(day, own, known, fee) if hours else (None, "no machine said its hashrate")
    minutes = sum(hour.minutes for hour in hours)
    ths = sum(hour.ths * hour.minutes for hour in hours) / minutes if minutes else None
    return ProductionDay(
        site_id=site, day=day, expected_sat=sat, own_ths=None if ths is None else max(0.0, ths - leased),
        leased_ths=leased, minutes=minutes, fee_share=fee, reason=reason, measured_at=now,
    )  # fmt: skip


def expected_of(day: date, own_ehs: Steps, known: Known, fee: Decimal) -> tuple[int | None, str]:
    """Satoshis, or None and why."""
    reward, start_at = known.rewards.get(day), datetime.combine(day, time(), UTC)
    if reward is None:
        return None, f"what a block of {day} was worth is not known"
    of_block = [Fraction(part, SATS_PER_BTC) for part in reward]
    network = Network(known.difficulty, Steps([Step(start_at, of_block[0])]), Steps([Step(start_at, of_block[1])]))
    try:
        return expected(start_at, start_at + DAY, own_ehs, network, fee).sat, ""
    except NotCovered as why:
        return None, str(why)[:200]


def own_steps(hours: Sequence[Hour], leases: Sequence[Leased]) -> Steps:
    """The company's own hashrate in EH/s; of an hour with gaps the part that was measured, spread over the hour."""
    steps = []
    for hour in hours:
        end_at = hour.start_at + HOUR
        for since in (hour.start_at, *cuts(leases, hour.start_at, end_at)):
            ths = max(Fraction(0), Fraction(hour.ths) - leased_at(leases, since))
            steps.append(Step(since, ths * hour.minutes / 60 / int(THS_PER_EHS)))
        steps.append(Step(end_at, Fraction(0)))
    # Of two steps at one instant the later told holds: an hour's first one over the end of the hour before.
    return Steps(sorted(steps, key=lambda step: (step.start_at, step.value)))


def cuts(leases: Sequence[Leased], start_at: datetime, end_at: datetime) -> list[datetime]:
    told = {at for lease in leases for at in (lease.begin_at, lease.end_at) if at is not None}
    return sorted(at for at in told if start_at < at < end_at)


def leased_at(leases: Sequence[Leased], at: datetime) -> Fraction:
    holding = (one for one in leases if one.begin_at <= at and (one.end_at is None or at < one.end_at))
    return sum((Fraction(one.ths) for one in holding), Fraction(0))


def mean_leased(hours: Sequence[Hour], leases: Sequence[Leased]) -> float:
    """TH/s, the mean of the measured hours by what held when each began."""
    minutes = sum(hour.minutes for hour in hours)
    total = sum(leased_at(leases, hour.start_at) * hour.minutes for hour in hours)
    return float(total / minutes) if minutes else 0.0
