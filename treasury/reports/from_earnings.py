"""A month's costs as they were told and measured, and what GPU contracts brought, each with the rows it came of."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.db.models import Avg, Q

from compute.models import Device, GpuContract
from treasury.closing.span import Span
from treasury.earnings.costs import Cost, costs
from treasury.earnings.customers import AiSite, ai_sites
from treasury.earnings.span import Month
from treasury.models import CostAmount
from treasury.money import half_up, percent
from treasury.reports.figures import Cell, known, missing

MONTHS_PER_YEAR: Final = 12
W_PER_MW: Final = 1_000_000
OF_COSTS: Final = {
    "cash_cost_per_btc_usd": "cash_per_btc_usd",
    "all_in_cost_per_btc_usd": "all_in_per_btc_usd",
    "hashcost_usd_per_ph_day": "hashcost_usd_per_ph_day",
    "power_cost_usd_per_kwh": "power_per_kwh_usd",
}


def facts(span: Span) -> dict[str, Cell]:
    """Of the company's sites; nothing where no cost was told, no day measured and no contract stood."""
    month = Month(span.first)
    company = costs(month, span.end_at)[0]
    sites = [site for site in ai_sites(month, span.end_at) if site.site.operator.is_company]
    found = of_costs(company) if company.told or company.sums.hash_hours or company.sums.energy_hours else {}
    return found | (of_customers(sites) if sites else {}) | of_contracts(span)


def of_costs(company: Cost) -> dict[str, Cell]:
    lineage = [f"cost:{row.source_id}" for row in company.told]
    if company.sums.joint_hours:
        lineage.append("site-days:company")
    reason = company.missing[0] if company.missing else "nothing was mined in the month"
    found = {}
    for code, name in OF_COSTS.items():
        value = getattr(company.figures, name, None)
        found[code] = missing(reason) if value is None else known(code, value, lineage)
    credits = [row for row in company.told if row.kind == CostAmount.Kind.CREDIT]
    if not credits:
        return found | {"power_credits_usd": missing("no credit is written down")}
    total = sum((row.amount_usd for row in credits), Decimal(0))
    return found | {
        "power_credits_usd": known("power_credits_usd", total, [f"cost:{row.source_id}" for row in credits])
    }


def of_customers(sites: Sequence[AiSite]) -> dict[str, Cell]:
    """GPU-hours sold, and of those that were available."""
    days = [day for site in sites for customer in site.customers for day in customer.days]
    if not days:
        return {}
    sold = sum((site.gpu.sold for site in sites), Decimal(0))
    unseen = sum((site.gpu.unobserved for site in sites), Decimal(0))
    note = f"{half_up(unseen, 0):,f} GPU-hours were promised in minutes of which nothing is known" if unseen else ""
    lineage = [f"contract:{site.site.code}/{one.contract.pk}" for site in sites for one in site.customers]
    found = {"gpu_hours_sold": known("gpu_hours_sold", sold, lineage, note=note)}
    available = sum((site.gpu.available or Decimal(0) for site in sites), Decimal(0))
    used = percent(sold, available, 4)
    if used is not None:
        found["gpu_utilisation_pct"] = known(
            "gpu_utilisation_pct", used, [*lineage, "= gpu_hours_sold / gpu_hours_available"], note=note
        )
    return found


def of_contracts(span: Span) -> dict[str, Cell]:
    """What the contracts that stood at the end of the month would bring in a year, and the power of their nodes."""
    standing = GpuContract.objects.filter(
        Q(end_at=None) | Q(end_at__gte=span.end_at), begin_at__lt=span.end_at, site__operator__is_company=True
    )
    rows = list(standing.select_related("site"))
    if not rows:
        return {}
    lineage = [f"contract:{row.site.code}/{row.pk}" for row in rows]
    a_month = sum((row.nodes * row.usd_per_node_h * span.hours for row in rows), Decimal(0))
    found = {"ai_arr_usd": known("ai_arr_usd", a_month * MONTHS_PER_YEAR, lineage)}
    watts = dict(
        Device.objects.filter(is_gpu=True, site__in=[row.site_id for row in rows])
        .values_list("site").annotate(each=Avg("nameplate_w"))
    )  # fmt: skip
    if any(watts.get(row.site_id) is None for row in rows):
        return found | {"ai_contracted_mw": missing("the nameplates of nodes under contract are not all known")}
    total = sum(row.nodes * (watts[row.site_id] or 0.0) for row in rows) / W_PER_MW
    return found | {"ai_contracted_mw": known("ai_contracted_mw", half_up(Decimal(repr(total)), 6), lineage)}
