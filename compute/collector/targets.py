"""Which machines a sweep asks: the site map as the collector needs it, kept in the process until the map changes."""

import ipaddress
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Mod

from compute.collector.plan import Target
from compute.models import Device
from compute.protocols import ADAPTERS

KEPT_S: Final = 300.0
COLUMNS: Final = ("pk", "site_id", "container_id", "slot", "address", "port", "language", "now__model_reported")
# PostgreSQL counts what happens to a table; whoever changes the map, by page, import or SQL, changes the sum. The
# counts lag by up to ten seconds and start anew after a crash of the server, which reads the map once more.
VERSION: Final = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables
WHERE relname IN ('compute_device', 'compute_container', 'sites_site')
"""


@dataclass
class Targets:
    """Machines by container, site after site.

    identified: those that have said what they are, or were asked.   restarted: those inspected for a restart.
    left_out: how many cannot be asked, by reason.
    """

    containers: dict[int, list[Target]] = field(default_factory=dict)
    identified: set[int] = field(default_factory=set)
    restarted: set[int] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    version: int = 0
    read_at: float = 0.0

    def __len__(self) -> int:
        return sum(map(len, self.containers.values()))


_kept: dict[tuple[int, int], Targets] = {}


def of_slot(slot: int, slots: int) -> Targets:
    """The machines of the slot's sites. A site whose slot is beyond the number of slots counts round again."""
    version, now = map_version(), time.monotonic()
    kept = _kept.get((slot, slots))
    if kept is None or kept.version != version or now - kept.read_at > KEPT_S:
        rows = Device.objects.alias(turn=Mod(F("site__collector_slot"), slots)).filter(turn=slot)
        kept = _kept[slot, slots] = read(rows)
        kept.version, kept.read_at = version, now
    return kept


def forget() -> None:
    _kept.clear()


def map_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute(VERSION)
        return int(cursor.fetchone()[0])


def read(devices: QuerySet[Device]) -> Targets:
    rows = devices.order_by("site_id", "container_id", "slot").values_list(*COLUMNS)
    return arranged(rows.iterator(chunk_size=10_000))


def arranged(rows: Iterable[tuple[Any, ...]]) -> Targets:
    found = Targets()
    for pk, site_id, container_id, slot, address, port, language, model in rows:
        adapter = ADAPTERS.get(language)
        if adapter is None:
            found.left_out[f"unknown language {language}"] += 1
        elif not is_askable(address, port):
            found.left_out["address not allowed"] += 1
        else:
            target = Target(pk, site_id, container_id, slot, address, port, adapter)
            found.containers.setdefault(container_id, []).append(target)
            if model:
                found.identified.add(pk)
    return found


def is_askable(address: str, port: int) -> bool:
    """A machine has one literal unicast address; whatever else an entry of the map says is not connected to."""
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    return 0 < port < 65536 and not (place.is_unspecified or place.is_multicast or place.is_link_local or is_all(place))


def is_all(place: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return place == ipaddress.IPv4Address("255.255.255.255")
