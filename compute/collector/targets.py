"""Which machines a sweep asks: the site map as the collector needs it, kept in the process until the map changes."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Mod

from cango_ops.base.switchboard.reach import Reach
from compute import credentials
from compute.collector.plan import Target
from compute.credentials import Logins
from compute.models import Device
from compute.protocols import ADAPTERS, Adapter, signed
from compute.protocols.signing import Login
from sites import ranges

KEPT_S: Final = 300.0
COLUMNS: Final = ("pk", "site_id", "container_id", "slot", "address", "port", "language", "now__model_reported")
# PostgreSQL counts what happens to a table; whoever changes the map or a login, by page, import or SQL, changes it.
# The counts lag by up to ten seconds and start anew after a crash of the server, which reads the map once more.
VERSION: Final = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables
WHERE relname IN ('compute_device', 'compute_container', 'compute_credential', 'sites_site', 'sites_addressrange')
"""


@dataclass
class Targets:
    """Machines by container, site after site.

    identified: those that have said what they are, or were asked.   restarted: those inspected for a restart.
    left_out: how many cannot be asked, by reason.   locked: logins that no key opens; their machines are asked without.
    """

    containers: dict[int, list[Target]] = field(default_factory=dict)
    identified: set[int] = field(default_factory=set)
    restarted: set[int] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    locked: int = 0
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
    sites = list(devices.order_by().values_list("site_id", flat=True).distinct())
    return arranged(rows.iterator(chunk_size=10_000), credentials.logins(sites), ranges.reaches(sites))


def arranged(rows: Iterable[tuple[Any, ...]], logins: Logins, reaches: Mapping[int, Reach]) -> Targets:
    found = Targets(locked=logins.locked)
    speaking = Speaking()
    for pk, site_id, container_id, slot, address, port, language, model in rows:
        if language not in ADAPTERS:
            found.left_out[f"unknown language {language}"] += 1
        elif reaches[site_id].refusal(address, port):
            found.left_out["address not allowed"] += 1
        else:
            adapter = speaking(language, logins.of(pk, site_id, language))
            target = Target(pk, site_id, container_id, slot, address, port, adapter, reaches[site_id])
            found.containers.setdefault(container_id, []).append(target)
            if model:
                found.identified.add(pk)
    return found


class Speaking:
    """Languages with their sign-ins, each made once: thousands of machines share one."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, Login | None], Adapter] = {}

    def __call__(self, language: str, login: Login | None) -> Adapter:
        adapter = self.made.get((language, login))
        if adapter is None:
            adapter = self.made[language, login] = signed(language, login)
        return adapter
