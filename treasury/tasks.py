"""Work of the treasury that the schedule wakes."""

from celery import shared_task

from treasury.earnings import days


@shared_task(name="treasury.tell_days", soft_time_limit=550, time_limit=600)
def tell_days() -> None:
    days.tell_days()
