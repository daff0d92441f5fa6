"""What a site's day was worth, hour by hour as they end, and what other ways would have earned on the same true prices.

Earned: measured hashrate at the hour's hashprice, nodes that ran as sold, metered power at the hour's price. The other
ways are worked out on the machines that the day began with: merit order, everything on, and a plan that knows all
prices ahead. Charges by the month are in none of them. Hours of which something is missing are in no sum.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from cango_ops.base import clock, jobs, leases
from cango_ops.units import W_PER_MW
from compute.decisions import frozen
from compute.decisions.alternatives import always_on, plan_usd, present
from compute.decisions.propose import cents
from compute.decisions.uses import earned_usd_per_h
from compute.models import Hindsight, MiningTerms, NetworkReading, Plan
from compute.switching.inputs import Floats, Unit
from compute.switching.inputs import Site as SiteInputs
from compute.switching.merit_order import merit_order
from compute.switching.planning import plan_site
from compute.switching.solve import Effort
from compute.telemetry import queries
from sites.models import Site
from sites.models.contract import contract_at
from sites.prices.queries import Known, known
from sites.tariffs.energy import import_price
from sites.tariffs.terms import BadTerms
from sites.tariffs.windows import midnight

HOUR: Final = timedelta(hours=1)
QUARTER: Final = timedelta(minutes=15)
LEASE: Final = "decisions/hindsight"
DAYS_BACK: Final = 3
EFFORT: Final = Effort(time_limit_s=5.0, gap_usd=1.0)


@dataclass(frozen=True, eq=False)
class HourTold:
    """One hour of which everything is known."""

    price_usd_mwh: float
    hashprice: float
    earned_usd: float
    promised_usd: float
    inputs: SiteInputs


def look_back() -> None:
    """The days that were not told since they ended, of every site; and the running day as far as it has come."""
    with jobs.run("compute.look_back") as job, leases.held(LEASE, 600) as lease:
        if lease is None:
            job.skip("another process looks back")
            return
        now = clock.now()
        for site in Site.objects.order_by("code"):
            today = now.astimezone(ZoneInfo(site.time_zone)).date()
            for back in range(DAYS_BACK, -1, -1):
                day = today - timedelta(days=back)
                if not is_told(site, day):
                    job.count(days=tell_day(site, day, now))


def is_told(site: Site, day: date) -> bool:
    """Whether it was told after its end."""
    return Hindsight.objects.filter(site=site, day=day, made_at__gte=span(site, day)[1]).exists()


def tell_day(site: Site, day: date, now: datetime) -> int:
    """1 where the day had a plan and is told now, of the running day the hours that are over."""
    hours, missing = hours_of(site, day, now)
    nothing = not missing or not Plan.objects.filter(site=site, made_at__range=span(site, day)).exists()
    if not hours and nothing:
        return 0
    sums = summed(hours)
    Hindsight.objects.update_or_create(
        site=site, day=day, defaults={"hours": len(hours), "missing": dict(missing), "made_at": now, **sums}
    )
    return 1


def span(site: Site, day: date) -> tuple[datetime, datetime]:
    return midnight(day, site.time_zone), midnight(day + timedelta(days=1), site.time_zone)


def hours_of(site: Site, day: date, now: datetime) -> tuple[list[HourTold], Counter[str]]:
    """The hours of the site's own day that are over, 23 or 25 of them when the clocks change."""
    begin, end = span(site, day)
    end = min(end, begin + (now - begin) // HOUR * HOUR)
    if end <= begin:
        return [], Counter()
    series = queries.series("site", [site.pk], ["hashrate_ths", "power_w", "meter_power_w"], begin, end, 3600)
    measured = {
        at: {name: column[place] for name, column in series.columns.items()} for place, at in enumerate(series.start_at)
    }
    plans = first_plans(site, begin, end)
    prices = known([row.market] if (row := contract_at(site, begin + 12 * HOUR)) and row.market else [], begin, end)
    told, missing = [], Counter[str]()
    for at in (begin + HOUR * step for step in range((end - begin) // HOUR)):
        found = hour_told(site, at, measured.get(at, {}), plans.get(at), prices)
        if isinstance(found, str):
            missing[found] += 1
        else:
            told.append(found)
    return told, missing


def first_plans(site: Site, begin: datetime, end: datetime) -> Mapping[datetime, Plan]:
    """The first plan of each hour that has inputs."""
    rows = Plan.objects.filter(site=site, made_at__gte=begin, made_at__lt=end, inputs__isnull=False)
    found = {}
    for row in rows.order_by("-made_at").iterator():
        found[begin + (row.made_at - begin) // HOUR * HOUR] = row
    return found


def hour_told(
    site: Site, at: datetime, measured: Mapping[str, float | None], plan: Plan | None, prices: Known
) -> HourTold | str:
    """The hour, or what is missing of it."""
    if plan is None or plan.inputs is None or plan.hour_usd is None:
        return "no plan"
    hashrate, power_w = measured.get("hashrate_ths"), measured.get("meter_power_w") or measured.get("power_w")
    if hashrate is None or power_w is None:
        return "not measured"
    price = true_price(site, at, prices)
    if price is None:
        return "price not known"
    hashprice = true_hashprice(site, at)
    if hashprice is None:
        return "hashprice not known"
    try:
        inputs = frozen.thawed_site(plan.inputs)
    except frozen.Unreadable:
        return "plan cannot be read"
    earned = hashrate / 1000 * hashprice / 24 + ai_usd_per_h(inputs) - power_w / W_PER_MW * price
    return HourTold(price, hashprice, earned, float(plan.hour_usd), inputs)


def true_price(site: Site, at: datetime, prices: Known) -> float | None:
    """Mean of the hour's quarters; None where one of them is not known."""
    row = contract_at(site, at)
    if row is None:
        return None
    try:
        contract = row.tariff()
    except BadTerms:
        return None
    quotes = [import_price(contract, at + QUARTER * part, prices).usd_per_mwh for part in range(4)]
    usd = [quote for quote in quotes if quote is not None]
    return float(sum(usd, Decimal(0)) / 4) if len(usd) == 4 else None


def true_hashprice(site: Site, at: datetime) -> float | None:
    """The newest reading at the end of the hour, at most six hours old, after the pool's fee."""
    reading = NetworkReading.objects.filter(observed_at__lt=at + HOUR, observed_at__gte=at - 6 * HOUR).first()
    if reading is None:
        return None
    terms = MiningTerms.objects.filter(site=site).first()
    return reading.hashprice_usd_per_ph_day * (1 - float(terms.fee_share if terms else 0))


def ai_usd_per_h(inputs: SiteInputs) -> float:
    """What the nodes that ran sold, by the contracts and the demand of that hour."""
    running = present(inputs)
    return sum(earned_usd_per_h(inputs, unit, running[unit.id], 0) for unit in inputs.units if unit.ai)


# The other ways


def summed(hours: list[HourTold]) -> dict[str, Decimal | None]:
    if not hours:
        return dict.fromkeys(("earned_usd", "promised_usd", "merit_usd", "always_on_usd", "perfect_usd"))
    truth = truth_of(hours)
    perfect = plan_site(truth, EFFORT).priced
    return {
        "earned_usd": cents(sum(hour.earned_usd for hour in hours)),
        "promised_usd": cents(sum(hour.promised_usd for hour in hours)),
        "merit_usd": cents(plan_usd(truth, merit_order(truth))),
        "always_on_usd": cents(plan_usd(truth, always_on(truth))),
        "perfect_usd": cents(perfect.profit_usd if perfect else None),
    }


def truth_of(hours: list[HourTold]) -> SiteInputs:
    """The site as the first hour found it, over the day's known hours at their true prices."""
    first = hours[0].inputs
    steps = len(hours)
    grid = replace(
        first.grid,
        import_price_usd_mwh=np.array([hour.price_usd_mwh for hour in hours]),
        export_price_usd_mwh=np.zeros(steps),
        export_limit_mw=0.0,
        demand_charges=(),
        take_or_pay=None,
        coincident_usd_per_mw=None,
    )
    return replace(
        first,
        hours=np.ones(steps),
        hashprice_usd_per_ph_day=np.array([hour.hashprice for hour in hours]),
        base_load_mw=np.full(steps, first.base_load_mw[0]),
        limit_mw=np.full(steps, first.limit_mw[0]),
        solar_mw=np.zeros(steps),
        grid=grid,
        units=tuple(lengthened(unit, steps) for unit in first.units),
        battery=None,
        dr_events=(),
    )


def lengthened(unit: Unit, steps: int) -> Unit:
    if unit.ai is None:
        return unit
    sla = replace(unit.ai.sla, min_nodes=same(unit.ai.sla.min_nodes, steps)) if unit.ai.sla else None
    price, demand = same(unit.ai.price_usd_per_node_h, steps), same(unit.ai.demand_nodes, steps)
    return replace(unit, ai=replace(unit.ai, price_usd_per_node_h=price, demand_nodes=demand, sla=sla))


def same(values: Floats, steps: int) -> Floats:
    return np.full(steps, values[0])
