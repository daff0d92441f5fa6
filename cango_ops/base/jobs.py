"""Runs of periodic work leave a row each, so that the console can say what ran, when, and how it ended."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error
from django.db.models import Exists, OuterRef

from cango_ops.base.clock import database_now
from cango_ops.base.leases import this_process
from cango_ops.base.models import JobRun

log = logging.getLogger(__name__)


class Job:
    """What a run says of itself while it runs."""

    def __init__(self) -> None:
        self.outcome = JobRun.Outcome.DONE
        self.detail: dict[str, object] = {}

    def count(self, **numbers: int) -> None:
        """Adds to the run's counters."""
        for name, number in numbers.items():
            before = self.detail.get(name, 0)
            self.detail[name] = (before if isinstance(before, int) else 0) + number

    def note(self, **facts: object) -> None:
        """Keeps facts that JSON can hold."""
        self.detail |= facts

    def skip(self, why: str) -> None:
        """Nothing was done, and rightly so: another holder has the lease, or nothing was due."""
        self.outcome = JobRun.Outcome.SKIPPED
        self.detail["why"] = why

    def fail(self, why: str) -> None:
        """The run ends without an error of Python, yet not well."""
        self.outcome = JobRun.Outcome.FAILED
        self.detail["why"] = why


@contextmanager
def run(name: str) -> Iterator[Job]:
    """Records the block as one run of `name`; an exception is recorded as failed and goes on."""
    row = JobRun.objects.create(name=name, started_at=database_now(), process=this_process())
    job = Job()
    try:
        yield job
    except BaseException as error:
        job.fail(f"{type(error).__name__}: {error}"[:500])
        _finish(row, job, quietly=True)
        raise
    _finish(row, job, quietly=False)


def _finish(row: JobRun, job: Job, *, quietly: bool) -> None:
    try:
        JobRun.objects.filter(pk=row.pk).update(finished_at=database_now(), outcome=job.outcome, detail=job.detail)
    except Error:
        if not quietly:
            raise
        log.warning("The end of %s could not be recorded.", row.name)


def forget(older_than: timedelta) -> int:
    """Deletes runs that began before that, but never the newest of a name; returns how many."""
    newer = JobRun.objects.filter(name=OuterRef("name"), started_at__gt=OuterRef("started_at"))
    old = JobRun.objects.filter(Exists(newer), started_at__lt=database_now() - older_than)
    return old.delete()[0]
