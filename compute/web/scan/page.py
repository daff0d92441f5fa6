"""What the page of a site's scan shows."""

import uuid
from dataclasses import dataclass

from cango_ops.base import crumbs
from compute.models import Container, Scan
from compute.scanning.compare import Finding, Kind
from compute.scanning.confirm import findings_of
from sites.models import Site

MOST_ROWS = 500
WORDS = {
    Kind.FOUND: "not on the map",
    Kind.KNOWN: "as on the map",
    Kind.MOVED: "at another address",
    Kind.SWAPPED: "another machine",
    Kind.VANISHED: "does not answer",
    Kind.REFUSED: "no machine",
}


@dataclass(frozen=True)
class Row:
    """One finding. was: of the map; seen: of now; said: what answered."""

    kind: str
    words: str
    place: str
    was: str
    seen: str
    said: str


@dataclass(frozen=True)
class ScanPage:
    """scan: the last one, or None.   next_id: names the next one, so that a form sent twice is one scan."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    scan: Scan | None
    is_open: bool
    is_to_confirm: bool
    counts: tuple[tuple[str, int], ...]
    rows: tuple[Row, ...]
    more: int
    boxes: tuple[Container, ...]
    next_id: uuid.UUID


def scan_page(site: Site) -> ScanPage:
    scan = Scan.objects.filter(site=site).first()
    found = findings_of(scan) if scan else []
    changed = [one for one in found if one.kind is not Kind.KNOWN]
    where = (
        crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
        crumbs.Crumb("Scan", f"/sites/{site.code}/scan/"),
    )  # fmt: skip
    return ScanPage(
        title=answer(site, scan, changed),
        crumbs=where,
        site=site,
        scan=scan,
        is_open=scan is not None and scan.state in Scan.OPEN,
        is_to_confirm=scan is not None and scan.state == Scan.State.DONE and scan.applied_at is None and bool(changed),
        counts=tuple((str(kind), sum(one.kind is kind for one in found)) for kind in Kind) if found else (),
        rows=tuple(map(row, changed[:MOST_ROWS])),
        more=max(0, len(changed) - MOST_ROWS),
        boxes=tuple(Container.objects.filter(site=site)),
        next_id=uuid.uuid4(),
    )


def answer(site: Site, scan: Scan | None, changed: list[Finding]) -> str:
    if scan is None:
        return f"{site.name} was never scanned"
    if scan.state in Scan.OPEN:
        return f"{site.name} is being scanned: {scan.position} of {scan.total} places tried"
    if scan.state == Scan.State.STOPPED:
        return f"{site.name}: the scan was stopped after {scan.position} of {scan.total} places"
    if not changed:
        return f"{site.name} stands as its map says"
    return f"{site.name}: {len(changed)} {'place is' if len(changed) == 1 else 'places are'} not as the map says"


def row(one: Finding) -> Row:
    seen, standing = one.seen, one.standing
    said = (seen.refused or f"{seen.language} {seen.model} {seen.serial or seen.mac}") if seen else ""
    return Row(
        kind=str(one.kind),
        words=WORDS[one.kind],
        place=standing.place if standing else "",
        was=f"{standing.address}:{standing.port} {standing.model}" if standing else "",
        seen=f"{seen.address}:{seen.port}" if seen else "",
        said=said.strip(),
    )
