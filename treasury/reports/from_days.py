"""A month's energy, power cost, cost per bitcoin and GPU-hours: the days of the company's sites (`SiteDay`), what GPU
contracts were served, and the costs that somebody wrote down.

A figure that is a sum needs (nearly) every hour; a figure that is a quotient is told over the hours of which everything
is known, and says how many those were.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Q, Sum

from cango_ops.base import clock
from cango_ops.units import W_PER_MW
from compute.models import Device, GpuContract
from treasury.earnings.costs import POWER, Cost, costs
from treasury.earnings.customers import AiSite, ai_sites
from treasury.earnings.span import Month
from treasury.mining.cost import Production, efficiency
from treasury.models import CostAmount, SiteDay
from treasury.money import half_up, percent
from treasury.reports.figures import Cell, known, missing

ENOUGH_PCT: Final = Decimal(99)
HOURS_PER_DAY: Final = 24
PH_PER_EH: Final = 1000
COSTS: Final = ("cash_cost_per_btc_usd", "all_in_cost_per_btc_usd", "hashcost_usd_per_ph_day")
AI: Final = ("gpu_hours_available", "gpu_hours_sold", "gpu_utilisation_pct", "ai_contracted_mw", "ai_arr_usd")
Kind = CostAmount.Kind


def facts(span: Month) -> dict[str, Cell]:
    now = clock.now()
    company = costs(span, now)[0]
    days = list(SiteDay.objects.filter(day__gte=span.first, day__lte=span.last, site__operator__is_company=True)
                .select_related("site"))  # fmt: skip
    lineage = [f"days:{code}/{span}" for code in sorted({day.site.code for day in days})]
    sites = [one for one in ai_sites(span, now) if one.site.operator.is_company]
    return energy(company, days, lineage) | power(company, lineage) | cost(company, lineage) | gpus(sites, span)


# Energy


def energy(company: Cost, days: Sequence[SiteDay], lineage: Sequence[str]) -> dict[str, Cell]:
    sums = company.sums
    told = coverage(sums.energy_hours, sums.hours)
    found = {"fleet_j_per_th": joules(days)}
    if is_enough(sums.energy_hours, sums.hours):
        found["energy_mwh"] = known("energy_mwh", sums.energy_kwh / 1000, lineage, note=told)
    else:
        found["energy_mwh"] = missing(f"the meters were read in {sums.energy_hours:,} of {sums.hours:,} site-hours")
    return found


def joules(days: Iterable[SiteDay]) -> Cell:
    """Of whole days of sites that only mine: there the meter's energy is that of the hashes."""
    whole = [
        day for day in days
        if day.energy_hours == day.hash_hours == HOURS_PER_DAY and not day.gpu_minutes_installed
    ]  # fmt: skip
    kwh, ph_days = sum((day.energy_kwh for day in whole), Decimal(0)), sum((day.ph_days for day in whole), Decimal(0))
    value = efficiency(Production(0, Decimal(1), ph_days / PH_PER_EH, None, kwh))
    if value is None:
        return missing("no whole day of a site that only mines was both metered and hashed")
    codes = sorted({day.site.code for day in whole})
    lineage = [f"days:{code}/{day_month(whole)}" for code in codes]
    return known("fleet_j_per_th", value, lineage, note=f"{len(whole):,} days of {len(codes)} sites that only mine")


def day_month(days: Sequence[SiteDay]) -> str:
    return f"{days[0].day:%Y-%m}"


def coverage(hours: int, of: int) -> str:
    """Empty where every hour is known."""
    return "" if hours >= of else f"{percent(hours, of, 2)} % of the site-hours known"


def is_enough(hours: int, of: int) -> bool:
    share = percent(hours, of)
    return share is not None and share >= ENOUGH_PCT


# What it cost


def power(company: Cost, lineage: Sequence[str]) -> dict[str, Cell]:
    """By the bill where one was written down for all of a metered month, else as meters and prices say."""
    sums, credits = company.sums, [row for row in company.told if row.kind == Kind.CREDIT]
    billed = company.figures.power_per_kwh_usd if company.figures else None
    measured = sums.power_usd_per_kwh
    note = coverage(sums.power_hours, sums.hours)
    found = {"power_credits_usd": missing("no credit for power is written down")}
    if credits:
        total = sum((row.amount_usd for row in credits), Decimal("0.00"))
        found["power_credits_usd"] = known("power_credits_usd", total, sources(credits))
    if billed is not None:
        told = [row for row in company.told if row.item == POWER or row.kind == Kind.CREDIT]
        found["power_cost_usd_per_kwh"] = known("power_cost_usd_per_kwh", billed, [*lineage, *sources(told)])
    elif measured is not None:
        note = ". ".join(
            part for part in (note, "as metered, with charges by the month as expected" if note else "") if part
        )
        found["power_cost_usd_per_kwh"] = known("power_cost_usd_per_kwh", measured, lineage, note=note)
    else:
        found["power_cost_usd_per_kwh"] = missing("no hour of the month was both metered and priced")
    return found


