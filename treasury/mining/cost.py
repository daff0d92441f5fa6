"""What a bitcoin cost: cash and all-in, by the megawatt-hour, by the petahash and day.

cash = chosen items less credits; all-in adds chosen items (the depreciation of machines). Words: docs/treasury.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from cango_ops.units import SECONDS_PER_DAY
from treasury.money import btc, cents, ratio

PH_PER_EH = 1000
TH_PER_EH = 1_000_000
JOULES_PER_KWH = 3_600_000


class NoSuchItem(ValueError):
    """A cost that is to be counted is not among the costs."""


@dataclass(frozen=True)
class Production:
    """What was mined over so many days, with what. None: not known."""

    btc_mined_sat: int
    days: Decimal
    hashrate_ehs: Decimal | None
    revenue_usd: Decimal | None
    kwh: Decimal | None


@dataclass(frozen=True)
class Items:
    """costs, credits: dollars by name.   cash, all_in_extra: the names that count.   power: the name of the power."""

    costs: Mapping[str, Decimal]
    credits: Mapping[str, Decimal]
    cash: Sequence[str]
    all_in_extra: Sequence[str]
    power: str = "power"

    def total(self, names: Sequence[str]) -> Decimal:
        missing = [name for name in names if name not in self.costs]
        if missing:
            raise NoSuchItem(f"no cost is given for {', '.join(missing)}")
        return sum((self.costs[name] for name in names), Decimal("0.00"))

    @property
    def credited(self) -> Decimal:
        return sum(self.credits.values(), Decimal("0.00"))


@dataclass(frozen=True)
class Cost:
    """Each None where it has no denominator or its input is not known."""

    cash_usd: Decimal
    all_in_usd: Decimal
    cash_per_btc_usd: Decimal | None
    all_in_per_btc_usd: Decimal | None
    power_per_kwh_usd: Decimal | None
    hashcost_usd_per_ph_day: Decimal | None
    hashprice_usd_per_ph_day: Decimal | None
    efficiency_j_per_th: Decimal | None


def cost(items: Items, made: Production) -> Cost:
    """Raises NoSuchItem."""
    cash = items.total(items.cash) - items.credited
    all_in = cash + items.total(items.all_in_extra)
    mined = btc(made.btc_mined_sat)
    ph_days = Fraction(made.hashrate_ehs or 0) * PH_PER_EH * Fraction(made.days)
    return Cost(
        cash_usd=cents(cash),
        all_in_usd=cents(all_in),
        cash_per_btc_usd=ratio(cash, mined, 2),
        all_in_per_btc_usd=ratio(all_in, mined, 2),
        power_per_kwh_usd=power_per_kwh(items, made.kwh),
        hashcost_usd_per_ph_day=ratio(cash, ph_days, 4),
        hashprice_usd_per_ph_day=None if made.revenue_usd is None else ratio(made.revenue_usd, ph_days, 4),
        efficiency_j_per_th=efficiency(made),
    )


def power_per_kwh(items: Items, kwh: Decimal | None) -> Decimal | None:
    """May be negative where credits exceed the bill."""
    power = items.costs.get(items.power)
    if power is None or kwh is None:
        return None
    return ratio(power - items.credited, kwh, 5)


def efficiency(made: Production) -> Decimal | None:
    """Joules a terahash at the meter."""
    if made.kwh is None:
        return None
    terahashes = Fraction(made.hashrate_ehs or 0) * TH_PER_EH * Fraction(made.days) * SECONDS_PER_DAY
    return ratio(Fraction(made.kwh) * JOULES_PER_KWH, terahashes, 4)
