"""The states of machines in lists: each machine's own, unless what holds for its whole site covers it.

The rule is that of the totals: machines of a stale site are stale, those of one in maintenance in maintenance, and a
machine never heard of stays unknown.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from compute.models import Device, DeviceNow
from compute.models.device import State
from compute.telemetry import queries
from compute.telemetry.answers import Totals

FOR_ALL = (State.STALE, State.MAINTENANCE)
UNKNOWN = Q(now=None) | Q(now__state=State.UNKNOWN)


def covering(site_ids: Iterable[int]) -> dict[int, Totals]:
    """Those of the sites of which one state holds for every machine, by id, with that state."""
    return {pk: found for pk, found in queries.site_totals(site_ids).items() if found.state in FOR_ALL}


def in_state(state: str, sites: Mapping[int, Totals]) -> Q:
    """The machines that a list shows in this state. sites: what covering() gave."""
    if state == State.UNKNOWN:
        return UNKNOWN
    covered = [pk for pk, found in sites.items() if found.state == state]
    return (Q(site__in=covered) & ~UNKNOWN) | (Q(now__state=state) & ~Q(site__in=list(sites)))


def with_states(devices: Iterable[Device], sites: Mapping[int, Totals]) -> list[Any]:
    """The same devices, each with its current row as `known` and what counts of it now as `stands`."""
    rows: list[Any] = list(devices)
    for row in rows:
        row.known = getattr(row, "now", None) or DeviceNow(device=row)
        row.stands = row.known if row.known.state == State.UNKNOWN else sites.get(row.site_id, row.known)
    return rows
