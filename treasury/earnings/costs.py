"""What the bitcoin of a month cost, by site and for the company: power as measured, cash and all-in as told.

Power alone is divided by bitcoin and hashes of the same hours, those of which everything is known. Cash and all-in cost
need the whole month: told costs, and power either told or measured in every hour. What is not known is None, and
`missing` says why.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sites.models import Site
from treasury.books import queries
from treasury.earnings.span import Month
from treasury.ledger.facts import Origin
from treasury.ledger.journal import cost_account
from treasury.mining.cost import Cost as Figures
from treasury.mining.cost import Items, Production, cost
from treasury.models import CostAmount, SiteDay
from treasury.money import btc, ratio

POWER: Final = "power"
PH_PER_EH: Final = 1000
ZERO: Final = Decimal("0.00")


@dataclass(frozen=True)
class Sums:
    """Days added up, named as in SiteDay. hours: of the month so far, times the sites."""

    hours: int
    hash_hours: int = 0
    ph_days: Decimal = ZERO
    worth_hours: int = 0
    expected_sat: int = 0
    mined_usd: Decimal = ZERO
    energy_hours: int = 0
    energy_kwh: Decimal = ZERO
    power_hours: int = 0
    power_kwh: Decimal = ZERO
    power_usd: Decimal = ZERO
    joint_hours: int = 0
    joint_ph_days: Decimal = ZERO
    joint_sat: int = 0
    joint_mined_usd: Decimal = ZERO
    joint_power_usd: Decimal = ZERO

    @property
    def known_kwh(self) -> Decimal | None:
        return self.energy_kwh if self.energy_hours else None

    @property
    def power_usd_per_kwh(self) -> Decimal | None:
        return ratio(self.power_usd, self.power_kwh, 5)

    @property
    def power_usd_per_btc(self) -> Decimal | None:
        return ratio(self.joint_power_usd, btc(self.joint_sat), 2)

    @property
    def power_usd_per_ph_day(self) -> Decimal | None:
        return ratio(self.joint_power_usd, self.joint_ph_days, 4)

    @property
    def hashprice_usd_per_ph_day(self) -> Decimal | None:
        return ratio(self.joint_mined_usd, self.joint_ph_days, 4)


@dataclass(frozen=True)
class Cost:
    """The cost of a site's bitcoin, or the company's (site None). btc_sat: of a site what its hashes should have
    earned, of the company what the books say was mined.   figures None: the cash cost is not known."""

    site: Site | None
    sums: Sums
    btc_sat: int | None
    told: Sequence[CostAmount]
    figures: Figures | None
    missing: tuple[str, ...]


def costs(month: Month, now: datetime) -> list[Cost]:
    """The company first, then those of its sites of which anything is known."""
    days = SiteDay.objects.filter(day__gte=month.first, day__lte=month.last, site__operator__is_company=True)
    by_site: dict[int, list[SiteDay]] = {}
    for day in days:
        by_site.setdefault(day.site_id, []).append(day)
    told = list(CostAmount.objects.filter(month=month.first).select_related("site"))
    sites = list(Site.objects.filter(operator__is_company=True).order_by("code"))
    hours, (mined_sat, mined_usd) = month.hours_until(now), mined(month, now)
    whole = added((day for rows in by_site.values() for day in rows), hours * len(sites))
    found = [cost_of(None, whole, mined_sat, mined_usd, told, reasons(days))]
    for site in sites:
        rows, own = by_site.get(site.pk, []), [row for row in told if row.site_id == site.pk]
        if rows or own:
            sums = added(rows, hours)
            found.append(cost_of(site, sums, sums.expected_sat, sums.mined_usd, own, reasons(rows)))
    return found


def cost_of(
    site: Site | None, sums: Sums, btc_sat: int, mined_usd: Decimal, told: Sequence[CostAmount],
    missing: tuple[str, ...],
) -> Cost:  # fmt: skip
    short = tuple(why for why in (why_no_cash(sums, told), why_no_hashes(sums)) if why)
    figures = None
    if not why_no_cash(sums, told):
        ehs = None if why_no_hashes(sums) else sums.ph_days / PH_PER_EH
        kwh = sums.energy_kwh if sums.energy_hours == sums.hours and ehs else None
        figures = cost(items_of(told, sums), Production(btc_sat, Decimal(1), ehs, mined_usd, kwh))
    is_known = site is None or sums.worth_hours
    return Cost(site, sums, btc_sat if is_known else None, told, figures, (*short, *missing))


def why_no_cash(sums: Sums, told: Sequence[CostAmount]) -> str:
    """Empty where the cash cost of the month so far is known."""
    is_told = any(row.item == POWER for row in told if row.kind == CostAmount.Kind.CASH)
    if not is_told and sums.power_hours < sums.hours:
        return f"power measured in {sums.power_hours:,} of {sums.hours:,} hours, not told"
    return "" if told or sums.power_hours else "no cost is written down"


def why_no_hashes(sums: Sums) -> str:
    return "" if sums.hash_hours >= sums.hours else f"hashes measured in {sums.hash_hours:,} of {sums.hours:,} hours"


def items_of(told: Sequence[CostAmount], sums: Sums) -> Items:
    """Power that nobody told is what meters and prices say."""
    amounts: dict[str, Decimal] = {}
    credits: dict[str, Decimal] = {}
    names: dict[str, list[str]] = {CostAmount.Kind.CASH: [], CostAmount.Kind.ALL_IN: []}
    for row in told:
        into = credits if row.kind == CostAmount.Kind.CREDIT else amounts
        into[row.item] = into.get(row.item, ZERO) + row.amount_usd
        if row.kind in names and row.item not in names[row.kind]:
            names[row.kind].append(row.item)
    if POWER not in amounts:
        amounts[POWER] = sums.power_usd
        names[CostAmount.Kind.CASH].append(POWER)
    return Items(amounts, credits, names[CostAmount.Kind.CASH], names[CostAmount.Kind.ALL_IN])


def added(days: Iterable[SiteDay], hours: int) -> Sums:
    names = [name for name in Sums.__dataclass_fields__ if name != "hours"]
    rows = list(days)
    return Sums(hours, **{name: sum((getattr(row, name) for row in rows), getattr(Sums, name)) for name in names})


def reasons(days: Iterable[SiteDay]) -> tuple[str, ...]:
    """What is in no sum, the most first."""
    total: Counter[str] = Counter()
    for day in days:
        total.update({why: count for why, count in day.missing.items() if "GPU" not in why})
    return tuple(f"{why}: {count:,} hours" for why, count in total.most_common())


def mined(month: Month, now: datetime) -> tuple[int, Decimal]:
    """What the books say was mined in the month so far, and what it was worth when it came."""
    opening, closing = queries.Book.at(month.start_at), queries.Book.at(min(month.end_at, now))
    account = cost_account(Origin.MINED)
    return queries.quantities_between(opening, closing).mined_sat, closing.usd(account) - opening.usd(account)
