"""Sweeps a collector slot: everything that is due there is asked once, and each site stored as soon as it is heard.

A lease lets one worker sweep a slot at a time, whoever else was woken; a killed worker's lease runs out within seconds
and the next wake-up takes over. Sweeping twice stores nothing twice.
"""

import gc
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError

from cango_ops.base import clock, jobs, leases
from cango_ops.base.jobs import Job
from cango_ops.base.models import Lease
from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.own_places import own_places
from compute.collector import answering, cadence, memory, plan, targets
from compute.collector.polling import Polling
from compute.collector.targets import Targets
from compute.collector.writer import Writer
from compute.telemetry import store

log = logging.getLogger(__name__)

LEASE_S: Final = 15.0
LONGEST_S: Final = 90.0
NEVER: Final = datetime.min.replace(tzinfo=UTC)

Stop = Callable[[], bool]
Report = dict[str, object]


def never() -> bool:
    return False


def sweep_in_turn(woken_for: int) -> Report:
    """Sweeps the slot that has waited longest, so that few workers serve all slots alike; else the one woken for."""
    try:
        for slot in waiting():
            if lease := leases.take(lease_name(slot), LEASE_S):
                return sweep_slot(slot, lease=lease)
    except (OperationalError, InterfaceError):
        pass  # the sweep itself says so
    return sweep_slot(woken_for)


def waiting() -> list[int]:
    """Slots of which no sweep has begun for half the time between two, longest first."""
    begun = leases.taken_at([lease_name(slot) for slot in range(settings.COLLECTOR_SLOTS)])
    latest = clock.database_now() - timedelta(seconds=settings.SWEEP_S / 2)
    since = {slot: begun.get(lease_name(slot), NEVER) for slot in range(settings.COLLECTOR_SLOTS)}
    return sorted((slot for slot in since if since[slot] <= latest), key=since.__getitem__)


def lease_name(slot: int) -> str:
    return f"sweep/{slot}"


def sweep_slot(slot: int, stop: Stop = never, lease: Lease | None = None) -> Report:
    """What the run recorded of itself, with its outcome; an absent database is said in one line of the log.

    lease: the slot's, where the caller has taken it.
    """
    try:
        with jobs.run(f"compute.sweep_slot/{slot}") as job:
            _take_and_sweep(slot, job, stop, lease)
    except (OperationalError, InterfaceError) as error:
        log.error("Slot %s was not swept to its end, the database is away: %s", slot, str(error).strip())
        return {"outcome": "failed", "why": f"the database is away: {error}"}
    return {"outcome": str(job.outcome), **job.detail}


def _take_and_sweep(slot: int, job: Job, stop: Stop, lease: Lease | None) -> None:
    lease = lease or leases.take(lease_name(slot), LEASE_S)
    if lease is None:
        job.skip("another worker sweeps this slot now")
        return
    try:
        with uncollected():
            _sweep(slot, lease, job, stop)
    except leases.LeaseLost:
        job.fail("the lease ran out before the sweep was done")
    finally:
        with suppress(Error):
            leases.release(lease)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles in what a sweep holds: it makes none, and looking cost a fifth of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _sweep(slot: int, lease: Lease, job: Job, stop: Stop) -> None:
    everybody = targets.of_slot(slot, settings.COLLECTOR_SLOTS)
    if not everybody.containers:
        job.skip("no site of this slot has a machine that can be asked")
        job.note(**everybody.left_out)
        return
    began_at, began = time.time(), time.monotonic()
    remembered = memory.recall(slot)
    planned = plan.sweep(everybody.containers, everybody.identified, remembered, began_at, settings.SWEEP_S)
    ask(planned, everybody, remembered, lease, job, stop)
    remembered.hand = planned.hand
    remembered.inspections = cadence.inspections_next(planned.allowed, time.monotonic() - began, settings.SWEEP_S)
    job.note(inspections_allowed=planned.allowed)
    memory.keep(slot, remembered, began_at, lease)


def ask(
    planned: plan.Plan,
    everybody: Targets,
    remembered: memory.Memory,
    lease: Lease | None,
    job: Job,
    stop: Stop = never,
) -> None:
    """Asks and stores; what happened is counted in the job."""
    began, cpu_began = time.monotonic(), time.process_time()

    def is_over() -> bool:
        return writer.is_stopped() or time.monotonic() - began > LONGEST_S or stop()

    with (
        Switchboard(forbidden=own_places(), moved_ports=settings.MOVED_PORTS) as board,
        Writer(store.write, lease) as writer,
    ):
        polling = Polling(board, remembered, writer.keep, everybody.restarted)
        polling.run(planned, is_over)
    everybody.identified |= polling.inspected
    answering.keep(polling.tallies, time.time())
    seconds, cpu_s = time.monotonic() - began, time.process_time() - cpu_began
    job.note(
        machines=len(everybody), **polling.counts, failed=dict(polling.failures), left_out=dict(everybody.left_out),
        seconds=round(seconds, 3), cpu_s=round(cpu_s, 3), writes=writer.writes, write_s=round(writer.seconds, 3),
    )  # fmt: skip
    if everybody.locked:
        job.note(locked_logins=everybody.locked)
    if writer.spoilt:
        job.fail(f"{len(writer.spoilt)} sites could not be stored: {next(iter(writer.spoilt.values()))}")
    elif polling.counts["not_asked"]:
        job.fail(f"stopped before {polling.counts['not_asked']} machines had answered")
