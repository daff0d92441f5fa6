"""Work of the machines that the schedule wakes."""

from celery import shared_task
from django.conf import settings

from cango_ops.base import clock, jobs
from cango_ops.wire import NoAnswer
from compute.collector import answering, sweep
from compute.commands import confirm, expire, sending
from compute.decisions import called, carry, hindsight, propose, thin
from compute.market import network, past, pools
from compute.replays import run as replays
from compute.scanning import scan, swaps
from compute.telemetry import chores, power_modes


@shared_task(name="compute.sweep_slot", soft_time_limit=120, time_limit=150)
def sweep_slot(slot: int) -> None:
    sweep.sweep_in_turn(slot)


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
            network.read(settings.NETWORK_URL, settings.BITCOIN_RPC_URL, settings.PRICE_URLS)
        except NoAnswer as error:
            job.fail(str(error))


@shared_task(name="compute.read_epochs", soft_time_limit=30, time_limit=45)
def read_epochs() -> None:
    """Keeps the difficulty of each epoch, and what a block of each day was worth."""
    with jobs.run("compute.read_epochs") as job:
        if not settings.NETWORK_URL:
            job.skip("CANGO_NETWORK_URL is not set")
            return
        try:
            job.count(epochs=past.read_epochs(settings.NETWORK_URL))
        except NoAnswer as error:
            job.fail(str(error))
        job.count(days=past.keep_days(clock.now()))


@shared_task(name="compute.read_pools", soft_time_limit=240, time_limit=270)
def read_pools() -> None:
    """Reads the accounts at mining pools that are due, where the settings name some."""
    with jobs.run("compute.read_pools") as job:
        if not settings.POOLS:
            job.skip("CANGO_POOLS is not set")
            return
        pools.read_due(settings.POOLS, job)


# Commands


@shared_task(name="compute.send_commands", soft_time_limit=100, time_limit=120)
def send_commands() -> None:
    sending.send_commands()


@shared_task(name="compute.confirm_commands", soft_time_limit=60, time_limit=90)
def confirm_commands() -> None:
    confirm.confirm_commands()


@shared_task(name="compute.expire_commands")
def expire_commands() -> None:
    with jobs.run("compute.expire_commands") as job:
        job.count(orders=expire.expire())


# Telemetry


@shared_task(name="compute.keep_partitions")
def keep_partitions() -> None:
    chores.keep_partitions()
    answering.forget(clock.now())


@shared_task(name="compute.roll_up")
def roll_up() -> None:
    chores.roll_up()


@shared_task(name="compute.seal_hours")
def seal_hours() -> None:
    chores.seal_hours()


# Decisions


@shared_task(name="compute.plan_sites", soft_time_limit=270, time_limit=290)
def plan_sites() -> None:
    propose.plan_sites()


@shared_task(name="compute.plan_called", soft_time_limit=270, time_limit=290)
def plan_called() -> None:
    """What a grid operator calls for is not left to the next round."""
    called.plan_called()


@shared_task(name="compute.carry_decisions", soft_time_limit=60, time_limit=90)
def carry_decisions() -> None:
    carry.carry()


@shared_task(name="compute.look_back", soft_time_limit=550, time_limit=600)
def look_back() -> None:
    hindsight.look_back()


@shared_task(name="compute.thin_plans", soft_time_limit=250, time_limit=290)
def thin_plans() -> None:
    with jobs.run("compute.thin_plans") as job:
        job.count(thinned=thin.thin_plans(clock.now()), forgotten=thin.forget_plans(clock.now()))


@shared_task(name="compute.run_backtests", soft_time_limit=1700, time_limit=1800)
def run_backtests() -> None:
    """At most one process of the console is at it; a year of one policy takes a minute or two."""
    replays.run_open()


@shared_task(name="compute.learn_power_modes", soft_time_limit=500, time_limit=550)
def learn_power_modes() -> None:
    power_modes.learn()
