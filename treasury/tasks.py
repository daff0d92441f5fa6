"""Work of the treasury that the schedule wakes."""

from celery import shared_task
from django.conf import settings

from cango_ops.base import clock, jobs, leases
from cango_ops.wire import Garbled, NoAnswer
from treasury.earnings import days
from treasury.loans.interest import post_due
from treasury.models import Loan, Wallet
from treasury.production import measured, reconcile, statements
from treasury.proposals import expire
from treasury.reports import making, releasing, telling
from treasury.wallets import read, sources, standing

LEASE_S = 280
# Two networks by three sources at most, each within its own deadline.
READING_S = 1200


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


@shared_task(name="treasury.read_wallets", soft_time_limit=1100, time_limit=1150)
def read_wallets() -> None:
    """Reads the watched wallets by every source of the chain, and holds them against the books."""
    with jobs.run("treasury.read_wallets") as job, leases.held("treasury.wallets", READING_S) as lease:
        if lease is None:
            job.skip("another worker holds the lease")
            return
        try:
            known = sources.configured()
        except NoAnswer as why:
            job.fail(str(why))
            return
        if known:
            read.read_due(known, lease, job)
        elif Wallet.objects.filter(kind=Wallet.Kind.WATCHED, retired_at=None).exists():
            job.skip("CANGO_CHAIN_URLS is not set")
        job.count(breaks=standing.reconcile(clock.now(), [source.name for source in known]))


@shared_task(name="treasury.tell_days", soft_time_limit=550, time_limit=600)
def tell_days() -> None:
    days.tell_days()


@shared_task(name="treasury.post_interest", soft_time_limit=240, time_limit=270)
def post_interest() -> None:
    """Posts the interest of months that are over; a loan that cannot be posted does not hold up the others."""
    with jobs.run("treasury.post_interest") as job:
        today, wrong = clock.database_now().date(), []
        for loan in Loan.objects.all():
            try:
                job.count(posted=len(post_due(loan, today)))
            except Garbled as why:
                wrong.append(f"{loan.code}: {why}")
        if wrong:
            job.fail("; ".join(wrong)[:500])


@shared_task(name="treasury.expire_proposals", soft_time_limit=50, time_limit=55)
def expire_proposals() -> None:
    """Ends proposals whose time has passed."""
    with jobs.run("treasury.expire_proposals") as job:
        job.count(expired=expire.close_late(clock.database_now()))


@shared_task(name="treasury.release_reports", soft_time_limit=60, time_limit=90)
def release_reports() -> None:
    releasing.release_due()


@shared_task(name="treasury.tell_of_releases", soft_time_limit=240, time_limit=270)
def tell_of_releases() -> None:
    telling.tell()


@shared_task(name="treasury.make_reports", soft_time_limit=280, time_limit=295)
def make_reports() -> None:
    making.make_asked()
