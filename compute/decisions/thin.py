"""Lets go of what nobody will ask old plans for: 288 of them a site and day, of which an hour's first is enough.

A plan that became a decision keeps everything for good, so that it can be replayed to the cent; so does the first plan
of each hour, by which hindsight knows what had been promised. The others keep facts, money and verdict, and go after
three months.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from compute.models import Plan

# The last plan stands in for the solver for an hour, and people look at what was said a while ago.
WHOLE_FOR: Final = timedelta(hours=3)
LOOK_BACK: Final = timedelta(days=14)
FACTS_FOR: Final = timedelta(days=92)
THIN: Final = """
WITH numbered AS (
    SELECT id, row_number() OVER (PARTITION BY site_id, date_trunc('hour', made_at) ORDER BY made_at) AS place
    FROM compute_plan WHERE made_at >= %(from)s AND made_at < %(until)s AND inputs IS NOT NULL
)
UPDATE compute_plan AS plan SET inputs = NULL, chosen = NULL, schedule = '{}', thinned_at = %(now)s
FROM numbered
WHERE plan.id = numbered.id AND numbered.place > 1
  AND NOT EXISTS (SELECT FROM compute_decision AS decision WHERE decision.plan_id = plan.id)
"""


def thin_plans(now: datetime) -> int:
    """How many plans were thinned. Twice does no harm."""
    hour = (now - WHOLE_FOR).replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(THIN, {"from": hour - LOOK_BACK, "until": hour, "now": now})
        return cursor.rowcount


def forget_plans(now: datetime) -> int:
    """How many plans without inputs were forgotten."""
    old = Plan.objects.filter(inputs__isnull=True, made_at__lt=now - FACTS_FOR, decisions=None)
    return Plan.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:50_000])).delete()[0]
