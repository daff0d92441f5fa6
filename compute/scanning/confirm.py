"""Writes what a scan found into the site's map, once somebody has looked at it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from django.db import transaction
from django.utils import timezone

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from compute import site_map
from compute.models import Container, Device, Scan
from compute.scanning.compare import Finding, Kind
from compute.scanning.who import Seen
from compute.site_map import PlannedDevice
from sites.models import Site

MOST_NAMED = 200


@dataclass(frozen=True)
class Wish:
    """What to write. into: the container that takes the machines which the map does not know, or None."""

    moved: bool = True
    swapped: bool = True
    into: Container | None = None


@dataclass
class Applied:
    """How many were written, and why others were not."""

    moved: int = 0
    swapped: int = 0
    added: int = 0
    left: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)


def findings_of(scan: Scan) -> list[Finding]:
    return msgspec.convert(scan.findings, list[Finding])


def confirm(actor: User | str, scan: Scan, wish: Wish) -> Applied | None:
    """All in one transaction; None where the scan was confirmed already, or is not done."""
    applied = Applied()
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=scan.site_id)
        name = actor.email if isinstance(actor, User) else actor
        mine = Scan.objects.filter(pk=scan.pk, state=Scan.State.DONE)
        if not move(mine, "applied_at", None, database_now(), applied_by=name):
            return None
        found = findings_of(scan)
        if wish.moved:
            applied.moved = _write(Kind.MOVED, found, applied)
        if wish.swapped:
            applied.swapped = _write(Kind.SWAPPED, found, applied)
        if wish.into is not None:
            applied.added = _add(wish.into, [one.seen for one in found if one.kind is Kind.FOUND and one.seen], applied)
        counts = {"moved": applied.moved, "swapped": applied.swapped, "added": applied.added, "left": len(applied.left)}
        told = {"scan": str(scan.pk), **counts, "machines": applied.deeds[:MOST_NAMED]}
        audit.record(actor, "apply_scan", f"site/{scan.site.code}", told)
    return applied


def _write(kind: Kind, found: Iterable[Finding], applied: Applied) -> int:
    """Gives the places of the map what was seen of their machines."""
    chosen = [(one.standing, one.seen) for one in found if one.kind is kind and one.standing and one.seen]
    rows = Device.objects.select_for_update().in_bulk([standing.device_id for standing, _ in chosen])
    leaving = {(row.address, row.port) for row in rows.values()}
    taken = taken_of([seen for _, seen in chosen]) - leaving
    written = []
    for standing, seen in chosen:
        row = rows.get(standing.device_id)
        if row is None or (row.address, row.port) != (standing.address, standing.port):
            applied.left.append(f"{standing.place}: the map was changed meanwhile")
        elif (seen.address, seen.port) in taken:
            applied.left.append(f"{standing.place}: {seen.address}:{seen.port} stands elsewhere on a map")
        else:
            written.append((row, line_of(row.slot, seen, row if kind is Kind.MOVED else None)))
            was = f"{standing.address}:{standing.port} {standing.model} {standing.serial or standing.mac}"
            applied.deeds.append(f"{kind} {standing.place}: {was.strip()} -> {words(seen)}")
    site_map.rewrite(written)
    return len(written)


def taken_of(everybody: Iterable[Seen]) -> set[tuple[str, int]]:
    """Addresses that some map names already."""
    addresses = {one.address for one in everybody}
    return set(Device.objects.filter(address__in=addresses).values_list("address", "port"))


def line_of(slot: int, seen: Seen, known: Device | None = None) -> PlannedDevice:
    """known: the machine itself, of which only the address is news."""
    language, model = (known.language, known.model) if known else (seen.language, seen.model)
    return PlannedDevice(slot, seen.address, seen.port, language, model[:64], seen.serial, seen.mac)


def _add(box: Container, newcomers: list[Seen], applied: Applied) -> int:
    """Puts them into the container's empty places, in the order of their addresses."""
    taken = taken_of(newcomers)
    filled = set(box.devices.values_list("slot", flat=True))
    free = iter([slot for slot in range(1, box.rows * box.columns + 1) if slot not in filled])
    added = []
    for seen in sorted(newcomers, key=lambda one: (tuple(map(int, one.address.split("."))), one.port)):
        slot = None if (seen.address, seen.port) in taken else next(free, None)
        if slot is None:
            why = "stands on a map" if (seen.address, seen.port) in taken else f"no place is free in {box.code}"
            applied.left.append(f"{seen.address}:{seen.port}: {why}")
            continue
        place = Device(site=box.site, container=box, standing_since=timezone.now())
        added.append(site_map.as_planned(place, line_of(slot, seen)))
        applied.deeds.append(f"added {box.code}/{slot}: {words(seen)}")
    site_map.add(added)
    return len(added)


def words(seen: Seen) -> str:
    return f"{seen.address}:{seen.port} {seen.model} {seen.serial or seen.mac}".strip()
