"""Says outside, once a minute, that the rules are judged: whoever watches there notices that we do not.

The body carries the head of the audit record, so that what the watcher keeps also shows whether its end was cut off
(`verify_audit --expect`). Nothing is sent while the rules stand still, which is the alarm. Healthchecks and whatever
else takes a POST can watch.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from cango_ops.alerts import evaluate
from cango_ops.alerts.post import post
from cango_ops.alerts.reach import resolved
from cango_ops.base import audit, jobs
from cango_ops.base.clock import database_now
from cango_ops.base.models import JobRun
from cango_ops.base.timespan import iso

NAME: Final = "alerts.heartbeat"
# Eight rounds of the rules.
STANDS_STILL_AFTER: Final = timedelta(seconds=120)


def beat() -> None:
    with jobs.run(NAME) as job:
        if not settings.HEARTBEAT_URL:
            job.skip("CANGO_HEARTBEAT_URL is not set")
        elif is_judged():
            job.note(head=sent(settings.HEARTBEAT_URL))
        else:
            job.fail("the rules are not judged, so nothing is said")


def is_judged() -> bool:
    since = database_now() - STANDS_STILL_AFTER
    return JobRun.objects.filter(name=evaluate.NAME, outcome=JobRun.Outcome.DONE, finished_at__gte=since).exists()


def sent(url: str) -> str:
    """The head of the audit record, which the watcher has now. Raises NoAnswer, NotAllowed and OSError."""
    head = audit.head()
    body = msgspec.json.encode({"at": iso(database_now()), "audit_head": head})
    host = urlsplit(url).hostname or ""
    post(resolved(url, [host], settings.WEBHOOK_NETWORKS), body, {"Content-Type": "application/json"})
    return head
