"""What GPU contracts brought in a month, site by site, from node-minutes of telemetry to dollars."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final
from urllib.parse import urlencode

from compute.models import GpuContract
from sites.models import Site
from treasury.earnings.span import Month
from treasury.models import ContractDay, SiteDay
from treasury.money import half_up, percent
from treasury.value.gpu_hours import MINUTES_PER_HOUR

ZERO: Final = Decimal("0.00")


@dataclass(frozen=True)
class Hours:
    """GPU-hours. installed: on the map.   available: answering.   busy: GPUs times their load.   committed: promised
    in minutes that were observed.   sold: of them served, and billed.   unobserved: promised in other minutes.
    The first three are None where no minute was observed."""

    installed: Decimal | None
    available: Decimal | None
    busy: Decimal | None
    committed: Decimal
    sold: Decimal
    unobserved: Decimal

    @property
    def utilisation_pct(self) -> Decimal | None:
        """Sold of available GPU-hours; reserved GPUs that were up count, whatever they computed."""
        return None if self.available is None else percent(self.sold, self.available, 2)

    @property
    def served_pct(self) -> Decimal | None:
        return percent(self.sold, self.committed, 2)


@dataclass(frozen=True)
class Day:
    """A day of a contract, for those who ask where a sum comes from."""

    row: ContractDay
    site_code: str

    @property
    def short_minutes(self) -> int:
        return self.row.committed_minutes - self.row.served_minutes

    @property
    def minutes_url(self) -> str:
        """The minutes of telemetry of the site on that day, by REST."""
        begin = f"{self.row.day}T00:00:00Z"
        end = f"{self.row.day + timedelta(days=1)}T00:00:00Z"
        asked = {"scope": "site", "id": self.site_code, "metrics": "gpus,gpus_reporting", "resolution_s": "60"}
        return f"/api/v1/series/?{urlencode(asked | {'from': begin, 'to': end}, safe=',:')}"


@dataclass(frozen=True)
class Customer:
    """A contract within a month."""

    contract: GpuContract
    hours: Hours
    billed_usd: Decimal
    credit_usd: Decimal
    days: tuple[Day, ...]

    @property
    def revenue_usd(self) -> Decimal:
        return self.billed_usd - self.credit_usd


@dataclass(frozen=True)
class AiSite:
    """A site within a month. observed_h: hours of it that telemetry saw, of hours."""

    site: Site
    hours: int
    observed_h: Decimal
    gpu: Hours
    customers: tuple[Customer, ...]

    @property
    def billed_usd(self) -> Decimal:
        return sum((one.billed_usd for one in self.customers), ZERO)

    @property
    def credit_usd(self) -> Decimal:
        return sum((one.credit_usd for one in self.customers), ZERO)

    @property
    def revenue_usd(self) -> Decimal:
        return self.billed_usd - self.credit_usd


def ai_sites(month: Month, now: datetime) -> list[AiSite]:
    """Every site that has GPUs observed, or a contract, in the month."""
    days: dict[int, list[SiteDay]] = defaultdict(list)
    for day in SiteDay.objects.filter(day__gte=month.first, day__lte=month.last, gpu_minutes_installed__gt=0):
        days[day.site_id].append(day)
    customers: dict[int, list[Customer]] = defaultdict(list)
    for customer in customers_of(month):
        customers[customer.contract.site_id].append(customer)
    sites = Site.objects.filter(pk__in={*days, *customers}).select_related("operator").order_by("code")
    hours = month.hours_until(now)
    return [ai_site(site, hours, days[site.pk], customers[site.pk]) for site in sites]


def ai_site(site: Site, hours: int, days: Iterable[SiteDay], customers: list[Customer]) -> AiSite:
    rows = list(days)
    seen = sum(row.gpu_minutes_observed for row in rows)
    return AiSite(
        site=site,
        hours=hours,
        observed_h=in_hours(seen),
        gpu=Hours(
            in_hours(sum(row.gpu_minutes_installed for row in rows)) if seen else None,
            in_hours(sum(row.gpu_minutes_available for row in rows)) if seen else None,
            in_hours(sum(row.gpu_minutes_busy for row in rows)) if seen else None,
            sum((one.hours.committed for one in customers), ZERO),
            sum((one.hours.sold for one in customers), ZERO),
            sum((one.hours.unobserved for one in customers), ZERO),
        ),
        customers=tuple(customers),
    )


def customers_of(month: Month) -> list[Customer]:
    days: dict[int, list[ContractDay]] = defaultdict(list)
    for day in ContractDay.objects.filter(day__gte=month.first, day__lte=month.last).order_by("day"):
        days[day.contract_id].append(day)
    rows = GpuContract.objects.filter(pk__in=days).select_related("site").order_by("customer", "pk")
    return [customer(row, days[row.pk]) for row in rows]


def customer(contract: GpuContract, days: list[ContractDay]) -> Customer:
    return Customer(
        contract=contract,
        hours=Hours(
            None, None, None,
            in_hours(sum(day.committed_minutes * day.gpus_per_node for day in days)),
            in_hours(sum(day.served_minutes * day.gpus_per_node for day in days)),
            in_hours(sum(day.unobserved_minutes * day.gpus_per_node for day in days)),
        ),
        billed_usd=sum((day.billed_usd for day in days), ZERO),
        credit_usd=sum((day.credit_usd for day in days), ZERO),
        days=tuple(Day(day, contract.site.code) for day in days),
    )  # fmt: skip


def in_hours(minutes: int) -> Decimal:
    return half_up(Fraction(minutes, MINUTES_PER_HOUR), 2)
