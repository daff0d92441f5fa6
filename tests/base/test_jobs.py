from datetime import timedelta

import pytest

from cango_ops.base import jobs
from cango_ops.base.clock import now
from cango_ops.base.models import JobRun

pytestmark = pytest.mark.django_db


def test_a_run_is_recorded_with_its_counts():
    with jobs.run("compute.sweep_slot/2") as job:
        assert JobRun.objects.get().outcome == "running"
        job.count(polled=90, failed=1)
        job.count(polled=10)

    row = JobRun.objects.get()
    assert (row.name, row.outcome, row.detail) == ("compute.sweep_slot/2", "done", {"polled": 100, "failed": 1})
    assert row.finished_at >= row.started_at


def test_an_error_is_recorded_and_goes_on():
    with pytest.raises(ZeroDivisionError), jobs.run("sites.read_meters") as job:
        job.count(read=1 // 0)

    row = JobRun.objects.get()
    assert row.outcome == "failed"
    assert row.detail == {"why": "ZeroDivisionError: integer division or modulo by zero"}


def test_a_skipped_run_says_why():
    with jobs.run("sites.read_meters") as job:
        job.skip("another worker holds the lease")

    assert JobRun.objects.values_list("outcome", "detail__why").get() == ("skipped", "another worker holds the lease")


def test_old_runs_are_forgotten_but_never_the_newest_of_a_name():
    for name, days in (("sweep", 9), ("sweep", 8), ("sweep", 6), ("monthly", 30), ("monthly", 60)):
        JobRun.objects.create(name=name, started_at=now() - timedelta(days=days))

    assert jobs.forget(timedelta(days=7)) == 3

    left = JobRun.objects.order_by("name").values_list("name", flat=True)
    assert list(left) == ["monthly", "sweep"]
