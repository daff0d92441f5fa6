"""Begins and ends leases of hashrate, and makes the days again that they change."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.wire import Garbled
from sites.models import Site
from treasury.models import HashrateLease
from treasury.production.measured import LOOK_BACK, measure_between

MAX_THS = Decimal(10**9)


@transaction.atomic
def begin(actor: str, site: Site, lessee: str, hashrate_ths: Decimal, at: datetime) -> HashrateLease:
    """Raises Garbled where the lease cannot be."""
    lessee = " ".join(lessee.split())
    if not 0 < len(lessee) <= 100 or not hashrate_ths.is_finite() or not 0 < hashrate_ths < MAX_THS:
        raise Garbled("a lease names its lessee and a hashrate above nothing")
    lease = HashrateLease.objects.create(site=site, lessee=lessee, hashrate_ths=hashrate_ths, begin_at=at)
    made_again(at.date())
    detail: dict[str, object] = {"lessee": lessee, "hashrate_ths": str(hashrate_ths), "at": at}
    audit.record(actor, "hashrate leased out", f"site/{site.code}", detail)
    return lease


@transaction.atomic
def end(actor: str, lease: HashrateLease, at: datetime) -> None:
    """Raises Garbled where it ended already, or would end before it began."""
    if at <= lease.begin_at:
        raise Garbled(f"the lease begins {lease.begin_at:%Y-%m-%d %H:%M} UTC")
    if HashrateLease.objects.filter(pk=lease.pk, end_at=None).update(end_at=at) != 1:
        raise Garbled("the lease has ended already")
    made_again(at.date())
    audit.record(actor, "lease ended", f"site/{lease.site.code}", {"lessee": lease.lessee, "at": at})


def made_again(first: date) -> None:
    today = clock.now().date()
    if first <= today:
        measure_between(max(first, today - LOOK_BACK), today, clock.now())
