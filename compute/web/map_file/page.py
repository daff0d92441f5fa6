"""What the page of a site's map file shows."""

import uuid
from dataclasses import dataclass
from typing import Any

from cango_ops.base import crumbs
from compute.map_file.text import Wrong
from compute.models import MapChange
from sites.models import Site

MOST_SHOWN = 200
KINDS = ("added", "changed", "moved", "removed")


@dataclass(frozen=True)
class MapPage:
    """change: the file that was sent, or None.   wrong: why a file was refused.   next_id: names the next file."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    machines: int
    change: MapChange | None
    counts: tuple[tuple[str, int], ...]
    changes: tuple[dict[str, Any], ...]
    boxes: tuple[str, ...]
    notes: tuple[str, ...]
    more: int
    is_to_confirm: bool
    wrong: tuple[Wrong, ...]
    more_wrong: int
    next_id: uuid.UUID


def map_page(site: Site, change: MapChange | None = None, wrong: tuple[Wrong, ...] = ()) -> MapPage:
    told = change.difference if change else {}
    counts, changes, boxes = told.get("counts", {}), told.get("changes", []), told.get("boxes", [])
    where = (
        crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
        crumbs.Crumb("Map", f"/sites/{site.code}/map/"),
    )  # fmt: skip
    total = sum(counts.values())
    return MapPage(
        title=answer(site, change, total + len(boxes), len(wrong)),
        crumbs=where,
        site=site,
        machines=site.devices.count(),
        change=change,
        counts=tuple((kind, counts[kind]) for kind in KINDS if kind in counts),
        changes=tuple(changes[:MOST_SHOWN]),
        boxes=tuple(boxes),
        notes=tuple(told.get("notes", [])[:MOST_SHOWN]),
        more=max(0, total - MOST_SHOWN),
        is_to_confirm=change is not None and change.applied_at is None and bool(total or boxes),
        wrong=wrong[:MOST_SHOWN],
        more_wrong=max(0, len(wrong) - MOST_SHOWN),
        next_id=uuid.uuid4(),
    )


def answer(site: Site, change: MapChange | None, differences: int, wrong: int) -> str:
    if wrong:
        return f"{site.name}: the file was not taken, {wrong} {'thing' if wrong == 1 else 'things'} to correct"
    if change is None:
        return f"The map of {site.name} as a file"
    if change.applied_at is not None:
        return f"{site.name}: the file was applied"
    if not differences:
        return f"{site.name}: the file says what the map says"
    return f"{site.name}: the file would change the map"
