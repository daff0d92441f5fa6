"""Freezes the reports that somebody asked for, away from the page that asked: it can be left and found again.

How far a report is stands in its row (`ReportJob`), written as it goes. A job whose process died begins again, and
leaves one version whoever else was woken.
"""

import uuid
from datetime import date
from typing import Final

from django.db import IntegrityError, transaction

from cango_ops.base import clock, jobs, leases
from cango_ops.base.models import Lease, User
from sites import rights
from treasury.closing.close import Refused, need
from treasury.models import Report, ReportJob
from treasury.reports import published
from treasury.reports.compose import Material
from treasury.reports.documents.pdf import CannotSet
from treasury.reports.files import freeze
from treasury.reports.gather import gathered
from treasury.reports.progress import Progress
from treasury.reports.restating import as_restated

LEASE: Final = "reports/make"
LEASE_S: Final = 180.0
BASES: Final = ("ledger", "published")
State = ReportJob.State


@transaction.atomic
def ask(month: date, basis: str, request_id: uuid.UUID, user: User) -> ReportJob:
    """The job; asked twice by the same id it is the same one. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    if basis not in BASES:
        raise Refused(f"there is no basis {basis}")
    again = ReportJob.objects.filter(request_id=request_id).first()
    if again is not None:
        return again
    try:
        with transaction.atomic():
            return ReportJob.objects.create(
                request_id=request_id, month=month, basis=basis, asked_by=user.email, asked_by_id=user.pk,
                asked_at=clock.database_now(), step="waits for a free worker",
            )  # fmt: skip
    except IntegrityError as why:
        raise Refused(f"a report of {month:%B %Y} is being made already") from why


def make_asked() -> None:
    """Every job that waits, one after another; a second one at the same time does nothing."""
    with jobs.run("treasury.make_reports") as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another process makes reports")
            return
        take_over()
        for row in ReportJob.objects.filter(state=State.WAITING).order_by("asked_at", "pk"):
            job.count(**{make(row, lease): 1})


def take_over() -> None:
    """What was running when its process ended waits again; the lease is ours, so nobody works at it."""
    ReportJob.objects.filter(state=State.RUNNING).update(state=State.WAITING, step="begins again")


def make(row: ReportJob, lease: Lease) -> str:
    """The word for what became of it."""
    started = clock.database_now()
    if not ReportJob.objects.filter(pk=row.pk, state=State.WAITING).update(state=State.RUNNING, started_at=started):
        return "taken"
    user = User.objects.filter(pk=row.asked_by_id).first()
    try:
        if user is None:
            raise Refused("who asked for it is not there any more")
        report = freeze(material_of(row, progress_of(row, lease)), user, progress_of(row, lease))
    except (Refused, CannotSet, ValueError) as why:
        end(row, State.FAILED, error=str(why)[:500])
        return "failed"
    end(row, State.DONE, report=report)
    return "made"


def material_of(row: ReportJob, progress: Progress) -> Material:
    name = f"{row.month:%Y-%m}"
    return as_restated(published.material(name)) if row.basis == "published" else gathered(name, progress)


def progress_of(row: ReportJob, lease: Lease) -> Progress:
    """Written at once, in a transaction of its own; a lease that was lost ends the work."""

    def told(done: int, total: int, step: str) -> None:
        leases.renew(lease)
        ReportJob.objects.filter(pk=row.pk, state=State.RUNNING).update(done=done, total=total, step=step[:100])

    return told


def end(row: ReportJob, state: str, report: Report | None = None, error: str = "") -> None:
    ReportJob.objects.filter(pk=row.pk, state=State.RUNNING).update(
        state=state, report=report, error=error, ended_at=clock.database_now(), step="", done=1, total=1
    )
