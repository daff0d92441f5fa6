"""What switching earned and moved in a month: the days of the hindsight, and the decisions that were seen to work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Q, Sum

from compute.models import Decision, Hindsight
from treasury.earnings.span import Month
from treasury.money import half_up
from treasury.reports.figures import Cell, known, missing

HOUR: Final = timedelta(hours=1)
# A decision is made for some hours; one that began before may reach into the month.
LONGEST: Final = timedelta(days=7)
SEEN_MW: Final = 0.01


def facts(span: Month) -> dict[str, Cell]:
    """The company's sites, by their own calendar days."""
    return gain(span) | moved(span)


def gain(span: Month) -> dict[str, Cell]:
    days = Hindsight.objects.filter(
        site__operator__is_company=True, day__gte=span.first, day__lt=span.end_at.date(),
        earned_usd__isnull=False, always_on_usd__isnull=False,
    )  # fmt: skip
    sums = days.aggregate(earned=Sum("earned_usd"), on=Sum("always_on_usd"), hours=Sum("hours", filter=Q(hours__gt=0)))
    if sums["earned"] is None:
        return {"switching_gain_usd": missing("no day of the month was looked at in hindsight")}
    codes = sorted(set(days.values_list("site__code", flat=True)))
    usd: Decimal = sums["earned"] - sums["on"]
    note = f"{sums['hours'] or 0:,} site-hours of {len(codes)} sites"
    return {"switching_gain_usd": known("switching_gain_usd", usd, [f"hindsight:{code}" for code in codes], note=note)}


def moved(span: Month) -> dict[str, Cell]:
    """Each decision until the next one at its site that worked, or the end of its time."""
    rows = Decision.objects.filter(
        site__operator__is_company=True, state=Decision.State.DONE, ended_at__lt=span.end_at,
        ended_at__gte=span.start_at - LONGEST,
    ).select_related("site")  # fmt: skip
    done = list(rows.order_by("site_id", "ended_at", "pk"))
    if not done:
        return {"switched_mwh": missing("no decision of the month was carried out")}
    parts = [(row, megawatts(row) * hours(row, following(done, at), span)) for at, row in enumerate(done)]
    lineage = [f"decision:{row.site.code}/{row.pk}" for row, mwh in parts if mwh]
    total = half_up(Decimal(repr(sum(mwh for _, mwh in parts))), 3)
    return {"switched_mwh": known("switched_mwh", total, lineage, note=f"{len(lineage):,} decisions")}


def following(done: Sequence[Decision], at: int) -> Decision | None:
    """The next one of the same site."""
    after = done[at + 1] if at + 1 < len(done) else None
    return after if after is not None and after.site_id == done[at].site_id else None


def megawatts(decision: Decision) -> float:
    """As the load was seen to move; of a shift between uses, which the load does not show, what was ordered."""
    changes = [float(one.get("mw") or 0.0) for one in decision.moves]
    more, less = sum(mw for mw in changes if mw > 0), -sum(mw for mw in changes if mw < 0)
    is_shift = min(more, less) > SEEN_MW
    if is_shift or decision.before_mw is None or decision.after_mw is None:
        return max(more, less)
    return abs(decision.after_mw - decision.before_mw)


def hours(decision: Decision, after: Decision | None, span: Month) -> float:
    """Of the month, from when it was seen to work."""
    begin = max(decision.ended_at or decision.until_at, span.start_at)
    ends: list[datetime] = [decision.until_at, span.end_at]
    if after is not None and after.ended_at is not None:
        ends.append(after.ended_at)
    return max(0.0, (min(ends) - begin) / HOUR)
