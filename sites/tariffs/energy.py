"""The price of a megawatt-hour at an instant. What is not known is None with a reason, never 0; it may be negative."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from sites.tariffs.terms import DAY_AHEAD, FIXED, INDEX, TIME_OF_USE, Contract
from sites.tariffs.windows import holds

WORDS = {DAY_AHEAD: "day-ahead", "real_time": "real-time"}


@dataclass(frozen=True)
class IndexPrice:
    """A market's price for an interval, who said it and when it was read."""

    usd_per_mwh: Decimal
    source: str
    observed_at: datetime


@dataclass(frozen=True)
class Quote:
    """What a MWh costs. usd_per_mwh is None where it is not known; then reason says why.

    source: contract, or who said the index.   observed_at: when the index was read; None for a contract's own price.
    """

    usd_per_mwh: Decimal | None
    source: str = "contract"
    observed_at: datetime | None = None
    reason: str = ""


# (market, day_ahead or real_time, instant) -> the price of the interval that the instant lies in, if known
Lookup: TypeAlias = Callable[[str, str, datetime], IndexPrice | None]


def nothing_known(_market: str, _index: str, _at: datetime) -> IndexPrice | None:
    return None


def import_price(contract: Contract, at: datetime, lookup: Lookup = nothing_known) -> Quote:
    """What the next MWh drawn costs. A block with resale is drawn at the market's price: not drawing sells it."""
    block = contract.terms.take_or_pay
    if block is not None and block.resale and contract.market:
        return indexed(contract.market, contract.terms.index, Decimal(1), Decimal(0), at, lookup)
    if contract.kind == FIXED:
        return Quote(contract.usd_per_mwh)
    if contract.kind == INDEX:
        terms = contract.terms
        return indexed(contract.market, terms.index, terms.multiplier, contract.usd_per_mwh, at, lookup)
    return time_of_use(contract, at)


def time_of_use(contract: Contract, at: datetime) -> Quote:
    for period in contract.terms.periods:
        if holds(period.when, at, contract.zone, contract.terms.holidays):
            return Quote(period.usd_per_mwh + contract.usd_per_mwh, f"contract, {period.name}")
    return Quote(None, reason="no period of the time-of-use contract holds then")


def indexed(market: str, index: str, times: Decimal, adder: Decimal, at: datetime, lookup: Lookup) -> Quote:
    if not market:
        return Quote(None, reason="the contract names no market")
    found = lookup(market, index, at)
    if found is None:
        return Quote(None, reason=f"the {WORDS[index]} price of {market} is not known")
    return Quote(found.usd_per_mwh * times + adder, found.source, found.observed_at)


def export_price(contract: Contract, at: datetime, lookup: Lookup = nothing_known) -> Quote:
    """What the next MWh fed in brings."""
    export = contract.terms.export
    if export is None:
        return Quote(None, reason="the contract buys nothing back")
    if export.index is None:
        return Quote(export.usd_per_mwh)
    return indexed(contract.market, export.index, Decimal(1), export.usd_per_mwh, at, lookup)


KINDS = (FIXED, TIME_OF_USE, INDEX)
