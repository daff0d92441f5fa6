"""Work of the treasury that the schedule wakes."""

from celery import shared_task

from cango_ops.base import clock, jobs
from cango_ops.wire import Garbled
from treasury.loans.interest import post_due
from treasury.models import Loan
from treasury.proposals import expire


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
