"""What the store has to know of a site's machines, kept in this process; looked at once a minute, read again where it
changed.

The site map changes by hand and rarely; whatever is polled but not found here makes it be read again at once. To read a
site of 10,000 machines costs the database more than to write their minute; to look whether any of its rows is another,
half of that, and this process nothing.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import inf
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from compute.models import Device
from compute.protocols import catalog
from compute.telemetry.metrics import ASIC, GPU
from compute.telemetry.verdict import ASLEEP_SHARE, Expected
from compute.telemetry.waking import Told
from sites.models import Site

KEPT_S: Final = 60.0
# A row that was written since has another place and another transaction. Of DeviceNow, which every change of state
# writes, what the map takes of it.
MARK: Final = """
SELECT (SELECT code FROM sites_site WHERE id = %s), count(*),
    sum(hashtidextended(device.ctid, device.xmin::text::bigint))::text,
    (sum(hashtextextended(concat_ws(' ', device.id, coalesce(ordered_limit_w, -1), ordered_asleep_at), 0))
        FILTER (WHERE ordered_limit_w IS NOT NULL OR ordered_asleep_at IS NOT NULL))::text
FROM compute_device AS device LEFT JOIN compute_devicenow AS now ON now.device_id = device.id
WHERE device.site_id = %s
"""


@dataclass
class Box:
    """The machines of one kind in one container, by slot."""

    container_id: int
    kind: str
    device_ids: dict[int, int] = field(default_factory=dict)
    expected: dict[int, Expected] = field(default_factory=dict)

    @property
    def devices(self) -> int:
        return len(self.device_ids)

    @cached_property
    def deployed_ths(self) -> float:
        return float(sum(one.nameplate_ths or 0.0 for one in self.expected.values()))

    @cached_property
    def gpus(self) -> int:
        return sum(one.gpus for one in self.expected.values())

    @cached_property
    def index(self) -> npt.NDArray[np.int64]:
        """Places (slot - 1) of its machines."""
        return np.array(list(self.device_ids), np.int64) - 1

    @cached_property
    def nameplates_ths(self) -> npt.NDArray[np.float64]:
        """What orders leave of them, in the order of `index`; 0 where not known."""
        return np.array([self.expected[slot].owed_ths or 0.0 for slot in self.device_ids])


@dataclass(slots=True)
class SiteMap:
    """told: when machines that are warming up were told to wake; read for each write, not with the map."""

    site_id: int
    code: str
    read_at: float
    mark: tuple[object, ...]
    kinds: dict[int, str] = field(default_factory=dict)  # by device
    boxes: dict[tuple[int, str], Box] = field(default_factory=dict)
    told: Told = field(default_factory=dict)

    def containers(self) -> list[int]:
        return sorted({container_id for container_id, _ in self.boxes})

    def waking(self, container_id: int) -> int:
        """How many machines of a container are warming up."""
        boxes = (box for (container, _), box in self.boxes.items() if container == container_id)
        return sum(len(self.told.keys() & set(box.device_ids.values())) for box in boxes) if self.told else 0


_kept: dict[int, SiteMap] = {}


def site_map(site_id: int, device_ids: Collection[int] = ()) -> SiteMap:
    """The site's map, not older than a minute and, if they exist at all, with these devices in it."""
    kept = _kept.get(site_id)
    now = time.monotonic()
    if kept is None or not kept.kinds.keys() >= set(device_ids):
        kept = _kept[site_id] = read(site_id, now, mark(site_id))
    elif now - kept.read_at > KEPT_S:
        seen = mark(site_id)
        if seen != kept.mark:
            kept = _kept[site_id] = read(site_id, now, seen)
        kept.read_at = now
    return kept


def mark(site_id: int) -> tuple[object, ...]:
    """Another one as soon as anything is another that the map is made of; taken before the map is read."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [site_id, site_id])
        return tuple(cursor.fetchone())


def forget() -> None:
    _kept.clear()


def read(site_id: int, now: float, seen: tuple[object, ...]) -> SiteMap:
    found = SiteMap(site_id, Site.objects.values_list("code", flat=True).get(pk=site_id), now, seen)
    columns = (
        "pk", "container_id", "slot", "is_gpu", "model", "nameplate_ths", "gpus", "nameplate_w", "now__ordered_limit_w",
        "now__ordered_asleep_at",
    )  # fmt: skip
    rows = Device.objects.filter(site=site_id).order_by("container_id", "slot").values_list(*columns)
    for pk, container_id, slot, is_gpu, model, plate_ths, gpus, plate_w, limit_w, asleep in rows.iterator(5000):
        kind = GPU if is_gpu else ASIC
        box = found.boxes.setdefault((container_id, kind), Box(container_id, kind))
        box.device_ids[slot] = pk
        still_w = asleep_below(plate_w) if asleep and not is_gpu else None
        box.expected[slot] = expected(kind, model, plate_ths, gpus, eased(limit_w, plate_w), still_w)
        found.kinds[pk] = kind
    return found


def eased(limit_w: int | None, nameplate_w: float | None) -> float:
    """The share of its power that an order leaves a machine."""
    return min(1.0, round(limit_w / nameplate_w, 2)) if limit_w and nameplate_w else 1.0


def asleep_below(nameplate_w: float | None) -> float:
    return inf if nameplate_w is None else ASLEEP_SHARE * nameplate_w


@lru_cache(maxsize=4096)
def expected(
    kind: str,
    model: str,
    nameplate_ths: float | None,
    gpus: int,
    eased: float = 1.0,
    asleep_below_w: float | None = None,
) -> Expected:
    """What was bought for the place; where that says nothing, what the maker states of the model."""
    known = catalog.find(model) if model else None
    if known is None:
        return Expected(kind, nameplate_ths, gpus=gpus, eased=eased, asleep_below_w=asleep_below_w)
    plate_ths = nameplate_ths or known.nameplate_ths
    return Expected(kind, plate_ths, known.max_chip_temperature_c, known.boards, gpus, eased, asleep_below_w)
