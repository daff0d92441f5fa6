"""What the bitcoin of a month cost, by site and for the company: power as measured, cash and all-in as told.

Power alone is divided by bitcoin and hashes of the same hours, those of which everything is known, with their share of
the charges by the month. Cash and all-in cost need the whole month: told costs, and power either told or measured in
every hour. What is not known is None, and `missing` says why.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from sites.models import Operator, Site
from treasury.books import queries
from treasury.earnings.bills import POWER, ZERO, Bills, Power, is_bill
from treasury.earnings.span import Month
from treasury.ledger.facts import Origin
from treasury.ledger.journal import cost_account
from treasury.mining.cost import Cost as Figures
from treasury.mining.cost import Items, Production, cost
from treasury.models import CostAmount, SiteDay
from treasury.money import btc, ratio

LATE: Final = "power of closed months"
PH_PER_EH: Final = 1000


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
    charges_usd: Decimal = ZERO

    def charged_usd(self, hours: int) -> Decimal:
        """What so many of the metered hours bear of the charges by the month."""
        return self.charges_usd * hours / self.energy_hours if self.energy_hours else ZERO

    @property
    def known_kwh(self) -> Decimal | None:
        return self.energy_kwh if self.energy_hours else None

    @property
    def power_usd_per_kwh(self) -> Decimal | None:
        return ratio(self.power_usd + self.charged_usd(self.power_hours), self.power_kwh, 5)

    @property
    def power_usd_per_btc(self) -> Decimal | None:
        return ratio(self.joint_power_usd + self.charged_usd(self.joint_hours), btc(self.joint_sat), 2)

    @property
    def power_usd_per_ph_day(self) -> Decimal | None:
        return ratio(self.joint_power_usd + self.charged_usd(self.joint_hours), self.joint_ph_days, 4)

    @property
    def hashprice_usd_per_ph_day(self) -> Decimal | None:
        return ratio(self.joint_mined_usd, self.joint_ph_days, 4)


@dataclass(frozen=True)
class Cost:
    """The cost of a site's bitcoin, or of all sites of the operator (site None). btc_sat: of a site what its hashes
    should have earned, of the company what the books say was mined.   figures None: the cash cost is not known."""

    site: Site | None
    sums: Sums
    btc_sat: int | None
    told: Sequence[CostAmount]
    power: Power
    figures: Figures | None
    missing: tuple[str, ...]


def costs(month: Month, now: datetime, operator: Operator | None = None) -> list[Cost]:
    """The operator first (the company where none is named), then those of its sites of which anything is known."""
    ours = {"site__operator": operator} if operator else {"site__operator__is_company": True}
    sites = list(Site.objects.filter(**({"operator": operator} if operator else {"operator__is_company": True})))
    days = SiteDay.objects.filter(day__gte=month.first, day__lte=month.last, **ours)
    by_site: dict[int, list[SiteDay]] = {}
    for day in days:
        by_site.setdefault(day.site_id, []).append(day)
    is_company = operator is None or operator.is_company
    bills = Bills(month, {site.pk for site in sites}, is_company)
    hours, made = month.hours_until(now), dict[int, Power]()
    found = []
    for site in sorted(sites, key=lambda one: one.code):
        rows, own = by_site.get(site.pk, []), [row for row in bills.told if row.site_id == site.pk]
        sums = added(rows, hours)
        made[site.pk] = power = bills.of_site(site, sums.power_usd, sums.hours, sums.power_hours)
        if rows or own or power.late:
            sums = replace(sums, charges_usd=bills.expected_charges_usd([site.pk]))
            found.append(cost_of(site, sums, sums.expected_sat, sums.mined_usd, own, power, reasons(rows)))
    whole = added((day for rows in by_site.values() for day in rows), hours * len(sites))
    power = bills.of_all(list(made.values()))
    whole = replace(whole, charges_usd=bills.expected_charges_usd(made))
    mined_sat, mined_usd = mined(month, now) if is_company else (whole.expected_sat, whole.mined_usd)
    return [cost_of(None, whole, mined_sat, mined_usd, bills.told, power, reasons(days)), *found]


def cost_of(
    site: Site | None, sums: Sums, btc_sat: int, mined_usd: Decimal, told: Sequence[CostAmount], power: Power,
    missing: tuple[str, ...],
) -> Cost:  # fmt: skip
    short = tuple(why for why in (why_no_cash(power, told), why_no_hashes(sums)) if why)
    figures = None
    if not why_no_cash(power, told):
        ehs = None if why_no_hashes(sums) else sums.ph_days / PH_PER_EH
        kwh = sums.energy_kwh if sums.energy_hours == sums.hours and ehs else None
        figures = cost(items_of(told, power), Production(btc_sat, Decimal(1), ehs, mined_usd, kwh))
    is_known = site is None or sums.worth_hours
    return Cost(site, sums, btc_sat if is_known else None, told, power, figures, (*short, *missing))


def why_no_cash(power: Power, told: Sequence[CostAmount]) -> str:
    """Empty where the cash cost of the month so far is known."""
    if power.power_hours < power.hours:
        return f"power measured in {power.power_hours:,} of {power.hours:,} hours, and no bill tells the rest"
    if power.charges_usd is None:
        return power.why or "a charge by the month is not known"
    is_known = told or power.power_hours or power.billed_usd is not None
    return "" if is_known else "no cost is written down"


def why_no_hashes(sums: Sums) -> str:
    return "" if sums.hash_hours >= sums.hours else f"hashes measured in {sums.hash_hours:,} of {sums.hours:,} hours"


def items_of(told: Sequence[CostAmount], power: Power) -> Items:
    """Power that nobody told is what meters, prices and contracts say."""
    amounts: dict[str, Decimal] = {POWER: power.usd}
    credits: dict[str, Decimal] = {}
    named: dict[str, list[str]] = {CostAmount.Kind.CASH: [POWER], CostAmount.Kind.ALL_IN: []}
    for row in (row for row in told if not is_bill(row)):
        into = credits if row.kind == CostAmount.Kind.CREDIT else amounts
        into[row.item] = into.get(row.item, ZERO) + row.amount_usd
        if row.kind in named and row.item not in named[row.kind]:
            named[row.kind].append(row.item)
    if power.late:
        amounts[LATE], named[CostAmount.Kind.CASH] = power.late_usd, [*named[CostAmount.Kind.CASH], LATE]
    return Items(amounts, credits, named[CostAmount.Kind.CASH], named[CostAmount.Kind.ALL_IN])


def added(days: Iterable[SiteDay], hours: int) -> Sums:
    names = [name for name in Sums.__dataclass_fields__ if name not in ("hours", "charges_usd")]
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
