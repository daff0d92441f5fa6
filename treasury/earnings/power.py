"""The energy of a site's day at its meters, and what it cost by the contract and the market of each quarter hour.

Charges by the month (demand, coincident peak, take-or-pay) are in no hour: see treasury.earnings.charges.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from cango_ops.units import W_PER_KW
from sites.metering import queries as metering
from sites.models import Meter, PowerContract, Site
from sites.prices.queries import Known, known
from sites.tariffs.energy import import_price
from sites.tariffs.terms import BadTerms, Contract
from treasury.money import cents, half_up

QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)
PER_HOUR: Final = 4
KWH_PER_MWH: Final = 1000


class Hour(NamedTuple):
    """usd None: a price of the hour is not known, and why."""

    kwh: Fraction
    usd: Fraction | None
    why: str = ""


def drawn(site: Site, begin: datetime, end: datetime) -> dict[datetime, float | None] | None:
    """Mean watts of the quarter hours, None where the meters did not say; None for all where there is no meter."""
    if not Meter.objects.filter(site=site).exists():
        return None
    told = metering.series([site.pk], begin, end, int(QUARTER.total_seconds()))
    return dict(zip(told.start_at, told.power_w, strict=True))


def hours_of(
    contracts: "Contracts", watts: Mapping[datetime, float | None] | None, begin: datetime, end: datetime,
    missing: Counter[str],
) -> dict[datetime, Hour]:  # fmt: skip
    """The whole hours of [begin, end) of which every quarter was read at every meter."""
    starts = [begin + HOUR * step for step in range((end - begin) // HOUR)]
    if watts is None:
        missing["no meter"] += len(starts)
        return {}
    found = {}
    for at in starts:
        quarters = [watts.get(at + QUARTER * part) for part in range(PER_HOUR)]
        kwh = [Fraction(one) / W_PER_KW / PER_HOUR for one in quarters if one is not None]
        if len(kwh) < PER_HOUR:
            missing["energy not measured"] += 1
            continue
        found[at] = hour_of(contracts, at, kwh)
        if found[at].usd is None:
            missing[found[at].why] += 1
    return found


def sums(hours: Iterable[Hour]) -> dict[str, Any]:
    told = list(hours)
    priced = [hour for hour in told if hour.usd is not None]
    return {
        "energy_hours": len(told),
        "energy_kwh": half_up(sum((hour.kwh for hour in told), Fraction(0)), 3),
        "power_hours": len(priced),
        "power_kwh": half_up(sum((hour.kwh for hour in priced), Fraction(0)), 3),
        "power_usd": cents(sum((hour.usd or Fraction(0) for hour in priced), Fraction(0))),
    }


def hour_of(contracts: "Contracts", at: datetime, kwh: Sequence[Fraction]) -> Hour:
    """kwh: of each quarter."""
    usd = Fraction(0)
    for part, energy in enumerate(kwh):
        price, why = contracts.usd_per_mwh(at + QUARTER * part)
        if price is None:
            return Hour(sum(kwh, Fraction(0)), None, why)
        usd += energy / KWH_PER_MWH * Fraction(price)
    return Hour(sum(kwh, Fraction(0)), usd)


class Contracts:
    """The contracts of a site over a day, by its own calendar, with the prices of the markets that they follow."""

    def __init__(self, site: Site, begin: datetime, end: datetime) -> None:
        self.zone = ZoneInfo(site.time_zone)
        self.rows = list(PowerContract.objects.filter(site=site).select_related("site").order_by("-valid_from"))
        self.prices: Known = known({row.market for row in self.rows if row.market}, begin, end)
        self.tariffs: dict[int, Contract | None] = {row.pk: tariff(row) for row in self.rows}

    def row_at(self, at: datetime) -> PowerContract | None:
        day = at.astimezone(self.zone).date()
        return next((row for row in self.rows if row.valid_from <= day), None)

    def usd_per_mwh(self, at: datetime) -> tuple[Decimal | None, str]:
        """The price, or None and why."""
        row = self.row_at(at)
        if row is None:
            return None, "no power contract"
        contract = self.tariffs[row.pk]
        if contract is None:
            return None, "terms of the contract cannot be used"
        quote = import_price(contract, at, self.prices)
        return quote.usd_per_mwh, quote.reason


def tariff(row: PowerContract) -> Contract | None:
    try:
        return row.tariff()
    except BadTerms:
        return None
