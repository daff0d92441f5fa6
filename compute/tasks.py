"""Work of the machines that the schedule wakes."""

from celery import shared_task
from django.conf import settings

from cango_ops.base import jobs
from cango_ops.wire import NoAnswer
from compute.collector import sweep
from compute.market import network
from compute.scanning import scan, swaps
from compute.telemetry import chores


@shared_task(name="compute.sweep_slot", soft_time_limit=120, time_limit=150)
def sweep_slot(slot: int) -> None:
    sweep.sweep_slot(slot)


@shared_task(name="compute.run_scans", soft_time_limit=280, time_limit=295)
def run_scans() -> None:
    """A turn of each open scan; while one is open the next turn is asked for at once."""
    with jobs.run("compute.run_scans") as job:
        still_open = scan.run_open()
        job.note(open=still_open)
    if still_open:
        run_scans.apply_async(expires=scan.TURN_S)


@shared_task(name="compute.note_swaps")
def note_swaps() -> None:
    swaps.note()


# What a hash is worth


@shared_task(name="compute.read_network", soft_time_limit=30, time_limit=45)
def read_network() -> None:
    """Reads difficulty, rewards and price of Bitcoin, where the settings say from whom."""
    with jobs.run("compute.read_network") as job:
        if not settings.NETWORK_URL:
            job.skip("CANGO_NETWORK_URL is not set")
            return
        try:
            network.read(settings.NETWORK_URL)
        except NoAnswer as error:
            job.fail(str(error))


# Telemetry


@shared_task(name="compute.keep_partitions")
def keep_partitions() -> None:
    chores.keep_partitions()


@shared_task(name="compute.roll_up")
def roll_up() -> None:
    chores.roll_up()


@shared_task(name="compute.seal_hours")
def seal_hours() -> None:
    chores.seal_hours()
