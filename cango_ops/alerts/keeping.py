"""How long alerts are kept after their end."""

from datetime import datetime, timedelta
from typing import Final

from cango_ops.alerts.machine import RESOLVED
from cango_ops.alerts.models import Alert, Silence

KEEP: Final = timedelta(days=400)


def forget(now: datetime) -> int:
    """Deletes what ended before that, with its timeline and messages; how many alerts."""
    Silence.objects.filter(until_at__lt=now - KEEP).delete()
    old = Alert.objects.filter(state=RESOLVED, resolved_at__lt=now - KEEP)
    count = old.count()
    old.delete()
    return count
