"""Work of the places that the schedule wakes."""

from celery import shared_task

from cango_ops.base import clock, jobs
from sites.metering import read, retention, storage
from sites.prices import forecast
from sites.prices import read as read_market_prices


@shared_task(name="sites.read_meters", soft_time_limit=60, time_limit=90)
def read_meters() -> None:
    read.read_meters()


@shared_task(name="sites.read_batteries", soft_time_limit=60, time_limit=90)
def read_batteries() -> None:
    storage.read_batteries()


@shared_task(name="sites.forget_minutes")
def forget_minutes() -> None:
    """Forgets minutes that are past their keeping; twice does no harm."""
    with jobs.run("sites.forget_minutes") as job:
        job.count(forgotten=retention.forget_minutes(clock.now()))


@shared_task(name="sites.read_prices", soft_time_limit=60, time_limit=90)
def read_prices() -> None:
    read_market_prices.read_prices()


@shared_task(name="sites.forecast_prices", soft_time_limit=120, time_limit=150)
def forecast_prices() -> None:
    forecast.forecast_prices()
