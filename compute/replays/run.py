"""Runs open back-tests, one at a time in the whole console, policy after policy.

Whoever is woken takes the lease; a killed worker's lease runs out within seconds, and the next begins again with the
policy that was running. Memory is that of one past and one policy's plan.
"""

import logging
import time
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from cango_ops.base import jobs, leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import Lease
from cango_ops.base.transitions import move
from compute.decisions.frozen import Unreadable
from compute.models import Backtest
from compute.replays.past import thawed
from compute.replays.told import told

log = logging.getLogger(__name__)
LEASE: Final = "backtests"
LEASE_S: Final = 30.0
TELL_EVERY_S: Final = 1.0
# A policy that three workers took up and none ended is given up.
MOST_TURNS: Final = 3
State = Backtest.State


class Stopped(Exception):
    """Somebody ended the back-test."""


def run_open() -> int:
    """Runs all that are open; how many were ended."""
    waiting = Backtest.objects.filter(state__in=Backtest.OPEN)
    if not waiting.exists():
        return 0
    with jobs.run("compute.run_backtests") as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another worker runs back-tests now")
            return 0
        try:
            for backtest in waiting.select_related("site").order_by("asked_at"):
                job.count(ended=Turn(backtest, lease).run())
                lease = leases.renew(lease)
        except leases.LeaseLost:
            job.fail("the lease ran out before the back-test was over")
        ended = job.detail.get("ended", 0)
        return ended if isinstance(ended, int) else 0


class Turn:
    """One worker at one back-test."""

    def __init__(self, backtest: Backtest, lease: Lease) -> None:
        self.backtest = backtest
        self.lease = lease
        self.done = 0
        self.told_at = 0.0

    def run(self) -> bool:
        """True once it has ended, well or not. Raises LeaseLost."""
        move(self.backtest, "state", State.WAITING, State.RUNNING)
        try:
            self._run()
        except Stopped:
            return True
        except Unreadable as why:
            return self._fail(f"its past cannot be read: {why}")
        except leases.LeaseLost:
            raise
        except Exception as why:  # it ends as failed with the reason, and is not begun again for ever
            log.exception("back-test %s broke", self.backtest.pk)
            return self._fail(f"{type(why).__name__}: {why}")
        return self._end(State.DONE)

    def _run(self) -> None:
        history = thawed(self.backtest.inputs)
        for name in self.backtest.policies:
            if name not in self.backtest.results:
                self._take_up(name)
                result = told(history, name, self.backtest.lag, self.backtest.begin_local, self._tell)
                self._keep(name, result)
            self.done += history.truth.steps

    def _take_up(self, name: str) -> None:
        rows = Backtest.objects.filter(pk=self.backtest.pk, state=State.RUNNING)
        if rows.filter(turns__gte=MOST_TURNS).exists():
            raise RuntimeError(f"policy {name} was begun {MOST_TURNS} times and never ended")
        if not rows.update(turns=F("turns") + 1):
            raise Stopped

    def _tell(self, done: int, of: int) -> None:
        """Shows how far it is, renews the lease, and notices that somebody stopped it."""
        if time.monotonic() - self.told_at < TELL_EVERY_S:
            return
        self.told_at = time.monotonic()
        self.lease = leases.renew(self.lease)
        if not Backtest.objects.filter(pk=self.backtest.pk, state=State.RUNNING).update(position=self.done + done):
            raise Stopped

    def _keep(self, name: str, result: dict[str, Any]) -> None:
        self.backtest.results = {**self.backtest.results, name: result}
        with transaction.atomic():
            leases.hold(self.lease)
            position = self.done + self.backtest.steps // len(self.backtest.policies)
            changes = {"results": self.backtest.results, "position": position, "turns": 0}
            if not Backtest.objects.filter(pk=self.backtest.pk, state=State.RUNNING).update(**changes):
                raise Stopped

    def _fail(self, words: str) -> bool:
        return self._end(State.FAILED, words=words[:300])

    def _end(self, state: str, **more: str) -> bool:
        with transaction.atomic():
            leases.hold(self.lease)
            move(self.backtest, "state", State.RUNNING, state, finished_at=database_now(), **more)
        return True
