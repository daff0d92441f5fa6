"""A round out of turn for the sites that were called, or whose call was withdrawn, since they were last planned."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.db.models.functions import Greatest

from cango_ops.base import clock, jobs, leases
from compute.decisions.propose import LEASE, LEASE_S, plan_each
from compute.models import Plan
from sites.models import ProgrammeCall, Site

# A call bears the time at which it was written; a plan knows it surely once that transaction had time to end.
WRITTEN_WITHIN: Final = timedelta(seconds=2)


def plan_called() -> None:
    """Only of those sites; where another process plans, they wait for the next turn."""
    with jobs.run("compute.plan_called") as job:
        due = since_planned(clock.now())
        if not due:
            return
        with leases.held(LEASE, LEASE_S) as lease:
            if lease is None:
                job.skip("another process plans")
                return
            plan_each(due, job, lease)


def since_planned(now: datetime) -> list[Site]:
    """Calls that are over change no plan."""
    changed = Greatest("called_at", "withdrawn_at")  # of PostgreSQL: NULL counts for nothing
    planned = Plan.objects.filter(site=OuterRef("programme__site"), made_at__gte=OuterRef("changed_at"))
    calls = ProgrammeCall.objects.annotate(changed_at=changed + WRITTEN_WITHIN)
    due = calls.filter(~Exists(planned), end_at__gt=now, changed_at__lte=now)
    return list(Site.objects.filter(pk__in=due.values("programme__site")).order_by("code"))
