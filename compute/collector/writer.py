"""The one thread that touches the database while a sweep runs, so that a slow write never delays an answer.

It stores what is handed to it in order and renews the lease in between. What fails because the database was away is
tried once more (writing twice changes nothing); when it fails again, or the lease is lost, the sweep is over.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol, TypeVar

from django.db import DatabaseError, InterfaceError, connections

from cango_ops.base import leases
from cango_ops.base.database import is_away
from cango_ops.base.leases import LeaseLost
from cango_ops.base.models import Lease
from compute.telemetry.polled import Polled

log = logging.getLogger(__name__)

RETRY_AFTER_S: Final = 0.5
T = TypeVar("T")


class Write(Protocol):
    def __call__(self, site_id: int, polled: Sequence[Polled], lease: Lease | None) -> object: ...


class Writer:
    """Runs from `with` to the end of its block, which waits until all is stored. Raises there what stopped it.

    spoilt: sites of which a batch could not be stored for a reason of its own.
    """

    def __init__(self, write: Write, lease: Lease | None) -> None:
        self.write = write
        self.lease = lease
        self.batches: queue.SimpleQueue[tuple[int, list[Polled]] | None] = queue.SimpleQueue()
        self.stopped_by: Exception | None = None
        self.spoilt: dict[int, str] = {}
        self.writes = 0
        self.seconds = 0.0
        self.renew_at = time.monotonic() + self._renew_every_s()
        self.thread = threading.Thread(target=self._run, name="sweep-writer", daemon=True)

    def keep(self, site_id: int, polled: list[Polled]) -> None:
        self.batches.put((site_id, polled))

    def is_stopped(self) -> bool:
        return self.stopped_by is not None

    def __enter__(self) -> "Writer":
        self.thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self.batches.put(None)
        self.thread.join()
        if self.stopped_by is not None:
            raise self.stopped_by

    def _renew_every_s(self) -> float:
        return self.lease.ttl_s / 3 if self.lease else 3600.0

    def _run(self) -> None:
        try:
            while not self.is_stopped():
                batch = self._next()
                if batch is None:
                    break
                self._attempt(*batch)
        except Exception as error:  # whatever it is, the sweep must hear of it and end
            self.stopped_by = error
        finally:
            connections.close_all()

    def _next(self) -> tuple[int, list[Polled]] | None:
        while True:
            try:
                batch = self.batches.get(timeout=max(0.0, self.renew_at - time.monotonic()))
            except queue.Empty:
                self._renew()
                continue
            if time.monotonic() >= self.renew_at:
                self._renew()
            return batch

    def _renew(self) -> None:
        if self.lease is not None:
            self.lease = twice(partial(leases.renew, self.lease))
        self.renew_at = time.monotonic() + self._renew_every_s()

    def _attempt(self, site_id: int, polled: list[Polled]) -> None:
        began = time.monotonic()
        try:
            twice(partial(self.write, site_id, polled, self.lease))
        except LeaseLost:
            raise
        except Exception as error:  # one site's fault; the others are stored
            if is_away(error):
                raise
            log.exception("Site %s could not be stored.", site_id)
            self.spoilt[site_id] = f"{type(error).__name__}: {error}"[:200]
        self.seconds += time.monotonic() - began
        self.writes += 1


def twice(action: Callable[[], T]) -> T:
    """Does it, and if the database was away, once more on a new connection."""
    try:
        return action()
    except (InterfaceError, DatabaseError) as error:
        if not is_away(error):
            raise
        log.warning("The database was away, trying again: %s", str(error).strip())
        connections.close_all()
        time.sleep(RETRY_AFTER_S)
        return action()
