"""Work of the places that the schedule wakes."""

from celery import shared_task

from sites.metering import read


@shared_task(name="sites.read_meters", soft_time_limit=60, time_limit=90)
def read_meters() -> None:
    read.read_meters()
