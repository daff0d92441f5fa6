"""Periodic work of the ground floor."""

from datetime import timedelta

from django.core.management import call_command

from cango_ops.base import jobs
from cango_ops.celery import app

KEEP_RUNS = timedelta(days=2)


@app.task(name="base.tidy")
def tidy() -> None:
    """Forgets old runs of tasks and sessions that have expired; twice does no harm."""
    with jobs.run("base.tidy") as job:
        job.count(runs=jobs.forget(KEEP_RUNS))
        call_command("clearsessions")
