"""A site's stored past: its contracts at the market's prices hour by hour, for the machines it was last planned with.

An hour without a price is left out, as nobody can say what it cost. What else is missing holds the last value before
it, which was known then. All of it is said in the notes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from django.db.models import Avg, ExpressionWrapper, F, FloatField, Sum
from django.db.models.functions import Cast, TruncHour

from compute.backtest.history import History
from compute.decisions import frozen
from compute.decisions.batteries import joined
from compute.decisions.hindsight import lengthened
from compute.market import network
from compute.models import MiningTerms, NetworkReading, Plan
from compute.replays.past import MOST_STEPS, Past
from compute.switching.inputs import Battery, Floats, Grid
from compute.switching.inputs import Site as SiteInputs
from sites.models import Battery as BatteryRow
from sites.models import MarketPrice, PowerContract, Site
from sites.tariffs.energy import IndexPrice, import_price
from sites.tariffs.terms import DAY_AHEAD, INDEX, BadTerms, Contract
from sites.tariffs.windows import midnight

HOUR: Final = timedelta(hours=1)
QUARTER: Final = timedelta(minutes=15)
HORIZON_H: Final = 24
# An hour of which less is known has no mean.
LEAST_MINUTES: Final = 30
LEAST_STEPS: Final = 24


class NoPast(ValueError):
    """Why these days of the site cannot be run again."""


@dataclass(frozen=True)
class HourPrice:
    """What a MWh cost in an hour, and what the day-ahead market had said of it (None: nothing)."""

    at: datetime
    real_time: float
    day_ahead: float | None


def stored(site: Site, first: date, last: date, now: datetime) -> Past:
    """The days from `first` to `last`, both whole, by the site's calendar. Raises NoPast."""
    begin, end = midnight(first, site.time_zone), min(midnight(last + timedelta(days=1), site.time_zone), now)
    hours = max(0, int((end - begin) / HOUR))
    if not LEAST_STEPS <= hours <= MOST_STEPS:
        raise NoPast(f"a back-test takes from a day to {MOST_STEPS // 24} days that are over")
    inputs, planned_at = last_inputs(site)
    prices = list(priced_hours(site, begin, hours))
    if len(prices) < LEAST_STEPS:
        raise NoPast(f"only {len(prices)} of these {hours} hours have a price")
    hashprice, assumed = hashprices(site, [price.at for price in prices])
    notes = [f"machines, limits and demand as planned at {planned_at:%Y-%m-%d %H:%M} UTC; charges by the month, "
             "programmes and solar are left out"]  # fmt: skip
    notes += said(hours - len(prices), "hours have no price and are left out")
    notes += said(sum(price.day_ahead is None for price in prices), "hours have no day-ahead price: the last holds")
    notes += said(assumed, "hours are before the first hashprice: the first one is taken")
    history = history_of(site, inputs, prices, hashprice, notes)
    local = prices[0].at.astimezone(ZoneInfo(site.time_zone)).replace(tzinfo=UTC)
    return Past(history, local, f"stored prices, {first:%Y-%m-%d} to {last:%Y-%m-%d}", tuple(notes))


def said(count: int, words: str) -> list[str]:
    return [f"{count} {words}"] if count else []


def last_inputs(site: Site) -> tuple[SiteInputs, datetime]:
    """What the newest plan was made from, and when. Raises NoPast."""
    row = Plan.objects.filter(site=site, inputs__isnull=False).order_by("-made_at").first()
    if row is None or row.inputs is None:
        raise NoPast("the site was never planned, so its machines are not known; or send a file")
    try:
        return frozen.thawed_site(row.inputs), row.made_at
    except frozen.Unreadable as why:
        raise NoPast(f"the site's last plan cannot be read: {why}") from why


# Prices


def priced_hours(site: Site, begin: datetime, hours: int) -> Iterator[HourPrice]:
    """Hours of which the contract's price is known. Raises NoPast."""
    rows = list(site.power_contracts.order_by("-valid_from"))
    market = market_hours({row.market for row in rows if row.market}, begin, begin + HOUR * hours)
    contracts = {row.pk: contract_of(row, site) for row in rows}
    zone = ZoneInfo(site.time_zone)
    for at in (begin + HOUR * step for step in range(hours)):
        day = at.astimezone(zone).date()
        row = next((row for row in rows if row.valid_from <= day), None)
        if row is None:
            continue
        paid = mean_price(contracts[row.pk], at, market)
        if paid is not None:
            ahead = mean_price(ahead_of(contracts[row.pk]), at, market)
            yield HourPrice(at, paid, ahead)


def contract_of(row: PowerContract, site: Site) -> Contract:
    row.site = site
    try:
        return row.tariff()
    except BadTerms as why:
        raise NoPast(f"the terms of the contract from {row.valid_from} cannot be used: {why}") from why


def ahead_of(contract: Contract) -> Contract:
    """The same contract as if it followed the day-ahead market."""
    return msgspec.structs.replace(contract, terms=msgspec.structs.replace(contract.terms, index=DAY_AHEAD))


MarketHours = dict[tuple[str, str, datetime], IndexPrice]


