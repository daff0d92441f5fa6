"""Carries decisions on: those that need nobody, those approved and not ordered yet, those whose orders are over."""

from typing import Final

from cango_ops.base import clock, jobs, leases
from compute.decisions.execute import execute_approved, execute_automatic
from compute.decisions.states import close_late
from compute.decisions.verify import verify

LEASE: Final = "decisions/carry"


def carry() -> None:
    with jobs.run("compute.carry_decisions") as job, leases.held(LEASE, 60) as lease:
        if lease is None:
            job.skip("another process carries")
            return
        now = clock.now()
        job.count(late=close_late(now), automatic=execute_automatic(), ordered=execute_approved(), judged=verify(now))
