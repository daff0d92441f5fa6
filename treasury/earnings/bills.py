"""What the power of a month cost: the bill where one was told, else what meters, markets and contracts say.

A bill that is told takes the place of the estimate of its site and month. One that comes after its month was closed
leaves that month as it was: what it is more or less than the month was closed with is a cost of the month in which it
came.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q

from sites.models import Site
from treasury.earnings.span import Month
from treasury.models import ClosedMonth, CostAmount, PowerMonth

POWER: Final = "power"
ZERO: Final = Decimal("0.00")


@dataclass(frozen=True)
class Power:
    """What the power of a month cost. billed_usd: as told, None where nobody told it.   energy_usd, charges_usd: by
    meters and contracts, of sites without a bill; charges None: one cannot be said.   estimate_usd: what meters and
    contracts say, bill or not.   hours, power_hours: of sites without a bill, and those that are priced.   late_usd:
    bills of closed months that came in this one, less what was closed with; late: the months."""

    billed_usd: Decimal | None = None
    energy_usd: Decimal = ZERO
    charges_usd: Decimal | None = ZERO
    estimate_usd: Decimal | None = None
    hours: int = 0
    power_hours: int = 0
    why: str = ""
    lines: Sequence[dict[str, Any]] = ()
    late_usd: Decimal = ZERO
    late: tuple[str, ...] = ()

    @property
    def usd(self) -> Decimal:
        return (self.billed_usd or ZERO) + self.energy_usd + (self.charges_usd or ZERO)


class Bills:
    """What was told of an operator's month, and what its meters and contracts say."""

    def __init__(self, month: Month, sites: Collection[int], is_company: bool) -> None:
        self.month, self.sites, self.is_company = month, sites, is_company
        self.closings = list(ClosedMonth.objects.filter(reopened_at=None))
        rows = CostAmount.objects.select_related("site")
        own = Q(site__in=sites) | Q(site=None) if is_company else Q(site__in=sites)
        self.told = [row for row in rows.filter(own, month=month.first) if not self.is_late(row)]
        came = rows.filter(own, item=POWER, month__lt=month.first, recorded_at__gte=month.start_at)
        self.late = [row for row in came.filter(recorded_at__lt=month.end_at) if self.is_late(row)]
        self.months = {row.site_id: row for row in PowerMonth.objects.filter(month=month.first, site__in=sites)}

    def is_late(self, row: CostAmount) -> bool:
        """A bill that came when its month was closed."""
        closed = [one.closed_at for one in self.closings if one.month >= row.month]
        return row.item == POWER and bool(closed) and row.recorded_at > min(closed)

    def of_site(self, site: Site, power_usd: Decimal, hours: int, power_hours: int) -> Power:
        """power_usd: of the hours whose price is known, power_hours many of them."""
        told, rows = self.months.get(site.pk), [one for one in self.told if one.site_id == site.pk and is_bill(one)]
        energy = told.energy_usd if told else power_usd
        charges = told.charges_usd if told else ZERO
        late = [one for one in self.late if one.site_id == site.pk]
        found = Power(
            energy_usd=energy, charges_usd=charges, estimate_usd=None if charges is None else energy + charges,
            hours=hours, power_hours=power_hours, why=told.why if told else "",
            lines=told.lines if told else (), late_usd=self.above(late), late=names(late),
        )  # fmt: skip
        return billed(found, rows) if rows else found

    def expected_charges_usd(self, sites: Iterable[int]) -> Decimal:
        """Charges by the month by meters and contracts, bills or not; those that cannot be said left out."""
        rows = [self.months[pk] for pk in sites if pk in self.months]
        return sum((row.charges_usd or ZERO for row in rows), ZERO)

    def is_told_whole(self) -> bool:
        """True where one bill for all sites was told."""
        return any(row.site_id is None and is_bill(row) for row in self.told)

    def of_all(self, made: Sequence[Power]) -> Power:
        """One bill for all sites takes the place of every estimate."""
        bills = [row for row in self.told if is_bill(row)]
        estimates, counted = [one.estimate_usd for one in made], [] if self.is_told_whole() else made
        charges = [one.charges_usd for one in counted]
        late = [one for one in self.late if one.site_id is None]
        return Power(
            billed_usd=total(bills) if bills else None,
            energy_usd=sum((one.energy_usd for one in counted), ZERO),
            charges_usd=None if None in charges else sum((one for one in charges if one is not None), ZERO),
            estimate_usd=None if None in estimates else sum((one for one in estimates if one is not None), ZERO),
            hours=sum(one.hours for one in counted), power_hours=sum(one.power_hours for one in counted),
            why=next((one.why for one in counted if one.why), ""),
            late_usd=self.above(late) + sum((one.late_usd for one in made), ZERO),
            late=tuple(sorted({*names(late), *(name for one in made for name in one.late)})),
        )  # fmt: skip

    def above(self, late: Sequence[CostAmount]) -> Decimal:
        """What late bills are more than their months were closed with: the estimate, or bills told in time."""
        return sum((self.above_closed(key, rows) for key, rows in grouped(late).items()), ZERO)

    def above_closed(self, key: tuple[date, int | None], rows: Sequence[CostAmount]) -> Decimal:
        """A credit is less, and no bill: it leaves what the month was closed with as it is."""
        month, site = key
        bills = [row for row in rows if is_bill(row)]
        if not bills:
            return total(rows)
        before = CostAmount.objects.filter(item=POWER, month=month, site=site, recorded_at__lt=bills[0].recorded_at)
        if before.exclude(kind=CostAmount.Kind.CREDIT).exists():
            return total(rows)
        kept = PowerMonth.objects.filter(month=month, site__in=self.sites if site is None else [site])
        return total(rows) - sum((row.energy_usd + (row.charges_usd or ZERO) for row in kept), ZERO)


def is_bill(row: CostAmount) -> bool:
    return row.item == POWER and row.kind != CostAmount.Kind.CREDIT


def billed(power: Power, rows: Sequence[CostAmount]) -> Power:
    """The same power as told: nothing of it has to be measured."""
    return replace(power, billed_usd=total(rows), energy_usd=ZERO, charges_usd=ZERO, hours=0, power_hours=0, why="")


def total(rows: Iterable[CostAmount]) -> Decimal:
    """Bills less credits."""
    return sum((row.amount_usd if is_bill(row) else -row.amount_usd for row in rows), ZERO)


def names(rows: Iterable[CostAmount]) -> tuple[str, ...]:
    return tuple(sorted({f"{row.month:%Y-%m}" for row in rows}))


def grouped(rows: Iterable[CostAmount]) -> dict[tuple[date, int | None], list[CostAmount]]:
    """By month and site, the first told first."""
    found: dict[tuple[date, int | None], list[CostAmount]] = {}
    for row in sorted(rows, key=lambda one: (one.recorded_at, one.pk)):
        found.setdefault((row.month, row.site_id), []).append(row)
    return found