def market_hours(markets: set[str], begin: datetime, end: datetime) -> MarketHours:
    """Mean prices of hours that are known by half at least."""
    rows = MarketPrice.objects.filter(market__in=markets, replaced_at=None, start_at__gte=begin, start_at__lt=end)
    paid = ExpressionWrapper(Cast("usd_per_mwh", FloatField()) * F("minutes"), output_field=FloatField())
    sums = rows.annotate(hour=TruncHour("start_at", tzinfo=UTC)).values("market", "index", "hour").order_by().annotate(
        known=Sum("minutes"), paid=Sum(paid)
    )  # fmt: skip
    return {
        (row["market"], row["index"], row["hour"]): IndexPrice(Decimal(repr(row["paid"] / row["known"])), "stored", end)
        for row in sums
        if row["known"] >= LEAST_MINUTES
    }


def mean_price(contract: Contract, at: datetime, market: MarketHours) -> float | None:
    """Of the hour's quarters; None where one of them has no price."""

    def lookup(name: str, index: str, moment: datetime) -> IndexPrice | None:
        return market.get((name, index, moment.replace(minute=0, second=0, microsecond=0)))

    quotes = [import_price(contract, at + QUARTER * part, lookup).usd_per_mwh for part in range(4)]
    known = [quote for quote in quotes if quote is not None]
    return float(sum(known, Decimal(0)) / 4) if len(known) == 4 else None


def hashprices(site: Site, hours: list[datetime]) -> tuple[Floats, int]:
    """After the pool's fee: of each hour the last one known then; and for how many the first one had to stand in.

    Raises NoPast where none was ever read.
    """
    rows = NetworkReading.objects.filter(observed_at__gte=hours[0] - 24 * HOUR, observed_at__lt=hours[-1] + HOUR)
    means = rows.annotate(hour=TruncHour("observed_at", tzinfo=UTC)).values("hour").order_by("hour")
    known = dict(means.annotate(usd=Avg("hashprice_usd_per_ph_day")).values_list("hour", "usd"))
    now = network.hashprice()
    if not known and now is None:
        raise NoPast("the hashprice was never read")
    first = next(iter(known.values()), now.usd_per_ph_day if now else 0.0)
    keep = 1 - float(terms.fee_share if (terms := MiningTerms.objects.filter(site=site).first()) else 0)
    found, last, assumed, before = [], None, 0, sorted(known)
    for at in hours:
        while before and before[0] <= at:
            last = known[before.pop(0)]
        assumed += last is None
        found.append((first if last is None else last) * keep)
    return np.array(found), assumed


# The site


def history_of(
    site: Site, planned: SiteInputs, prices: list[HourPrice], hashprice: Floats, notes: list[str]
) -> History:
    real_time = np.array([price.real_time for price in prices])
    discount, limit_mw = export_of(site, notes)
    steps = len(prices)
    grid = Grid(
        import_limit_mw=planned.grid.import_limit_mw,
        export_limit_mw=limit_mw,
        import_price_usd_mwh=real_time,
        export_price_usd_mwh=real_time - discount,
    )
    truth = replace(
        planned,
        hours=np.ones(steps),
        hashprice_usd_per_ph_day=hashprice,
        base_load_mw=np.full(steps, planned.base_load_mw[0]),
        limit_mw=np.full(steps, planned.limit_mw[0]),
        solar_mw=np.zeros(steps),
        grid=grid,
        units=tuple(replace(lengthened(unit, steps), started=(), stopped=()) for unit in planned.units),
        battery=battery_of(site),
        dr_events=(),
        ramp=None,
    )
    return History(
        truth=truth,
        clock_h=np.array([(price.at - prices[0].at) / HOUR for price in prices]),
        day_ahead_usd_mwh=held([price.day_ahead for price in prices], prices[0].real_time),
        real_time_usd_mwh=real_time,
        import_adder_usd_mwh=0.0,
        export_discount_usd_mwh=discount,
        peak_usd_per_mw=np.zeros(steps),
        horizon=HORIZON_H,
    )


def held(values: list[float | None], first: float) -> Floats:
    found, last = [], first
    for value in values:
        last = last if value is None else value
        found.append(last)
    return np.array(found)


def export_of(site: Site, notes: list[str]) -> tuple[float, float]:
    """How much less a MWh brings than it costs, and how many MW may be sold; nothing where the two do not move
    together."""
    row = site.power_contracts.first()
    export = contract_of(row, site).terms.export if row is not None else None
    if row is None or export is None:
        return 0.0, 0.0
    terms = contract_of(row, site).terms
    if row.kind != INDEX or export.index != terms.index or terms.multiplier != 1:
        notes.append("selling to the grid is left out: its price does not follow the price of import")
        return 0.0, 0.0
    limit = float(export.limit_mw) if export.limit_mw is not None else float(site.capacity_mw)
    return float(row.price_usd_per_mwh - export.usd_per_mwh), min(limit, float(site.capacity_mw))


def battery_of(site: Site) -> Battery | None:
    """All of them as one, empty at the start."""
    rows = BatteryRow.objects.filter(site=site).order_by("name")
    found = [
        Battery(
            capacity_mwh=float(row.capacity_mwh), soc0_mwh=0.0, soc_end_min_mwh=0.0, charge_mw=float(row.charge_mw),
            discharge_mw=float(row.discharge_mw), eta_charge=row.eta_charge, eta_discharge=row.eta_discharge,
            wear_usd_per_mwh_discharged=float(row.wear_usd_per_mwh),
        )
        for row in rows
    ]  # fmt: skip
    return joined(found) if found else None
