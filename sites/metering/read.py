"""Reads every power meter once, all at the same time, and keeps what they said."""

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import InterfaceError, OperationalError

from cango_ops.base import jobs, leases
from cango_ops.base.jobs import Job
from cango_ops.base.models import Lease
from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Outcome
from cango_ops.base.switchboard.own_places import own_places
from sites import ranges
from sites.metering.save import Heard, save
from sites.meters.catalog import METERS
from sites.models import Meter

log = logging.getLogger(__name__)

LEASE_S: Final = 30.0
TOTAL_S: Final = 8.0
STEP_S: Final = 0.25
REASONS: Final = {
    "refused": "connection refused",
    "unreachable": "cannot be reached",
    "deadline": "no answer in time",
    "closed": "closes the connection",
    "garbled": "answer not understood",
}
Report = dict[str, Any]


def read_meters() -> Report:
    """What the run recorded of itself, with its outcome; an absent database is said in one line of the log."""
    try:
        with jobs.run("sites.read_meters") as job, leases.held("meters", LEASE_S) as lease:
            if lease is None:
                job.skip("another worker reads the meters now")
            else:
                _read(job, lease)
    except (OperationalError, InterfaceError) as error:
        log.error("The meters were not read, the database is away: %s", str(error).strip())
        return {"outcome": "failed", "why": f"the database is away: {error}"}
    return {"outcome": str(job.outcome), **job.detail}


def _read(job: Job, lease: Lease) -> None:
    meters = list(Meter.objects.select_related("site"))
    if not meters:
        job.skip("no site has a meter")
        return
    began = time.monotonic()
    heard = [*unknown(meters), *asked(meters)]
    try:
        save(heard, lease)
    except leases.LeaseLost:
        job.fail("the lease ran out before the meters had answered")
    failed = Counter(each.failure for each in heard if each.reading is None)
    job.note(
        meters=len(meters), answered=len(heard) - failed.total(), failed=dict(failed),
        seconds=round(time.monotonic() - began, 3),
    )  # fmt: skip


def unknown(meters: Iterable[Meter]) -> Iterator[Heard]:
    """The meters that nothing here can read."""
    for meter in meters:
        if meter.map_name not in METERS:
            yield Heard(meter.pk, meter.site.code, datetime.now(UTC), None, f"no register map {meter.map_name}")


def asked(meters: Collection[Meter]) -> Iterator[Heard]:
    """What each of the others says. Meters at one address take turns: a gateway speaks to one at a time."""
    from_here = settings.MOVED_PORTS
    reaches = ranges.reaches({meter.site_id for meter in meters})
    with Switchboard(forbidden=own_places(), moved_ports=from_here) as board:
        for meter in meters:
            if meter.map_name in METERS:
                talk = partial(METERS[meter.map_name], meter.unit_id)
                place, reach = (meter.address, meter.port), reaches[meter.site_id]
                board.add(Call(meter, *place, talk, place, TOTAL_S, reach))
        while board.busy:
            for outcome in board.step(STEP_S):
                yield heard_of(outcome)


def heard_of(outcome: Outcome) -> Heard:
    meter: Meter = outcome.call.key
    now = datetime.now(UTC)
    if outcome.failure is None and outcome.result.power_w is not None:
        return Heard(meter.pk, meter.site.code, now, outcome.result)
    return Heard(meter.pk, meter.site.code, now, None, words_of(outcome))


def words_of(outcome: Outcome) -> str:
    if outcome.failure is None:
        return "says no power"
    words = REASONS.get(outcome.failure, outcome.failure)
    return f"{words}: {outcome.detail}" if outcome.detail else words
