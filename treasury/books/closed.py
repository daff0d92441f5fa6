"""Since when the books take entries: closed months refuse them. The database refuses too, whoever writes; here it is
said before, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from treasury.mining.series import month_bounds
from treasury.models import ClosedMonth


def open_since() -> datetime | None:
    """The first instant that may be booked; None where no month is closed."""
    last = ClosedMonth.objects.filter(reopened_at=None).order_by("-month").values_list("month", flat=True).first()
    return None if last is None else month_bounds(last, ZoneInfo("UTC"))[1]


def refusal(at: datetime, since: datetime | None) -> str | None:
    """Why an entry of this instant is not taken; None where it is."""
    if since is None or at >= since:
        return None
    return f"the books are closed before {since:%Y-%m-%d}: book it there as an adjustment, or reopen the month"
