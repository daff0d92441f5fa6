"""What the page of AI revenue shows: GPU-hours from telemetry to dollars, by site and contract."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from cango_ops.base import crumbs
from cango_ops.base.figures import MINUS, with_unit
from treasury.earnings.customers import AiSite, Customer, ai_sites
from treasury.earnings.span import Month
from treasury.money import half_up, percent
from treasury.web.value.page import months_back

ZERO: Final = Decimal("0.00")
MONTHS: Final = 6


@dataclass(frozen=True)
class Totals:
    """All sites together; GPU-hours and dollars."""

    installed: Decimal | None
    available: Decimal | None
    busy: Decimal | None
    committed: Decimal
    sold: Decimal
    unobserved: Decimal
    billed_usd: Decimal
    credit_usd: Decimal
    revenue_usd: Decimal

    @property
    def utilisation_pct(self) -> Decimal | None:
        return None if self.available is None else percent(self.sold, self.available, 2)

    @property
    def served_pct(self) -> Decimal | None:
        return percent(self.sold, self.committed, 2)


@dataclass(frozen=True)
class AiPage:
    """opened: the contract whose days are shown, if one is asked for."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    month: Month
    months: tuple[Month, ...]
    totals: Totals
    sites: tuple[AiSite, ...]
    opened: Customer | None
    as_of: datetime


def ai_page(now: datetime, month: Month | None, contract: int | None) -> AiPage:
    chosen = month or Month.of(now)
    sites = tuple(ai_sites(chosen, now))
    sums = totals(sites)
    every = [customer for site in sites for customer in site.customers]
    return AiPage(
        title=title(chosen, sites, sums),
        crumbs=(crumbs.COMPANY, crumbs.Crumb("Treasury", "/treasury/"), crumbs.Crumb("AI revenue", "/treasury/ai/")),
        month=chosen,
        months=tuple(months_back(Month.of(now), MONTHS)),
        totals=sums,
        sites=sites,
        opened=next((one for one in every if one.contract.pk == contract), None),
        as_of=now,
    )


def totals(sites: tuple[AiSite, ...]) -> Totals:
    def gpu(name: str) -> Decimal:
        return sum((getattr(site.gpu, name) or ZERO for site in sites), ZERO)

    def seen(name: str) -> Decimal | None:
        return gpu(name) if any(site.observed_h for site in sites) else None

    return Totals(
        seen("installed"), seen("available"), seen("busy"), gpu("committed"), gpu("sold"), gpu("unobserved"),
        sum((site.billed_usd for site in sites), ZERO), sum((site.credit_usd for site in sites), ZERO),
        sum((site.revenue_usd for site in sites), ZERO),
    )  # fmt: skip


def title(month: Month, sites: tuple[AiSite, ...], sums: Totals) -> str:
    if not sites:
        return f"No GPU-hours are known of {month.name}"
    if not sums.committed and not sums.unobserved:
        return f"No GPU contract was served in {month.name}"
    revenue = with_unit(f"{half_up(sums.revenue_usd, 0):,f}".replace("-", MINUS), "$")
    return f"{revenue} of GPU contracts in {month.name}"
