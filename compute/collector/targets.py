"""Which machines a sweep asks: the site map as the collector needs it, kept in the process until the map changes."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

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

KEPT_S: Final = 600.0
COLUMNS: Final = ("pk", "site_id", "container_id", "slot", "address", "port", "language", "now__model_reported")
# PostgreSQL counts what happens to a table; whoever changes the map or a login, by page, import or SQL, changes it.
# The counts lag by up to ten seconds and start anew after a crash of the server, which reads the map once more.
VERSION: Final = """
SELECT coalesce(sum(changes) FILTER (WHERE relname = 'compute_device'), 0),
    coalesce(sum(changes) FILTER (WHERE relname <> 'compute_device'), 0)
FROM (SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS changes FROM pg_stat_user_tables) AS tables
WHERE relname IN ('compute_device', 'compute_container', 'compute_credential', 'sites_site', 'sites_addressrange')
"""
# What a sweep needs of the machines of a slot, in one number. Serial numbers and MACs, which first contacts write by
# the thousand, are not of it: reading a hundred thousand machines costs a second, this a tenth.
PRINT: Final = """
SELECT count(*), coalesce(sum(hashtextextended(concat_ws('|', device.id, device.site_id, device.container_id,
    device.slot, device.address, device.port, device.language), 0)), 0)
FROM compute_device AS device JOIN sites_site AS site ON site.id = device.site_id
WHERE site.collector_slot %% %s = %s
"""
NAMED: Final = "SELECT device_id FROM compute_devicenow WHERE model_reported <> '' AND device_id = ANY(%s)"


class Version(NamedTuple):
    """How often the machines, and how often all else of the map, was changed."""

    devices: int
    rest: int


UNREAD: Final = Version(0, 0)


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
    version: Version = UNREAD
    mark: tuple[int, int] = (0, 0)
    checked_at: float = 0.0

    def __len__(self) -> int:
        return sum(map(len, self.containers.values()))


_kept: dict[tuple[int, int], Targets] = {}


def of_slot(slot: int, slots: int) -> Targets:
    """The machines of the slot's sites. A site whose slot is beyond the number of slots counts round again."""
    version = map_version()
    kept = _kept.get((slot, slots))
    if kept is None or not is_good(kept, version, slot, slots):
        mark = fingerprint(slot, slots)
        rows = Device.objects.alias(turn=Mod(F("site__collector_slot"), slots)).filter(turn=slot)
        kept = _kept[slot, slots] = read(rows)
        kept.mark, kept.checked_at = mark, time.monotonic()
    else:
        kept.identified |= named_since(kept)
    kept.version = version
    return kept


def is_good(kept: Targets, version: Version, slot: int, slots: int) -> bool:
    """Whether the map as it was read serves on. Where nothing was counted it is still looked at once in a while, and
    whoever was inspected in vain or for a restart may be inspected again."""
    if kept.version.rest != version.rest:
        return False
    is_old = time.monotonic() - kept.checked_at > KEPT_S
    if is_old:
        kept.checked_at = time.monotonic()
        kept.identified.clear()
        kept.restarted.clear()
    return (kept.version.devices == version.devices and not is_old) or kept.mark == fingerprint(slot, slots)


def named_since(kept: Targets) -> set[int]:
    """Machines that have said what they are, to whichever process it was, since this one read the map."""
    unknown = [
        target.device_id
        for targets in kept.containers.values()
        for target in targets
        if target.device_id not in kept.identified
    ]
    if not unknown:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [unknown])
        return {pk for (pk,) in cursor.fetchall()}


def forget() -> None:
    _kept.clear()


def map_version() -> Version:
    with connection.cursor() as cursor:
        cursor.execute(VERSION)
        devices, rest = cursor.fetchone()
        return Version(int(devices), int(rest))


def fingerprint(slot: int, slots: int) -> tuple[int, int]:
    """The same as long as a sweep of the slot has nothing new to know about its machines."""
    with connection.cursor() as cursor:
        cursor.execute(PRINT, [slots, slot])
        count, total = cursor.fetchone()
        return int(count), int(total)


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
