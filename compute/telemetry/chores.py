"""What telemetry needs done by the clock. Each chore is safe to run twice; a lease keeps a second one from starting."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from cango_ops.base import clock, jobs, leases
from compute.telemetry import history, partitions, sealing


def keep_partitions() -> None:
    alone("compute.keep_partitions", lambda: asdict(partitions.keep(clock.database_now())))


def roll_up() -> None:
    alone("compute.roll_up", lambda: asdict(history.roll_up()))


def seal_hours() -> None:
    alone("compute.seal_hours", lambda: asdict(sealing.seal_hours(clock.now())))


def alone(name: str, chore: Callable[[], dict[str, Any]]) -> None:
    with jobs.run(name) as job, leases.held(name, ttl_s=300) as lease:
        if lease is None:
            job.skip("it is being done elsewhere")
        else:
            job.note(**chore())
