"""The sender: claims, makes machines ready, records `sent`, sends, records the answer; hundreds at a time.

One lease, one process, one epoll for all sites. Preparing a machine changes nothing on it, so whatever happens before
`sent` may happen again; what happens after it, never.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from django.conf import settings
from django.db import Error

from cango_ops.base import jobs, leases
from cango_ops.base.database import AWAY
from cango_ops.base.models import Lease
from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Limits, Outcome
from cango_ops.base.switchboard.own_places import own_places
from cango_ops.wire import Conversation
from compute.commands import claim, logins, send
from compute.commands.claim import Job
from compute.commands.send import End
from compute.models import Command
from compute.protocols.orders import OF_BATTERIES, ORDERS
from compute.protocols.orders.order import Answer, Kept, Ready, Wish, acting, preparing
from compute.protocols.signing import Login

log = logging.getLogger(__name__)

LEASE: Final = "commands/send"
LEASE_S: Final = 15.0
STEP_S: Final = 0.05
# Records are made of what gathered in a tenth of a second: a commit costs the same for one command and for fifty.
LOOK_EVERY_S: Final = 0.1
WRITE_EVERY_S: Final = 0.1
AT_ONCE: Final = 256
PREPARE_S: Final = 10.0
ACT_S: Final = 10.0
# After a hold is committed bytes leave for two seconds at most: so late after the record began none does any more...
LATE_S: Final = 0.9
# ...and so long may the connection take that they leave by.
CONNECT_S: Final = 1.1
LINGER_S: Final = 8.0
LONGEST_S: Final = 25.0

C = Command.State
Stop = Callable[[], bool]
LoginsOf = Callable[[Collection[int]], Mapping[int, Login]]


def never() -> bool:
    return False


# What is remembered of machines between two orders, such as tokens; lost with the process, and that is no harm.
_kept: dict[int, Kept] = {}


class Sending:
    """under_way: commands that were claimed and have not ended.   counts: what happened, for the job's record."""

    def __init__(self, board: Switchboard, lease: Lease, logins_of: LoginsOf) -> None:
        self.board = board
        self.lease = lease
        self.logins_of = logins_of
        self.under_way: set[int] = set()
        self.ready: list[tuple[Job, Ready]] = []
        self.ends: dict[str, dict[Job, End]] = {C.CLAIMED: {}, C.SENT: {}}
        self.counts: dict[str, int] = {}
        self.look_at = 0.0
        self.write_at = 0.0
        self.renew_at = time.monotonic() + LEASE_S / 3

    def run(self, stop: Stop, linger_s: float) -> None:
        """Returns when nothing was due for `linger_s`, or soon after `stop` says so. Raises LeaseLost."""
        idle_since = time.monotonic()
        while not (stop() and not self.under_way):
            if not stop():
                self._look()
            if not self.board.busy:
                time.sleep(STEP_S)
            for outcome in self.board.step(STEP_S if self.board.busy else 0.0):
                self._take(outcome)
            self._write()
            now = time.monotonic()
            if self.under_way or self.board.busy:
                idle_since = now
            elif now - idle_since >= linger_s:
                return
            self._renew(now)

    def _renew(self, now: float) -> None:
        if now >= self.renew_at:
            self.lease = leases.renew(self.lease)
            self.renew_at = now + LEASE_S / 3

    def _look(self) -> None:
        """Opens waves and claims what may go, a few times a second."""
        now = time.monotonic()
        room = AT_ONCE - len(self.under_way)
        if now < self.look_at or room <= 0:
            return
        self.look_at = now + LOOK_EVERY_S
        if not claim.is_due():
            return
        claim.open_waves(self.lease)
        claimed = claim.claim(self.lease, room)
        found = self.logins_of([job.device_id for job in claimed if job.device_id is not None])
        for job in claimed:
            self.under_way.add(job.pk)
            self._prepare(job, found.get(job.device_id or 0))

    def _prepare(self, job: Job, login: Login | None) -> None:
        orders = OF_BATTERIES.get(job.language) if job.battery_id is not None else ORDERS.get(job.language)
        is_gone = job.device_id is None and job.battery_id is None
        if is_gone or orders is None or not job.address or job.reach.refusal(job.address, job.port):
            self._end(job, C.CLAIMED, End(C.FAILED, "", "not on the site map, or not to be told: nothing was sent"))
            return
        wish = Wish(job.verb, job.limit_w, int(time.time()), job.setpoint_w, job.good_for_s, job.unit_id)
        kept: Kept = _kept.setdefault(job.device_id, {}) if job.device_id is not None else {}
        begin = partial(preparing, orders, wish, login, kept)
        self.board.add(Call(("prepare", job), job.address, job.port, begin, job.container_id, PREPARE_S, job.reach))

    def _take(self, outcome: Outcome) -> None:
        step, job = outcome.call.key
        if step == "prepare" and isinstance(outcome.result, Ready):
            self.ready.append((job, outcome.result))
        elif step == "prepare":
            self._end(job, C.CLAIMED, send.end_of_preparing(outcome))
        elif step == "act":
            self._end(job, C.SENT, send.end_of_acting(outcome))

    def _end(self, job: Job, old: str, end: End) -> None:
        self.ends[old][job] = end

    def _write(self) -> None:
        """The records of what ended first, then those of what may leave; a few times a second."""
        now = time.monotonic()
        if now < self.write_at:
            return
        self.write_at = now + WRITE_EVERY_S
        for old, ends in self.ends.items():
            if ends:
                send.write_ends(ends, old, self.lease)
                for job, end in ends.items():
                    self.counts[end.state] = self.counts.get(end.state, 0) + 1
                    self.under_way.discard(job.pk)
                ends.clear()
        if self.ready:
            self._let_go()

    def _let_go(self) -> None:
        began = time.monotonic()
        ready, self.ready = self.ready, []
        hit = send.mark_sent([job for job, _ in ready], self.lease)
        for job, prepared in ready:
            if job.pk in hit:
                begin = partial(in_time, prepared, began)
                # A group of its own, so that it waits for no machine that is still being made ready.
                self.board.add(Call(("act", job), job.address, job.port, begin, "act", ACT_S, job.reach))
                continue
            self.under_way.discard(job.pk)
            if prepared.leave is not None:
                leave = Call(("leave", job), job.address, job.port, prepared.leave, "leave", ACT_S, job.reach)
                self.board.add(leave)
        claim.give_back([job for job, _ in ready if job.pk not in hit], self.lease)


