"""What mining brings and costs a month as things stand: measured hashes, the network's hashprice, costs last told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from compute.market.network import hashprice
from treasury.lending.grid import DAYS, Operation
from treasury.models import CostAmount, SiteDay
from treasury.money import cents, half_up

RECENT: Final = timedelta(days=3)
HOURS_PER_DAY: Final = 24
POWER: Final = "power"


@dataclass(frozen=True)
class Running:
    """operation None: the reasons say which of its inputs is not known.   words: where each is from."""

    operation: Operation | None
    words: tuple[str, ...]
    reasons: tuple[str, ...]


def running(now: datetime) -> Running:
    """The company's own sites."""
    days = newest_days(now)
    ph = sum((day.ph_days * HOURS_PER_DAY / day.hash_hours for day in days if day.hash_hours), Decimal(0))
    price = hashprice()
    month, told = last_costs()
    cost, cost_words = monthly_cost(days, told)
    reasons = [] if ph else ["no hashrate was measured in the last days"]
    reasons += [] if price is not None else ["the network was never read"]
    reasons += [] if cost is not None else [cost_words]
    if reasons or price is None or cost is None:
        return Running(None, (), tuple(reasons))
    words = (
        f"{half_up(ph / 1000, 2)} EH/s measured at {len(days)} sites",
        f"${price.usd_per_ph_day:.2f}/PH/day by {price.source}",
        f"cash costs of {month}, {cost_words}" if month else cost_words,
    )
    return Running(Operation(half_up(ph, 3), Decimal(repr(price.usd_per_ph_day)), cost), words, ())


def newest_days(now: datetime) -> list[SiteDay]:
    """The newest day of each of the company's sites in which hashes were measured."""
    rows = SiteDay.objects.filter(day__gte=(now - RECENT).date(), hash_hours__gt=0, site__operator__is_company=True)
    return list({row.site_id: row for row in rows.order_by("day")}.values())


def last_costs() -> tuple[str, list[CostAmount]]:
    """The newest month of which costs were told."""
    newest = CostAmount.objects.order_by("-month").first()
    if newest is None:
        return "", []
    return f"{newest.month:%B %Y}", list(CostAmount.objects.filter(month=newest.month))


def monthly_cost(days: list[SiteDay], told: list[CostAmount]) -> tuple[Decimal | None, str]:
    """Cash costs a month and what is in them; without power that was told or measured they are not known."""
    signs = {CostAmount.Kind.CASH: 1, CostAmount.Kind.CREDIT: -1, CostAmount.Kind.ALL_IN: 0}
    rest = sum((signs[CostAmount.Kind(row.kind)] * row.amount_usd for row in told), Decimal("0.00"))
    if any(row.item == POWER for row in told):
        return rest, "power as told"
    unpriced = [day for day in days if not day.power_hours]
    if not told and (unpriced or not days):
        return None, "no costs are written down, and power is not measured at every site"
    power = sum((Fraction(day.power_usd) / day.power_hours for day in days if day.power_hours), Fraction(0))
    at = f"power as measured at {len(days) - len(unpriced)} of {len(days)} sites"
    return cents(Fraction(rest) + power * HOURS_PER_DAY * DAYS), at
