"""Asks every battery how full it is and what it does, all at the same time, and keeps what they said."""

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Final, NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from cango_ops.base import jobs, leases
from cango_ops.base.jobs import Job
from cango_ops.base.models import Lease
from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Outcome
from cango_ops.base.switchboard.own_places import own_places
from cango_ops.live.publish import publish
from sites import ranges
from sites.metering.read import LEASE_S, REASONS, STEP_S, TOTAL_S
from sites.meters import storage
from sites.meters.storage import StorageReading
from sites.models import Battery

log = logging.getLogger(__name__)
SOURCE: Final = "battery"


class Said(NamedTuple):
    """What came of one battery. failure: in words, with no reading."""

    battery: Battery
    at: datetime
    reading: StorageReading | None
    failure: str = ""


def read_batteries() -> None:
    """One round; an absent database is said in one line of the log."""
    try:
        with jobs.run("sites.read_batteries") as job, leases.held("batteries", LEASE_S) as lease:
            if lease is None:
                job.skip("another worker reads the batteries now")
            else:
                read_all(job, lease)
    except (OperationalError, InterfaceError) as error:
        log.error("The batteries were not read, the database is away: %s", str(error).strip())


def read_all(job: Job, lease: Lease) -> None:
    batteries = list(Battery.objects.exclude(address=None).select_related("site"))
    if not batteries:
        job.skip("no battery has an address")
        return
    began = time.monotonic()
    said = list(asked(batteries))
    try:
        save(said, lease)
    except leases.LeaseLost:
        job.fail("the lease ran out before the batteries had answered")
    failed = Counter(each.failure for each in said if each.reading is None)
    job.note(batteries=len(said), answered=len(said) - failed.total(), failed=dict(failed),
             seconds=round(time.monotonic() - began, 3))  # fmt: skip


def asked(batteries: Collection[Battery]) -> Iterator[Said]:
    """Those at one address take turns: a gateway speaks to one at a time."""
    reaches = ranges.reaches({battery.site_id for battery in batteries})
    with Switchboard(forbidden=own_places(), moved_ports=settings.MOVED_PORTS) as board:
        for battery in batteries:
            place = battery.address or "", battery.port
            talk = partial(storage.read, battery.unit_id)
            board.add(Call(battery, *place, talk, place, TOTAL_S, reaches[battery.site_id]))
        while board.busy:
            for outcome in board.step(STEP_S):
                yield said_of(outcome)


def said_of(outcome: Outcome) -> Said:
    battery, now = outcome.call.key, datetime.now(UTC)
    if outcome.failure is None and outcome.result.soc_share is not None:
        return Said(battery, now, outcome.result)
    if outcome.failure is None:
        return Said(battery, now, None, "does not say how full it is")
    words = REASONS.get(outcome.failure, outcome.failure)
    return Said(battery, now, None, f"{words}: {outcome.detail}" if outcome.detail else words)


def save(said: Collection[Said], lease: Lease | None = None) -> None:
    """One transaction; an older reading replaces no newer one. Raises LeaseLost, having written nothing."""
    with transaction.atomic():
        if lease is not None:
            leases.hold(lease)
        for each in said:
            row = Battery.objects.filter(pk=each.battery.pk)
            if each.reading is None:
                since = Coalesce(F("failing_since"), Now())
                row.update(failing_since=since, failing_reason=each.failure[:100])
                continue
            share, capacity = each.reading.soc_share or 0.0, float(each.battery.capacity_mwh)
            row.exclude(soc_at__gte=each.at).update(
                soc_mwh=min(share * capacity, capacity), soc_at=each.at, soc_source=SOURCE,
                power_w=each.reading.power_w, setpoint_w=each.reading.setpoint_w, failing_since=None,
                failing_reason="",
            )  # fmt: skip
        publish(*{f"site/{each.battery.site.code}" for each in said})
