"""Plans and decisions for pages and API. Every site id that comes in was filtered by visible_to(user) before."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from cango_ops.base.models import User
from cango_ops.units import W_PER_MW
from compute.decisions.states import OPEN
from compute.models import Container, ContainerTotals, Decision, Hindsight, Plan
from compute.switching.inputs import Floats
from compute.telemetry import queries as telemetry
from compute.telemetry.verdict import stale_after_s
from sites.models import Site
from sites.tariffs.windows import midnight

USES: Final = ("mining", "ai", "sold", "stored", "idle")
PLANNED: Final = USES[2:]
# A plan older than this says nothing of now: rounds come every five minutes.
PLAN_GOOD_FOR: Final = timedelta(minutes=16)
HORIZON_H: Final = 48


@dataclass(frozen=True)
class UseNow:
    """Megawatts of one use; None where nobody knows."""

    use: str
    mw: float | None


@dataclass(frozen=True)
class MonthTold:
    """The told days of a month at a site. of_perfect: earned over what knowing all prices would have earned."""

    site: str
    month: date
    days: int
    hours: int
    earned_usd: Decimal | None
    promised_usd: Decimal | None
    merit_usd: Decimal | None
    always_on_usd: Decimal | None
    perfect_usd: Decimal | None

    @property
    def dollars(self) -> tuple[Decimal | None, ...]:
        return (self.earned_usd, self.promised_usd, self.merit_usd, self.always_on_usd, self.perfect_usd)

    @property
    def of_perfect(self) -> float | None:
        if self.earned_usd is None or not self.perfect_usd or self.perfect_usd <= 0:
            return None
        return float(self.earned_usd / self.perfect_usd)


def newest_plans(site_ids: Collection[int]) -> dict[int, Plan]:
    """Each site's newest plan, without the inputs' bytes."""
    last = Plan.objects.filter(site=OuterRef("pk")).order_by("-made_at").values("pk")[:1]
    newest = Site.objects.filter(pk__in=site_ids).order_by().annotate(plan=Subquery(last)).values("plan")
    rows = Plan.objects.filter(pk__in=newest)
    return {row.site_id: row for row in rows.defer("inputs", "chosen").select_related("site")}


def open_decisions(user: User) -> QuerySet[Decision]:
    """Those that wait or run, the dearest first."""
    rows = with_people(Decision.objects.visible_to(user).filter(state__in=OPEN))
    return rows.order_by("-usd_per_h", "pk")


def ended_decisions(user: User, now: datetime, most: int) -> QuerySet[Decision]:
    rows = Decision.objects.visible_to(user).filter(ended_at__gte=now - timedelta(hours=24)).exclude(state__in=OPEN)
    return with_people(rows).order_by("-ended_at")[:most]


def with_people(rows: QuerySet[Decision]) -> QuerySet[Decision]:
    return rows.select_related("site", "decided_by").annotate(given=Count("approvals"))


def uses_now(site_ids: Collection[int], now: datetime) -> tuple[list[UseNow], int]:
    """Megawatts by use of the sites that are heard, and how many those are. What is sold, stored or idle is as planned:
    nothing measures it."""
    oldest = now - timedelta(seconds=stale_after_s(settings.SWEEP_S))
    rows = ContainerTotals.objects.filter(site__in=site_ids, swept_at__gte=oldest)
    ai = Q(container__kind=Container.Kind.GPU)
    sums = rows.aggregate(
        mining=Sum("power_w", filter=~ai), ai=Sum("power_w", filter=ai), sites=Count("site", distinct=True)
    )
    found = [UseNow("mining", mw(sums["mining"])), UseNow("ai", mw(sums["ai"])), *planned_now(site_ids, now)]
    return found, sums["sites"]


def mw(watts: float | None) -> float | None:
    return None if watts is None else watts / W_PER_MW


def planned_now(site_ids: Collection[int], now: datetime) -> list[UseNow]:
    plans = [plan for plan in newest_plans(site_ids).values() if is_good(plan, now) and plan.schedule]
    if not plans:
        return [UseNow(use, None) for use in PLANNED]
    return [UseNow(use, sum(plan.schedule[f"{use}_mw"][0] for plan in plans)) for use in PLANNED]


def is_good(plan: Plan, now: datetime) -> bool:
    return now - plan.made_at <= PLAN_GOOD_FOR


@dataclass(frozen=True)
class Ahead:
    """Quarter hours from begin_at on: megawatts by use of all plans together, and the mean price by their imports."""

    begin_at: datetime | None
    columns: dict[str, list[float | None]]
    sites: int


def company_ahead(plans: Iterable[Plan], now: datetime) -> Ahead:
    """Plans that are good, added up; beyond the end of a plan its site is in no sum."""
    good = [plan for plan in plans if is_good(plan, now) and plan.schedule]
    if not good:
        return Ahead(None, {}, 0)
    begin = max(plan.begin_at for plan in good)
    steps = 4 * HORIZON_H
    names = [f"{use}_mw" for use in USES]
    total = {name: np.zeros(steps) for name in (*names, "import_mw", "paid")}
    covered = np.zeros(steps)
    for plan in good:
        quarters = by_quarters(plan, begin, steps)
        covered += ~np.isnan(quarters["mining_mw"])
        for name in (*names, "import_mw"):
            total[name] += np.nan_to_num(quarters[name])
        total["paid"] += np.nan_to_num(quarters["import_mw"] * quarters["price_usd_mwh"])
    price = np.divide(total["paid"], total["import_mw"], out=np.full(steps, np.nan), where=total["import_mw"] > 0)
    known = covered > 0
    columns = {name: [float(value) if here else None for value, here in zip(total[name], known, strict=True)]
               for name in names}  # fmt: skip
    columns["price_usd_mwh"] = [None if np.isnan(value) else float(value) for value in price]
    return Ahead(begin, columns, len(good))


def by_quarters(plan: Plan, begin: datetime, steps: int) -> dict[str, Floats]:
    """A plan's columns on quarter hours from `begin`; NaN beyond its end."""
    return spread(plan.schedule, round((begin - plan.begin_at) / timedelta(minutes=15)), steps)


