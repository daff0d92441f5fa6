"""What switching earned in a month, as measured afterwards: the days of the hindsight."""

from decimal import Decimal

from django.db.models import Q, Sum

from compute.models import Hindsight
from treasury.closing.span import Span
from treasury.reports.figures import Cell, known, missing


def facts(span: Span) -> dict[str, Cell]:
    """The company's sites, by their own calendar days."""
    days = Hindsight.objects.filter(
        site__operator__is_company=True, day__gte=span.first, day__lt=span.end_at.date(),
        earned_usd__isnull=False, always_on_usd__isnull=False,
    )  # fmt: skip
    sums = days.aggregate(earned=Sum("earned_usd"), on=Sum("always_on_usd"), hours=Sum("hours", filter=Q(hours__gt=0)))
    if sums["earned"] is None:
        return {"switching_gain_usd": missing("no day of the month was looked at in hindsight")}
    codes = sorted(set(days.values_list("site__code", flat=True)))
    gain: Decimal = sums["earned"] - sums["on"]
    note = f"{sums['hours'] or 0:,} site-hours of {len(codes)} sites"
    return {"switching_gain_usd": known("switching_gain_usd", gain, [f"hindsight:{code}" for code in codes], note=note)}
