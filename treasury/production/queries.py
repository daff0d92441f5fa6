"""What is known of production: days of an operator, sites over a span, and how pool accounts are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from sites.models import Operator
from treasury.models import JournalEntry, PoolEarning, PoolPayout, PoolStatement, ProductionDay
from treasury.money import percent
from treasury.production import reconcile
from treasury.production.measured import MINUTES


@dataclass(frozen=True)
class Day:
    """A day (UTC) of an operator, in satoshis; None where it is not known. paid, arrived, booked: of payouts sent that
    day.   off_pct: shares against expected.   is_off: beyond what may differ."""

    day: date
    expected_sat: int | None
    coverage_pct: Decimal | None
    earned_sat: int | None
    off_pct: Decimal | None
    paid_sat: int
    arrived_sat: int | None
    booked_sat: int | None
    is_off: bool
    reason: str


@dataclass(frozen=True)
class SiteSum:
    """A site over the span. days: those with an expectation, of so many that were measured."""

    code: str
    operator: str
    expected_sat: int
    days: int
    measured_days: int
    coverage_pct: Decimal | None
    own_ths: float | None
    leased_ths: float


@dataclass(frozen=True)
class Totals:
    """Sums over days; expected and earned only of the days on which both are known."""

    expected_sat: int
    earned_sat: int
    compared_days: int
    paid_sat: int
    arrived_sat: int | None
    booked_sat: int | None

    @property
    def off_pct(self) -> Decimal | None:
        return percent(self.earned_sat - self.expected_sat, self.expected_sat, 2)


def days(operator: Operator, first: date, last: date, now: datetime) -> list[Day]:
    """Every day of the span, the newest first."""
    known = reconcile.days_of_operators(first, last)
    told = reasons(operator, first, last)
    earned = reconcile.earned(first, last)
    paid = payouts_by_day(operator, first, last)
    arrived = sums(paid, arrivals(now)) if is_watched(operator) else None
    booked = sums(paid, booked_of(paid)) if operator.is_company else None
    found = []
    for back in range((last - first).days + 1):
        day = last - timedelta(days=back)
        one, sat = known.get((operator.pk, day)), earned.get((operator.pk, day))
        expected = one.expected_sat if one else None
        found.append(
            Day(
                day=day, expected_sat=expected,
                coverage_pct=percent(one.minutes, MINUTES * one.sites, 1) if one else None, earned_sat=sat,
                off_pct=None if expected is None or sat is None else percent(sat - expected, expected, 2),
                paid_sat=sum(amount for _, amount in paid.get(day, ())),
                arrived_sat=None if arrived is None else arrived.get(day, 0),
                booked_sat=None if booked is None else booked.get(day, 0),
                is_off=bool(one and one.is_off), reason="" if one else told.get(day, "not measured"),
            )
        )  # fmt: skip
    return found


def reasons(operator: Operator, first: date, last: date) -> dict[date, str]:
    """Why a day has no expectation, by the first site that has none."""
    rows = ProductionDay.objects.filter(
        site__operator=operator, day__gte=first, day__lte=last, expected_sat=None
    ).order_by("-site__code")
    return {day: f"{code}: {reason}" for day, code, reason in rows.values_list("day", "site__code", "reason")}


Paid = Mapping[date, Sequence[tuple[str, int]]]


def payouts_by_day(operator: Operator, first: date, last: date) -> Paid:
    """Ids and amounts of the payouts of each day."""
    rows = PoolPayout.objects.filter(account__operator=operator).annotate(day=TruncDate("paid_at", tzinfo=UTC))
    found: dict[date, list[tuple[str, int]]] = {}
    for row in rows.filter(day__gte=first, day__lte=last).order_by("paid_at"):
        found.setdefault(row.paid_at.astimezone(UTC).date(), []).append((row.source_id, row.amount_sat))
    return found


def sums(paid: Paid, off_sat: Mapping[str, int]) -> dict[date, int]:
    """What came of each day's payouts. off_sat: by id of those that came, how much more than was paid."""
    return {
        day: sum(sat + off_sat[source] for source, sat in rows if source in off_sat) for day, rows in paid.items()
    }  # fmt: skip


def arrivals(now: datetime) -> dict[str, int]:
    """By id of each payout that came, how much more it brought; of several in one transaction the first has it all."""
    found: dict[str, int] = {}
    for matched in reconcile.matches(now).values():
        found |= dict.fromkeys(matched.arrived, 0)
        for one in matched.differs:
            found |= dict.fromkeys(one.refs, 0) | {one.refs[0]: one.off_sat}
    return found


def is_watched(operator: Operator) -> bool:
    """Whether a wallet is read on the chain into which the operator's pools pay."""
    wallets = PoolStatement.objects.filter(account__operator=operator).values_list("wallet", flat=True)
    return operator.is_company and bool(set(wallets) & reconcile.watched_since().keys())


def booked_of(paid: Paid) -> dict[str, int]:
    """Those of the payouts that stand in the books."""
    ids = [source for rows in paid.values() for source, _ in rows]
    return dict.fromkeys(JournalEntry.objects.filter(source_id__in=ids).values_list("source_id", flat=True), 0)


def totals(rows: Sequence[Day]) -> Totals:
    both = [row for row in rows if row.expected_sat is not None and row.earned_sat is not None]
    arrived = [row.arrived_sat for row in rows if row.arrived_sat is not None]
    booked = [row.booked_sat for row in rows if row.booked_sat is not None]
    return Totals(
        expected_sat=sum(row.expected_sat or 0 for row in both), earned_sat=sum(row.earned_sat or 0 for row in both),
        compared_days=len(both), paid_sat=sum(row.paid_sat for row in rows),
        arrived_sat=sum(arrived) if arrived else None, booked_sat=sum(booked) if booked else None,
    )  # fmt: skip


def by_site(operator: Operator, first: date, last: date) -> list[SiteSum]:
    rows = ProductionDay.objects.filter(site__operator=operator, day__gte=first, day__lte=last)
    sums = rows.values("site__code", "site__operator__name").annotate(
        sat=Sum("expected_sat"), known=Count("pk", filter=Q(expected_sat__isnull=False)), all=Count("pk"),
        seen=Sum("minutes"), own=Sum(F("own_ths") * F("minutes")), leased=Sum(F("leased_ths") * F("minutes")),
    )  # fmt: skip
    return [
        SiteSum(
            code=row["site__code"], operator=row["site__operator__name"], expected_sat=row["sat"] or 0,
            days=row["known"], measured_days=row["all"], coverage_pct=percent(row["seen"], MINUTES * row["all"], 1),
            own_ths=row["own"] / row["seen"] if row["seen"] and row["own"] is not None else None,
            leased_ths=row["leased"] / row["seen"] if row["seen"] else 0.0,
        )
        for row in sums.order_by("site__code")
    ]  # fmt: skip


def site_days(first: date, last: date) -> list[ProductionDay]:
    """Each measured day of each site, for those who may see the books."""
    rows = ProductionDay.objects.filter(day__gte=first, day__lte=last)
    return list(rows.select_related("site", "site__operator").order_by("day", "site__code"))


def statements(operator: Operator) -> list[PoolStatement]:
    return list(PoolStatement.objects.filter(account__operator=operator).select_related("account").order_by("account"))


def has_any() -> bool:
    return ProductionDay.objects.exists() or PoolPayout.objects.exists() or PoolEarning.objects.exists()