def spread(schedule: Mapping[str, Any], late: int, steps: int) -> dict[str, Floats]:
    """Columns over steps of some hours on so many quarter hours, the first of them left out; NaN beyond their end."""
    counts = np.rint(np.array(schedule["hours"]) * 4).astype(int)
    found = {}
    for name, values in schedule.items():
        if name in ("worth", "tiers"):
            continue
        quarters = np.repeat(np.array(values, dtype=float), counts)[late : late + steps]
        found[name] = np.concatenate((quarters, np.full(steps - len(quarters), np.nan)))
    return found


def months(site_ids: Collection[int]) -> list[MonthTold]:
    """Hindsight by site and month, the newest first."""
    rows = Hindsight.objects.filter(site__in=site_ids).annotate(month=TruncMonth("day"))
    sums = rows.values("site__code", "month").annotate(
        days=Count("day"), told=Sum("hours"), earned=Sum("earned_usd"), promised=Sum("promised_usd"),
        merit=Sum("merit_usd"), always=Sum("always_on_usd"), perfect=Sum("perfect_usd"),
    )  # fmt: skip
    return [
        MonthTold(row["site__code"], row["month"], row["days"], row["told"], row["earned"], row["promised"],
                  row["merit"], row["always"], row["perfect"])
        for row in sums.order_by("-month", "site__code")
    ]  # fmt: skip


@dataclass(frozen=True)
class DayTold:
    """A told day of a site. is_over: of a running day only the hours that are over are told."""

    row: Hindsight
    is_over: bool

    @property
    def besides_usd(self) -> Decimal | None:
        """Earned above what the merit order would have; below zero it was missed."""
        earned, merit = self.row.earned_usd, self.row.merit_usd
        return None if earned is None or merit is None else earned - merit


def days(site: Site, most: int) -> list[DayTold]:
    """The newest first."""
    rows = Hindsight.objects.filter(site=site).order_by("-day")[:most]
    return [DayTold(row, row.made_at >= midnight(row.day + timedelta(days=1), site.time_zone)) for row in rows]


def measured_day(site_ids: Collection[int], now: datetime) -> dict[str, list[float | int | None]]:
    """Quarter hours of the last day of all these sites: megawatts at their meters, or of the machines."""
    begin = (now - timedelta(hours=24)).replace(minute=0, second=0, microsecond=0)
    found = telemetry.series("site", list(site_ids), ["power_w"], begin, now, 900)
    return {
        "times": [int(at.timestamp() * 1000) for at in found.start_at],
        "measured_mw": [mw(watts) for watts in found.columns["power_w"]],
    }


def past_day(site: Site, now: datetime) -> dict[str, list[float | int | None]]:
    """The last day, as `past`."""
    return past(site, (now - timedelta(hours=24)).replace(minute=0, second=0, microsecond=0), now)


def past(site: Site, begin: datetime, end: datetime) -> dict[str, list[float | int | None]]:
    """Quarter hours: what was measured at the meter or by the machines, what the plans of that time said, and the price
    they reckoned with."""
    found = telemetry.series("site", [site.pk], ["power_w", telemetry.METERED], begin, end, 900)
    measured = [
        mw(meter if meter is not None else machines)
        for meter, machines in zip(found.columns[telemetry.METERED], found.columns["power_w"], strict=True)
    ]
    plans = Plan.objects.filter(site=site, made_at__gte=begin, made_at__lt=end, inputs__isnull=False)
    said = plans.order_by("-made_at").values_list("begin_at", FIRST_LOAD, FIRST_PRICE)
    first = {at: (load, price) for at, load, price in said}
    rows = [first.get(at, (None, None)) for at in found.start_at]
    return {
        "times": [int(at.timestamp() * 1000) for at in found.start_at],
        "measured_mw": measured,
        "planned_mw": [load for load, _ in rows],
        "price_usd_mwh": [price for _, price in rows],
    }


FIRST_LOAD: Final = "schedule__load_mw__0"
FIRST_PRICE: Final = "schedule__price_usd_mwh__0"
