"""Work of the treasury that the schedule wakes."""

from celery import shared_task

from treasury.reports import making, releasing, telling


@shared_task(name="treasury.release_reports", soft_time_limit=60, time_limit=90)
def release_reports() -> None:
    releasing.release_due()


@shared_task(name="treasury.tell_of_releases", soft_time_limit=240, time_limit=270)
def tell_of_releases() -> None:
    telling.tell()


@shared_task(name="treasury.make_reports", soft_time_limit=280, time_limit=295)
def make_reports() -> None:
    making.make_asked()
