"""What power costs at a site in each quarter hour ahead, and everything else its contract says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from cango_ops.base.figures import dollars
from cango_ops.units import W_PER_MW
from compute.decisions.facts import OK, STALE, UNKNOWN, WARNING, Fact
from compute.switching.inputs import DemandCharge, Floats, TakeOrPay
from sites.metering import queries as metering
from sites.models import PowerContract, Site
from sites.models.contract import contract_at
from sites.prices.forecast import forecasts
from sites.prices.queries import LIVE_FOR, Known, known
from sites.tariffs.energy import IndexPrice, Lookup, Quote, export_price, import_price
from sites.tariffs.peaks import coincident_usd_per_mwh, peak_so_far
from sites.tariffs.terms import DAY_AHEAD, FIXED, INDEX, REAL_TIME, TIME_OF_USE, BadTerms, Contract
from sites.tariffs.windows import billing_month, holds

QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)
HORIZON_H: Final = 48


@dataclass(frozen=True, eq=False)
class PowerAhead:
    """Quarter hours from the running one on, as far as the price is known. contract is None: nothing is known.

    import_usd, export_usd: USD/MWh; coincident_usd: what a MWh adds to the coincident-peak charge.
    """

    contract: Contract | None
    import_usd: Floats
    export_usd: Floats
    coincident_usd: Floats
    export_limit_mw: float
    facts: tuple[Fact, ...]
    why_not: str = ""


def power_ahead(site: Site, begin: datetime, now: datetime, hours: int = HORIZON_H) -> PowerAhead:
    """begin: of the running quarter hour."""
    row = contract_at(site, now)
    if row is None:
        return nothing((Fact("power contract", "none holds today", state=UNKNOWN),), "no power contract holds today")
    try:
        contract = row.tariff()
    except BadTerms as why:
        fact = Fact("power contract", "unusable", state=UNKNOWN, words=str(why)[:200])
        return nothing((fact,), "the terms of the power contract cannot be used")
    prices = known([contract.market], now - 50 * HOUR, now + 50 * HOUR)
    lookup, price_fact = lookup_of(prices, contract, now)
    instants = [begin + QUARTER * at for at in range(4 * hours)]
    quotes = [import_price(contract, at, lookup) for at in instants]
    reach = next((at for at, quote in enumerate(quotes) if quote.usd_per_mwh is None), len(quotes))
    said = [price_fact] if price_fact and follows_market(contract) else []
    facts = (contract_fact(row, contract), *said, reach_fact(quotes, reach))
    if reach < 4:
        return nothing(facts, quotes[reach].reason)
    exports = [export_price(contract, at, lookup) for at in instants[:reach]]
    return PowerAhead(
        contract=contract,
        import_usd=numbers(quotes[:reach]),
        export_usd=numbers(exports),
        coincident_usd=np.array([float(coincident_usd_per_mwh(contract, at)) for at in instants[:reach]]),
        export_limit_mw=export_limit_mw(contract, exports),
        facts=facts,
    )


def nothing(facts: tuple[Fact, ...], why: str) -> PowerAhead:
    empty = np.zeros(0)
    return PowerAhead(None, empty, empty, empty, 0.0, facts, why)


def numbers(quotes: Iterable[Quote]) -> Floats:
    return np.array([float(quote.usd_per_mwh or 0) for quote in quotes])


def export_limit_mw(contract: Contract, exports: list[Quote]) -> float:
    """Nothing is sold while a price of the horizon is not known."""
    export = contract.terms.export
    if export is None or any(quote.usd_per_mwh is None for quote in exports):
        return 0.0
    return float(export.limit_mw) if export.limit_mw is not None else float("inf")


# What the market says


def lookup_of(prices: Known, contract: Contract, now: datetime) -> tuple[Lookup, Fact | None]:
    """Prices as the market said them, and for hours ahead what is expected of them. A running price that is too old
    is not known any more, so that nothing is decided by it."""
    market = contract.market
    if not market:
        return prices, None
    newest = prices.last(market)
    live = newest is not None and now < newest.end_at + LIVE_FOR
    ahead, method = best_forecast(prices, market, now)
    hour = now.replace(minute=0, second=0, microsecond=0)

    def lookup(market: str, index: str, at: datetime) -> IndexPrice | None:
        if index == DAY_AHEAD:
            return prices(market, index, at) or of_days_before(prices, market, at)
        if newest is None or not live:
            return None
        if at < now + QUARTER:
            return newest.price
        expected = ahead[(at - hour) // HOUR] if (at - hour) // HOUR < len(ahead) else None
        return None if expected is None else IndexPrice(Decimal(str(expected)), method, newest.price.observed_at)

    return lookup, price_fact(prices, contract, now, method if any(each is not None for each in ahead) else "")


def best_forecast(prices: Known, market: str, now: datetime) -> tuple[list[float | None], str]:
    """Hour by hour from the first way of expecting that says something."""
    said = forecasts(prices, market, now, HORIZON_H + 1)
    methods = list(said)
    mixed = [next((usd for usd in each if usd is not None), None) for each in zip(*said.values(), strict=True)]
    return mixed, next((method for method in methods if any(usd is not None for usd in said[method])), "")


def of_days_before(prices: Known, market: str, at: datetime) -> IndexPrice | None:
    """Where a day is not published yet: the same hour of the newest day that is."""
    return next((found for day in (1, 2) if (found := prices(market, DAY_AHEAD, at - 24 * HOUR * day))), None)


def price_fact(prices: Known, contract: Contract, now: datetime, method: str) -> Fact:
    index = contract.terms.index
    newest = prices.last(contract.market, index)
    name = f"price of {contract.market}"
    if newest is None:
        return Fact(name, "never read", state=UNKNOWN, words="nothing is decided without it")
    value, source, at = dollars(newest.price.usd_per_mwh, 2, "/MWh"), newest.price.source, newest.price.observed_at
    if index == REAL_TIME and now >= newest.end_at + LIVE_FOR:
        return Fact(name, value, source, at, STALE, "too old to act on; what runs is left alone")
    return Fact(name, value, source, at, OK, f"ahead: {method}" if method else "ahead: nothing is known")


def follows_market(contract: Contract) -> bool:
    block, export = contract.terms.take_or_pay, contract.terms.export
    return contract.kind == INDEX or (block is not None and block.resale) or bool(export and export.index)


def contract_fact(row: PowerContract, contract: Contract) -> Fact:
    price = dollars(row.price_usd_per_mwh, 2, "/MWh")
    said = {
        FIXED: f"fixed, {price}",
        TIME_OF_USE: f"time of use, {len(contract.terms.periods)} periods",
        INDEX: f"indexed to {row.market}, x {contract.terms.multiplier:f} + {price}",
    }
    return Fact("power contract", said[contract.kind], f"since {row.valid_from}")


def reach_fact(quotes: list[Quote], reach: int) -> Fact:
    name, value = "price ahead", f"{reach / 4:g} h"
    if reach == len(quotes):
        return Fact(name, value)
    state = WARNING if reach >= 4 else UNKNOWN
    return Fact(name, value, state=state, words=f"{quotes[reach].reason}; the plan ends there")


# Charges by the month


def demand_charges(
    site: Site, contract: Contract, starts: list[datetime], now: datetime, load_mw: float
) -> tuple[tuple[DemandCharge, ...], list[Fact]]:
    """The charges with the month's peak so far; where that is not known, today's load is taken for it."""
    if not contract.terms.demand_charges:
        return (), []
    drawn = drawn_mw(site, billing_month(now, contract.zone)[0], now)
    charges, facts = [], []
    for charge in contract.terms.demand_charges:
        peak = peak_so_far(contract, charge, drawn, now)
        window = [holds(charge.when, at, contract.zone, contract.terms.holidays) for at in starts]
        so_far = load_mw if peak.peak_mw is None else peak.peak_mw
        charges.append(DemandCharge(float(charge.usd_per_mw), so_far, np.array(window, dtype=bool)))
        words = peak.reason and f"{peak.reason}; today's load is taken for it"
        if not words and peak.missing_share > 0.02:
            words = f"{peak.missing_share:.0%} of the month is not known; the true peak may be higher"
        facts.append(
            Fact(f"peak of {charge.name}", f"{so_far:.3f} MW", "meter", peak.at, WARNING if words else OK, words)
        )
    return tuple(charges), facts


def drawn_mw(site: Site, begin: datetime, now: datetime) -> list[tuple[datetime, float]]:
    found = metering.series([site.pk], begin, now, 60)
    return [
        (at, watts / W_PER_MW) for at, watts in zip(found.start_at, found.power_w, strict=True) if watts is not None
    ]


def take_or_pay(site: Site, contract: Contract, begin: datetime, hours: float) -> tuple[TakeOrPay | None, list[Fact]]:
    """The horizon's part of what is left of the month's block."""
    block = contract.terms.take_or_pay
    if block is None:
        return None, []
    first, last = billing_month(begin, contract.zone)
    drawn = drawn_mw(site, first, begin)
    words = ""
    if drawn:
        taken = sum(power for _, power in drawn) / 60
        known_share = len(drawn) * timedelta(minutes=1) / max(begin - first, timedelta(minutes=1))
        if known_share < 0.98:
            taken, words = taken / known_share, f"{1 - known_share:.0%} of the month is not metered; scaled up"
    else:
        taken = float(block.mwh_a_month) * ((begin - first) / (last - first))
        words = "the meter said nothing this month; taken as evenly drawn"
    left = max(0.0, float(block.mwh_a_month) - taken)
    share = min(1.0, timedelta(hours=hours) / max(last - begin, QUARTER))
    fact = Fact("take or pay", f"{left:.0f} MWh left this month", "meter", begin, WARNING if words else OK, words)
    return TakeOrPay(left * share, float(block.usd_per_mwh), block.resale), [fact]


def zone_of(site: Site) -> ZoneInfo:
    return ZoneInfo(site.time_zone)
