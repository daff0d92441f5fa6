"""Publishes approved reports when their release time has come: once, whoever else was woken."""

from collections.abc import Iterator
from typing import Final

from cango_ops.base import clock, jobs, leases
from treasury.closing.close import Refused
from treasury.models import Report
from treasury.reports.files import target
from treasury.reports.publish import APPROVALS_NEEDED, release

LEASE: Final = "reports/release"
CLERK: Final = "release"


def release_due() -> None:
    with jobs.run("treasury.release_reports") as job, leases.held(LEASE, 60) as lease:
        if lease is None:
            job.skip("another process releases")
            return
        for report in due():
            try:
                release(report, CLERK)
                job.count(published=1)
            except Refused as why:
                job.fail(f"{target(report)}: {why}")


def due() -> Iterator[Report]:
    """Those whose time came after they were approved: what is approved later waits for a person."""
    rows = Report.objects.filter(state=Report.State.APPROVED, release_at__lte=clock.database_now())
    for report in rows.order_by("release_at").prefetch_related("approvals"):
        times = sorted(one.at for one in report.approvals.all())
        if report.release_at is not None and times[APPROVALS_NEEDED - 1] <= report.release_at:
            yield report
