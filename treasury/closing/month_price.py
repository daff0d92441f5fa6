"""The price at the end of a month: one rule for the checklist, the report and its lineage.

The newest price mark of the month's last day counts. Where nobody wrote one down, what the network's feed said in the
last hour stands in, and closing the month keeps it as a mark.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from compute.models import NetworkReading
from treasury.earnings.span import Month
from treasury.models import PriceMark

NEAR: Final = timedelta(days=1)
READ_WITHIN: Final = timedelta(hours=1)


def mark_at(at: datetime) -> PriceMark | None:
    """The newest price of the day before the instant; of several sources at one moment the first by name. One that the
    feed said, and nobody kept, is not saved."""
    mark = PriceMark.objects.filter(at__lte=at, at__gte=at - NEAR).order_by("-at", "source").first()
    return mark or read_at(at)


def read_at(at: datetime) -> PriceMark | None:
    """What the network's feed said last in the hour before the instant."""
    row = readings(at).first()
    return None if row is None else PriceMark(source=row.source, at=row.observed_at, price_usd=row.price_usd)


def readings(at: datetime) -> QuerySet[NetworkReading]:
    """What the feed said in the hour before the instant, the newest first."""
    return NetworkReading.objects.filter(observed_at__lte=at, observed_at__gt=at - READ_WITHIN)


def sources_near(at: datetime) -> set[str]:
    """Who has a price in the day before the instant."""
    marked = set(PriceMark.objects.filter(at__lte=at, at__gte=at - NEAR).values_list("source", flat=True))
    return marked | set(readings(at).values_list("source", flat=True))


def keep(month: Month) -> None:
    """Keeps what the feed said at the month's end, where nobody wrote a price down; before the month is locked."""
    mark = mark_at(month.end_at)
    if mark is not None and not PriceMark.objects.filter(source=mark.source, at=mark.at).exists():
        mark.save(force_insert=True)
