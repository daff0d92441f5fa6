"""What the contracts of a site charge by the month beside energy: a day keeps what its meters say, the month adds up.

Months are those of the site's own calendar, as bills have them, under the name of the month of the books.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final
from zoneinfo import ZoneInfo

from cango_ops.units import W_PER_MW
from sites.models import PowerContract, Site
from sites.tariffs import months
from sites.tariffs.months import Held, Line, Part
from sites.tariffs.terms import Contract
from sites.tariffs.windows import billing_month, midnight
from treasury.earnings.power import Contracts, tariff
from treasury.earnings.span import Month
from treasury.models import PowerMonth, SiteDay

DAY: Final = timedelta(days=1)
ZERO: Final = Decimal("0.00")


@dataclass(frozen=True)
class Charges:
    """usd None: one of the lines cannot be said."""

    lines: list[Line] = field(default_factory=list)

    @property
    def usd(self) -> Decimal | None:
        amounts = [line.usd for line in self.lines]
        return None if None in amounts else sum((one for one in amounts if one is not None), ZERO)

    @property
    def why(self) -> str:
        return next((f"{line.name}: {line.words}" for line in self.lines if line.usd is None), "")


def of_day(contracts: Contracts, watts: Mapping[datetime, float | None]) -> list[dict[str, Any]]:
    """What a SiteDay keeps: a part for each billing month and contract that its quarter hours lie in."""
    found: dict[tuple[str, int], list[tuple[datetime, Decimal]]] = defaultdict(list)
    for at, power_w in watts.items():
        row = contracts.row_at(at)
        if power_w is not None and row is not None and charges_by_month(contracts.tariffs[row.pk]):
            mw = Decimal(repr(power_w)) / W_PER_MW
            found[(f"{at.astimezone(contracts.zone):%Y-%m}", row.pk)].append((at, mw))
    return [
        {"month": label, "contract": pk, "part": months.stored(part_of(contracts, pk, drawn))}
        for (label, pk), drawn in sorted(found.items())
    ]


def charges_by_month(contract: Contract | None) -> bool:
    terms = contract.terms if contract else None
    return bool(terms and (terms.demand_charges or terms.coincident_peak or terms.take_or_pay))


def part_of(contracts: Contracts, pk: int, drawn: list[tuple[datetime, Decimal]]) -> Part:
    contract = contracts.tariffs[pk]
    assert contract is not None
    told = (
        {at: contracts.prices(contract.market, contract.terms.index, at) for at, _ in drawn} if contract.market else {}
    )
    market = {at: price.usd_per_mwh for at, price in told.items() if price is not None}
    return months.part_of(contract, drawn, market)


def charges(site: Site, month: Month, now: datetime) -> Charges:
    """What the month so far owes beside its energy."""
    by_contract: dict[int, list[Part]] = defaultdict(list)
    for day in SiteDay.objects.filter(site=site, day__gte=month.first - DAY, day__lte=month.last + DAY):
        for told in day.charges:
            if told["month"] == str(month):
                by_contract[told["contract"]].append(months.restored(told["part"]))
    found = []
    rows = list(PowerContract.objects.filter(site=site, valid_from__lte=month.last).order_by("valid_from"))
    for row, following in zip_longest(rows, rows[1:]):
        row.site = site
        contract = tariff(row)
        held = held_of(site, month, row.valid_from, following.valid_from if following else None, now)
        if contract is not None and charges_by_month(contract) and held.share and held.elapsed:
            found += months.lines(contract, months.added(by_contract[row.pk]), held)
    return Charges(found)


def held_of(site: Site, month: Month, begin: date, until: date | None, now: datetime) -> Held:
    """How much of the site's month a contract holds that begins on a day and ends before another."""
    zone = site.time_zone
    first, end = billing_month(datetime.combine(month.first, time(12), ZoneInfo(zone)), zone)
    starts_at = max(first, midnight(begin, zone))
    ends_at = end if until is None else max(starts_at, min(end, midnight(until, zone)))
    if ends_at <= starts_at:
        return Held(Decimal(0), Decimal(0), 0)
    over = max(timedelta(0), min(ends_at, now.astimezone(UTC)) - starts_at)
    return Held(share_of(ends_at - starts_at, end - first), share_of(over, ends_at - starts_at), over // months.QUARTER)


def share_of(part: timedelta, whole: timedelta) -> Decimal:
    return Decimal(part // timedelta(seconds=1)) / Decimal(whole // timedelta(seconds=1))


def tell(site: Site, touched: Iterable[Month], now: datetime, closed_before: datetime | None) -> None:
    """Keeps what the months of a site cost by meters and contracts. What a closed month was told stays."""
    for month in touched:
        if closed_before is None or month.start_at >= closed_before:
            PowerMonth.objects.update_or_create(site=site, month=month.first, defaults=estimate(site, month, now))


def estimate(site: Site, month: Month, now: datetime) -> dict[str, Any]:
    days = SiteDay.objects.filter(site=site, day__gte=month.first, day__lte=month.last)
    found = charges(site, month, now)
    return {
        "energy_usd": sum((day.power_usd for day in days), ZERO), "charges_usd": found.usd, "why": found.why[:300],
        "lines": [
            {"name": line.name, "usd": None if line.usd is None else str(line.usd), "words": line.words}
            for line in found.lines
        ],
        "made_at": now,
    }  # fmt: skip