def cost(company: Cost, lineage: Sequence[str]) -> dict[str, Cell]:
    """Power alone is not the cost of revenue: somebody must have written down what else there was."""
    figures, told = company.figures, list(company.told)
    if figures is None:
        return dict.fromkeys(COSTS, missing(company.missing[0] if company.missing else "no cost is written down"))
    if not any(row.kind == Kind.CASH and row.item != POWER for row in told):
        return dict.fromkeys(COSTS, missing("no cost of revenue beside power is written down for the month"))
    ids = [*lineage, *sources(told)]
    values = {
        "cash_cost_per_btc_usd": (figures.cash_per_btc_usd, "no Bitcoin was produced"),
        "all_in_cost_per_btc_usd": (figures.all_in_per_btc_usd, "no Bitcoin was produced"),
        "hashcost_usd_per_ph_day": (figures.hashcost_usd_per_ph_day, "hashes are not known of every hour"),
    }
    found = {code: missing(why) if value is None else known(code, value, ids) for code, (value, why) in values.items()}
    if not any(row.kind == Kind.ALL_IN for row in told):
        found["all_in_cost_per_btc_usd"] = missing("no depreciation is written down for the month")
    return found


def sources(rows: Iterable[CostAmount]) -> list[str]:
    return [f"cost:{row.source_id}" for row in rows]


# AI


def gpus(sites: Sequence[AiSite], span: Month) -> dict[str, Cell]:
    """Available and sold GPU-hours of the observed minutes, and what is contracted at the end of the month."""
    lineage = [f"gpus:{one.site.code}/{span}" for one in sites]
    counted = [one.gpu.available for one in sites if one.gpu.available is not None]
    sold = sum((one.gpu.sold for one in sites), Decimal(0))
    if not counted:
        return dict.fromkeys(AI[:3], missing("no GPU was observed in the month")) | contracted(span)
    available = sum(counted, Decimal(0))
    observed = sum((one.observed_h for one in sites if one.gpu.installed), Decimal(0))
    note = coverage(int(observed), sum(one.hours for one in sites if one.gpu.installed))
    found = {"gpu_hours_available": known("gpu_hours_available", available, lineage, note=note)}
    served = [f"gpu-contract:{customer.contract.pk}" for one in sites for customer in one.customers]
    if not served:
        none = missing("no contract of a GPU customer holds in the month")
        return found | dict.fromkeys(("gpu_hours_sold", "gpu_utilisation_pct"), none) | contracted(span)
    share = percent(sold, available)
    found["gpu_hours_sold"] = known("gpu_hours_sold", sold, [*lineage, *served], note=note)
    found["gpu_utilisation_pct"] = (
        missing("no GPU was available") if share is None
        else known("gpu_utilisation_pct", share, ["= gpu_hours_sold / gpu_hours_available"])
    )  # fmt: skip
    return found | contracted(span)


def contracted(span: Month) -> dict[str, Cell]:
    """Contracts that hold at the last instant of the month; a year's revenue is that of the month's hours times 12."""
    rows = list(holding(span.end_at - timedelta(seconds=1)))
    if not rows:
        return dict.fromkeys(AI[3:], missing("no contract of a GPU customer holds at the end of the month"))
    ids = [f"gpu-contract:{row.pk}" for row in rows]
    usd = sum((row.nodes * row.usd_per_node_h for row in rows), Decimal(0)) * span.hours * 12
    found = {"ai_arr_usd": known("ai_arr_usd", usd, ids)}
    watts = {row.site_id: watts_of_node(row.site_id) for row in rows}
    unknown = sorted({row.site.code for row in rows if watts[row.site_id] is None})
    if unknown:
        found["ai_contracted_mw"] = missing(f"no nameplate of a GPU node is kept for {', '.join(unknown)}", ids)
    else:
        total = sum(row.nodes * (watts[row.site_id] or 0.0) for row in rows) / W_PER_MW
        found["ai_contracted_mw"] = known("ai_contracted_mw", half_up(Decimal(repr(total)), 6), ids)
    return found


def holding(at: datetime) -> Iterable[GpuContract]:
    rows = GpuContract.objects.filter(Q(end_at=None) | Q(end_at__gt=at), begin_at__lte=at)
    return rows.filter(site__operator__is_company=True).select_related("site").order_by("pk")


def watts_of_node(site_id: int) -> float | None:
    """Mean nameplate of the site's GPU nodes; None where one has none."""
    rows = Device.objects.filter(site=site_id, is_gpu=True)
    total, count = rows.aggregate(total=Sum("nameplate_w"))["total"], rows.count()
    return None if total is None or rows.filter(nameplate_w=None).exists() else total / count
