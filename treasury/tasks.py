"""Work of the treasury that the schedule wakes."""

from celery import shared_task
from django.conf import settings

from cango_ops.base import clock, jobs, leases
from treasury.production import measured, reconcile, statements

LEASE_S = 280


@shared_task(name="treasury.measure_production", soft_time_limit=280, time_limit=295)
def measure_production() -> None:
    """Makes the expected coins of days that are running or got minutes since."""
    with jobs.run("treasury.measure_production") as job, leases.held("treasury.production", LEASE_S) as lease:
        if lease is None:
            job.skip("another worker holds the lease")
            return
        job.count(days=measured.measure(clock.now()))


@shared_task(name="treasury.read_statements", soft_time_limit=240, time_limit=270)
def read_statements() -> None:
    """Reads the lists of pool accounts that are due, where the settings name some."""
    with jobs.run("treasury.read_statements") as job:
        if not settings.POOLS:
            job.skip("CANGO_POOLS is not set")
            return
        statements.read_due(settings.POOLS, job)


@shared_task(name="treasury.reconcile", soft_time_limit=280, time_limit=295)
def reconcile_production() -> None:
    """Posts payouts, and looks where the tellers of the same coins do not agree."""
    with jobs.run("treasury.reconcile") as job, leases.held("treasury.reconcile", LEASE_S) as lease:
        if lease is None:
            job.skip("another worker holds the lease")
            return
        job.count(breaks=reconcile.reconcile(clock.now()))
