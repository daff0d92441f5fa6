"""What the last seven days would have cost under a contract: metered quarter hours at the contract's prices.

A quarter hour that was not metered, or has no price, is in no sum and is counted. Charges by the month are told for
themselves: a week says only what its own peak would cost.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from cango_ops.units import W_PER_MW
from sites.metering import queries as metering
from sites.models import Site
from sites.prices.queries import Known, known
from sites.tariffs.energy import Lookup, import_price
from sites.tariffs.peaks import coincident_usd_per_mwh
from sites.tariffs.terms import Contract
from sites.tariffs.windows import holds

DAYS: Final = 7
QUARTER: Final = timedelta(minutes=15)
HOURS: Final = Decimal("0.25")
CENT: Final = Decimal("0.01")
DAYS_A_MONTH: Final = Decimal(30)


@dataclass(frozen=True)
class Line:
    """One part of the bill. usd is None where it cannot be said."""

    name: str
    usd: Decimal | None
    words: str = ""


@dataclass(frozen=True)
class Week:
    """energy_usd: of the quarter hours that are known; it is None where none is, and why says so. monthly: charges
    that a week does not owe by itself."""

    begin_at: datetime
    end_at: datetime
    energy_mwh: Decimal
    energy_usd: Decimal | None
    quarters: int
    not_metered: int
    not_priced: int
    lines: tuple[Line, ...]
    monthly: tuple[Line, ...]
    why: str = ""

    @property
    def usd_per_mwh(self) -> Decimal | None:
        return self.energy_usd / self.energy_mwh if self.energy_usd is not None and self.energy_mwh else None


@dataclass(frozen=True)
class Drawn:
    """Mean megawatts of quarter hours, None where the meter said nothing."""

    begin_at: datetime
    end_at: datetime
    mw: list[tuple[datetime, Decimal | None]]


def drawn(site: Site, now: datetime) -> Drawn:
    end = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    begin = end - timedelta(days=DAYS)
    quarters = metering.series([site.pk], begin, end, 900)
    rows = [
        (at, None if watts is None else Decimal(repr(watts)) / W_PER_MW)
        for at, watts in zip(quarters.start_at, quarters.power_w, strict=True)
    ]
    return Drawn(begin, end, rows)


def week(contract: Contract, power: Drawn) -> Week:
    prices = known([contract.market] if contract.market else [], power.begin_at, power.end_at)
    lookup = once_an_hour(prices)
    energy, usd, coincident, unpriced, unmetered = Decimal(0), Decimal(0), Decimal(0), 0, 0
    for at, mw in power.mw:
        if mw is None:
            unmetered += 1
            continue
        price = import_price(contract, at, lookup).usd_per_mwh
        if price is None:
            unpriced += 1
            continue
        energy += mw * HOURS
        usd += mw * HOURS * price
        coincident += mw * HOURS * coincident_usd_per_mwh(contract, at)
    count = len(power.mw)
    is_known = unmetered + unpriced < count
    lines = [Line("Energy", cents(usd) if is_known else None)]
    if contract.terms.coincident_peak is not None:
        lines.append(Line("Coincident peak, expected", cents(coincident) if is_known else None))
    return Week(
        begin_at=power.begin_at, end_at=power.end_at, energy_mwh=energy, energy_usd=cents(usd) if is_known else None,
        quarters=count, not_metered=unmetered, not_priced=unpriced, lines=tuple(lines),
        monthly=(*demand(contract, power), *block(contract, energy)), why="" if is_known else why(count, unmetered),
    )  # fmt: skip


def once_an_hour(prices: Known) -> Lookup:
    """The prices by interval, each looked up once for the quarter hours that it covers."""
    by_start = {
        (market, index, row.start_at + QUARTER / 3 * part): row.price
        for (market, index), rows in prices.rows.items()
        for row in rows
        for part in range(max(1, round((row.end_at - row.start_at) / (QUARTER / 3))))
    }
    return lambda market, index, at: by_start.get((market, index, at))


def why(quarters: int, unmetered: int) -> str:
    if unmetered == quarters:
        return "no meter of the site said anything in these days"
    return "none of the metered quarter hours has a price under these terms"


def demand(contract: Contract, power: Drawn) -> list[Line]:
    """What the week's own peak would cost, were it the month's."""
    lines, days_off = [], contract.terms.holidays
    for charge in contract.terms.demand_charges:
        inside = [mw for at, mw in power.mw if mw is not None and holds(charge.when, at, contract.zone, days_off)]
        name = f"Demand charge, {charge.name}"
        if inside:
            peak = max(inside)
            lines.append(Line(name, cents(peak * charge.usd_per_mw), f"a month with this peak of {peak:.3f} MW"))
        else:
            lines.append(Line(name, None, "nothing was metered in its window"))
    return lines


def block(contract: Contract, energy_mwh: Decimal) -> list[Line]:
    """What a week's share of the month's block leaves untaken."""
    terms = contract.terms.take_or_pay
    if terms is None:
        return []
    share = terms.mwh_a_month * DAYS / DAYS_A_MONTH
    left = max(Decimal(0), share - energy_mwh)
    if terms.resale:
        return [Line("Take or pay", None, f"{left:.1f} of {share:.1f} MWh untaken go back at the market's price")]
    return [Line("Take or pay", cents(left * terms.usd_per_mwh), f"{left:.1f} of {share:.1f} MWh untaken")]


def cents(usd: Decimal) -> Decimal:
    return usd.quantize(CENT)
