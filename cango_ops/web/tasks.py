"""Work that joins the apps and that the schedule wakes."""

from celery import shared_task

from cango_ops.alerts.deliver import deliver
from cango_ops.alerts.evaluate import evaluate
from cango_ops.alerts.keeping import forget
from cango_ops.base import clock, jobs
from cango_ops.web.alerts.table import TABLE
from cango_ops.web.heartbeat import beat


@shared_task(name="alerts.evaluate", soft_time_limit=60, time_limit=90)
def evaluate_alerts() -> None:
    evaluate(TABLE)


@shared_task(name="alerts.deliver", soft_time_limit=200, time_limit=240)
def deliver_messages() -> None:
    deliver(TABLE.seen)


@shared_task(name="alerts.heartbeat", soft_time_limit=30, time_limit=45)
def say_that_we_live() -> None:
    beat()


@shared_task(name="alerts.forget")
def forget_alerts() -> None:
    """Forgets what ended long ago; twice does no harm."""
    with jobs.run("alerts.forget") as job:
        job.count(forgotten=forget(clock.now()))
