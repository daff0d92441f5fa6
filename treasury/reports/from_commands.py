"""Machine-minutes that machines slept by command or were on their way to another place, by site, out of the records."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from cango_ops.base.models import AuditEvent
from compute.models import DeviceNow
from treasury.earnings.span import Month
from treasury.reports.from_windows import inside_minutes, windows_of

# A sleep that was confirmed longer ago than this and never ended is not looked for.
BACK: Final = timedelta(days=400)
MINUTE: Final = timedelta(minutes=1)
# From when the sleep was sent until the next word that was seen to take effect.
ASLEEP: Final = """
WITH told AS (
    SELECT command.device_id, device.container_id, orders.site_id, orders.verb,
           coalesce(command.sent_at, command.ended_at) AS sent_at, command.ended_at
    FROM compute_command AS command JOIN compute_order AS orders ON orders.id = command.order_id
    JOIN compute_device AS device ON device.id = command.device_id
    WHERE command.state = 'confirmed' AND orders.verb IN ('sleep', 'wake')
      AND command.ended_at >= %(since)s AND command.ended_at < %(end)s
), turns AS (
    SELECT site_id, container_id, verb, greatest(sent_at, lag(ended_at) OVER turn, %(start)s) AS begin_at,
           least(coalesce(lead(CASE verb WHEN 'sleep' THEN sent_at ELSE ended_at END) OVER turn, %(end)s),
                              %(end)s) AS until_at
    FROM told WINDOW turn AS (PARTITION BY device_id ORDER BY ended_at)
)
SELECT turns.site_id, sum(extract(epoch FROM turns.until_at - turns.begin_at) - coalesce(planned.s, 0)) / 60
FROM turns LEFT JOIN LATERAL (
    SELECT sum(extract(epoch FROM least(end_at, turns.until_at) - greatest(begin_at, turns.begin_at))) AS s
    FROM sites_plannedwindow WHERE withdrawn_at IS NULL AND site_id = turns.site_id
      AND (container_id IS NULL OR container_id = turns.container_id)
      AND begin_at < turns.until_at AND end_at > turns.begin_at
) AS planned ON true
WHERE verb = 'sleep' AND until_at > turns.begin_at GROUP BY turns.site_id
"""


def asleep_minutes(span: Month) -> dict[int, float]:
    """By site: machine-minutes between a confirmed sleep and the next word to the machine, planned windows left out."""
    with connection.cursor() as cursor:
        cursor.execute(ASLEEP, {"since": span.start_at - BACK, "start": span.start_at, "end": span.end_at})
        return {site_id: float(minutes) for site_id, minutes in cursor.fetchall()}


def relocated_minutes(span: Month) -> dict[str, float]:
    """By code of the site that a machine left: minutes from when its old place fell silent until it was heard again,
    planned windows left out.

    A place in which another machine stands by now tells no longer when it fell silent: it is left out.
    """
    found: dict[str, float] = defaultdict(float)
    planned = windows_of(span)
    for place, heard_at in moves(span):
        site, container, slot = place
        now = DeviceNow.objects.filter(
            device__site__code=site, device__container__code=container, device__slot=slot, since__lt=heard_at
        ).first()
        if now is not None and now.since is not None and now.state in ("critical", "stale", "unknown"):
            since = max(now.since, span.start_at)
            here = [one for one in planned if one.site.code == site and one.container in ("", container)]
            found[site] += (heard_at - since) / MINUTE - inside_minutes(here, since, heard_at)
    return dict(found)


def moves(span: Month) -> Iterator[tuple[tuple[str, str, int], datetime]]:
    """(the place left, when the machine was heard in its new place) of swaps that are on record."""
    rows = AuditEvent.objects.filter(verb="swap", at__gte=span.start_at, at__lt=span.end_at)
    for detail, at in rows.values_list("detail", "at"):
        parts = str(detail.get("stood_at") or "").split("/")
        if len(parts) == 3 and parts[2].isdecimal():
            yield (parts[0], parts[1], int(parts[2])), at
