"""Gives a site's map as a file, looks at a file that somebody sent, and applies it: all of it, once, or not at all."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import msgspec
from django.db import IntegrityError, transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from compute.map_file import text
from compute.map_file.difference import Difference, Key, difference
from compute.map_file.plan import Box, Place, Planned, in_boxes, planned
from compute.map_file.text import Wrong
from compute.models import Container, Device, MapChange
from compute.site_map import write_containers
from sites import ranges
from sites.models import Site

KEPT_FOR = timedelta(days=1)
MOST_KEPT = 1000


@dataclass(frozen=True)
class Standing:
    """A site's map now."""

    boxes: dict[str, Box]
    places: dict[Key, Place]


class FileWrong(ValueError):
    """Why a file cannot be applied: every reason that was found."""

    def __init__(self, wrong: list[Wrong]) -> None:
        super().__init__("; ".join(map(str, wrong[:5])))
        self.wrong = wrong


class OutOfDate(ValueError):
    """The map was changed since the file was compared with it, or the id stands for another file."""


def standing_of(site: Site) -> Standing:
    boxes = {row.code: Box(row.kind, row.rows, row.columns) for row in Container.objects.filter(site=site)}
    names = ("container__code", "slot", "address", "port", "language", "model", "serial", "mac")
    rows = Device.objects.filter(site=site).order_by("container__code", "slot").values_list(*names)
    return Standing(boxes, {(code, slot): Place(code, slot, *rest) for code, slot, *rest in rows})


def exported(site: Site) -> str:
    """The map as a file. The same map is the same text."""
    now = standing_of(site)
    by_box = in_boxes(now.places.values())
    rows: list[tuple[str, ...]] = []
    for code in sorted(now.boxes):
        box = now.boxes[code]
        shape = (code, box.kind, str(box.rows), str(box.columns))
        rows += [
            (*shape, str(one.slot), one.address, str(one.port), one.language, one.model, one.serial, one.mac)
            for one in sorted(by_box.get(code, []), key=lambda one: one.slot)
        ] or [(*shape, *[""] * 7)]
    return text.written(rows)


def mark(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def looked_at(site: Site, data: bytes) -> tuple[Planned, Difference]:
    """What the file means and would change. Raises FileWrong."""
    lines, wrong = text.read(data)
    now = standing_of(site)
    found = planned(lines, now.boxes, now.places, refusal_of(site))
    wrong = sorted([*wrong, *found.wrong, *foreign(site, found)])
    if not wrong and not found.boxes:
        wrong = [Wrong(0, "", "holds no container; a map is not emptied by a file.")]
    if wrong:
        raise FileWrong(wrong)
    return found, difference(now.boxes, now.places, found.boxes, found.places)


def refusal_of(site: Site) -> Callable[[str, int], str]:
    return ranges.reaches([site.pk])[site.pk].refusal


def foreign(site: Site, found: Planned) -> list[Wrong]:
    """Addresses that stand on another site's map, which is not named."""
    addresses = {one.address for one in found.places.values()}
    others = Device.objects.exclude(site=site).filter(address__in=addresses)
    taken = set(others.values_list("address", "port"))
    return [
        Wrong(found.lines[key], "address", f"{one.address}:{one.port} stands on another site's map.")
        for key, one in found.places.items()
        if (one.address, one.port) in taken
    ]


def send(actor: User | str, site: Site, data: bytes, change_id: uuid.UUID) -> MapChange:
    """Keeps the file with what it would change. Sent again with its id it is the same. Raises FileWrong, OutOfDate."""
    digest = sha256(data).hexdigest()
    known = MapChange.objects.filter(pk=change_id).first()
    if known is not None:
        if (known.site_id, known.digest) != (site.pk, digest):
            raise OutOfDate("This id was used for another file.")
        return known
    base = mark(exported(site))
    found, diff = looked_at(site, data)
    MapChange.objects.filter(site=site, applied_at=None, sent_at__lt=database_now() - KEPT_FOR).delete()
    try:
        return MapChange.objects.create(
            id=change_id, site=site, content=text.decoded(data) or "", digest=digest, base=base,
            difference=kept(found, diff), sent_by=actor.email if isinstance(actor, User) else actor,
            sent_at=database_now(),
        )  # fmt: skip
    except IntegrityError:
        raise OutOfDate("This file is being sent already.") from None


def kept(found: Planned, diff: Difference) -> dict[str, object]:
    changes = msgspec.to_builtins(diff.changes[:MOST_KEPT])
    return {"counts": diff.counts, "changes": changes, "boxes": diff.boxes, "notes": found.notes[:MOST_KEPT]}


@transaction.atomic
def apply(actor: User | str, change: MapChange) -> bool:
    """Makes the site's map what the file says; False where that was done already. Raises FileWrong, OutOfDate."""
    site = Site.objects.select_for_update(no_key=True).get(pk=change.site_id)
    change.refresh_from_db()
    if change.applied_at is not None:
        return False
    if change.base != mark(exported(site)):
        raise OutOfDate("The map was changed since; look at what the file would change now.")
    found, diff = looked_at(site, change.content.encode())
    name = actor.email if isinstance(actor, User) else actor
    if not move(change, "applied_at", None, database_now(), applied_by=name):
        return False
    write_containers(site, found.containers())
    changes = [f"{one.kind} {one.place}: {one.words}" for one in diff.changes[:200]]
    told = {"file": str(change.pk), **diff.counts, "containers": diff.boxes, "changes": changes}
    audit.record(actor, "apply_map", f"site/{site.code}", told)
    return True
