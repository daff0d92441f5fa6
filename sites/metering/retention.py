"""Forgets the minutes of meters that are past their keeping: a month must still be restated a year later."""

from datetime import datetime, timedelta
from typing import Final

from sites.models import Meter, MeterMinute

KEEP: Final = timedelta(days=400)


def forget_minutes(now: datetime) -> int:
    """How many minutes were forgotten. Meter by meter, so that each deletion walks the primary key."""
    meters = Meter.objects.order_by("pk").values_list("pk", flat=True)
    old = (MeterMinute.objects.filter(meter_id=meter_id, minute_at__lt=now - KEEP) for meter_id in meters)
    return sum(rows.delete()[0] for rows in old)