def in_time(ready: Ready, began: float) -> Conversation[Answer | None]:
    """The act; None, and not a byte, where too much time has passed since its record began."""
    if time.monotonic() - began > LATE_S:
        return None
    return (yield from acting(ready))


def send_commands(stop: Stop = never, linger_s: float = LINGER_S, logins_of: LoginsOf = logins.of_devices) -> None:
    """Sends what may be sent, for half a minute at most; an absent database is said in one line of the log."""
    try:
        with jobs.run("compute.send_commands") as job:
            take_and_send(job, stop, linger_s, logins_of)
    except AWAY as error:
        log.error("Sending has ended, the database is away: %s", str(error).strip())


def take_and_send(job: jobs.Job, stop: Stop, linger_s: float, logins_of: LoginsOf) -> None:
    lease = leases.take(LEASE, LEASE_S)
    if lease is None:
        job.skip("another process sends")
        return
    until = time.monotonic() + LONGEST_S
    limits = Limits(at_once_per_group=AT_ONCE, connect_s=CONNECT_S)
    try:
        claim.recover(lease)
        with Switchboard(limits, own_places(), settings.MOVED_PORTS) as board:
            sending = Sending(board, lease, logins_of)
            try:
                sending.run(lambda: stop() or time.monotonic() > until, linger_s)
            finally:
                job.count(**sending.counts)
                lease = sending.lease
    except leases.LeaseLost:
        job.fail("the lease ran out; whatever was under way is unknown and will be read back")
    finally:
        with suppress(Error):
            leases.release(lease)
