"""The price at the end of a month: one rule for the checklist and for the report."""

from datetime import datetime, timedelta
from typing import Final

from treasury.models import PriceMark

NEAR: Final = timedelta(days=1)


def mark_at(at: datetime) -> PriceMark | None:
    """The newest price of the day before the instant; of several sources at one moment the first by name."""
    return PriceMark.objects.filter(at__lte=at, at__gte=at - NEAR).order_by("-at", "source").first()


def sources_near(at: datetime) -> set[str]:
    """Who has a price in the day before the instant."""
    return set(PriceMark.objects.filter(at__lte=at, at__gte=at - NEAR).values_list("source", flat=True))
