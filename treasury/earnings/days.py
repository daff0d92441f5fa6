"""Tells the days of the sites: the last ones until they stand, and today as far as it is known.

A day is told anew while its telemetry may still come in; told once after that, its row stands.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from cango_ops.base import clock, jobs, leases
from sites.models import Site
from treasury.books import closed
from treasury.earnings import charges, gpus, hashes, power
from treasury.earnings.hashes import HashHour
from treasury.earnings.power import Hour
from treasury.earnings.span import Month
from treasury.models import SiteDay

LEASE: Final = "treasury/site-days"
DAYS_BACK: Final = 3
DAY: Final = timedelta(days=1)
# Telemetry may come late by so much; after it the row of a day stands.
SETTLED: Final = timedelta(hours=6)


def tell_days() -> None:
    """Today and the days before it, of every site."""
    with jobs.run("treasury.tell_days") as job, leases.held(LEASE, 600) as lease:
        if lease is None:
            job.skip("another process tells the days")
            return
        now = clock.now()
        today = now.astimezone(UTC).date()
        for day in (today - back * DAY for back in range(DAYS_BACK, -1, -1)):
            settled = settled_sites(day)
            for site in Site.objects.exclude(pk__in=settled).order_by("code"):
                job.count(days=tell_day(site, day, now))


def settled_sites(day: date) -> list[int]:
    """Sites whose day was told so long after its end that it stands."""
    end = datetime.combine(day, time(), UTC) + DAY
    return list(SiteDay.objects.filter(day=day, made_at__gte=end + SETTLED).values_list("site_id", flat=True))


@transaction.atomic
def tell_day(site: Site, day: date, now: datetime) -> int:
    """1 where anything is known of the day."""
    begin = datetime.combine(day, time(), UTC)
    end = min(begin + DAY, now)
    missing: Counter[str] = Counter()
    contracts, watts = power.Contracts(site, begin, end), power.drawn(site, begin, end)
    hashed, drawn = hashes.hours_of(site, begin, end, missing), power.hours_of(contracts, watts, begin, end, missing)
    found = hashes.sums(hashed.values()) | power.sums(drawn.values()) | joint(hashed, drawn)
    found |= gpus.of_day(site, begin, end, now, missing)
    if not any(found[name] for name in ("hash_hours", "energy_hours", "gpu_minutes_observed")):
        return 0
    found |= {"missing": {why: count for why, count in missing.items() if count}, "made_at": now}
    found["charges"] = charges.of_day(contracts, watts or {})
    SiteDay.objects.update_or_create(site=site, day=day, defaults=found)
    charges.tell(site, months_of(begin, contracts.zone), now, closed.open_since())
    return 1


def months_of(begin: datetime, zone: ZoneInfo) -> list[Month]:
    """The months that a UTC day lies in, by the books and by the calendar of the site."""
    local = begin.astimezone(zone), (begin + DAY).astimezone(zone)
    return [Month(first) for first in sorted({at.date().replace(day=1) for at in (begin, *local)})]


def joint(hashed: Mapping[datetime, HashHour], drawn: Mapping[datetime, Hour]) -> dict[str, Any]:
    """The sums over the hours of which everything is known."""
    both = [at for at, hour in hashed.items() if hour.sat is not None and at in drawn and drawn[at].usd is not None]
    mined, bought = hashes.sums(hashed[at] for at in both), power.sums(drawn[at] for at in both)
    return {
        "joint_hours": len(both), "joint_ph_days": mined["ph_days"], "joint_sat": mined["expected_sat"],
        "joint_mined_usd": mined["mined_usd"], "joint_power_usd": bought["power_usd"],
    }  # fmt: skip
