"""What the rules of sites are judged by: the small rows of totals, read once a round for all sites."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from compute.market.network import Hashprice, hashprice
from compute.models import ContainerTotals, SiteSweep
from compute.telemetry.verdict import MAINTENANCE, stale_after_s
from sites.alerting import Planned, planned
from sites.metering.queries import MeterPower, power_now
from sites.models import Site

COLUMNS: Final = (
    "site_id", "container_id", "container__code", "container__kind", "devices", "reporting", "warning", "critical",
    "awake_ths", "hashrate_ths", "power_w", "temp_max_c", "deployed_ths", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A container now."""

    container_id: int
    code: str
    kind: str
    devices: int
    reporting: int
    warning: int
    critical: int
    awake_ths: float
    hashrate_ths: float | None
    power_w: float | None
    temp_max_c: float | None
    deployed_ths: float
    state: str

    @property
    def rests(self) -> bool:
        """All of it sleeps or was told to wake a short while ago: then silence is a restart."""
        return self.state == MAINTENANCE


@dataclass(frozen=True, slots=True)
class Seen:
    """A site with its containers. swept_at: None where it was never polled; since: of the state found then.

    is_quiet: all of it is planned to be off; planned: those of its containers that are, which stand in no sum.
    """

    site: Site
    swept_at: datetime | None
    since: datetime | None
    boxes: tuple[Box, ...]
    meter: MeterPower
    is_stale: bool
    is_quiet: bool
    planned: tuple[Box, ...] = ()

    def total(self, name: str) -> float:
        return sum(getattr(box, name) or 0.0 for box in self.boxes)

    @property
    def power_w(self) -> float | None:
        known = [box.power_w for box in (*self.boxes, *self.planned) if box.power_w is not None]
        return sum(known) if known else None


def sites_now(now: datetime) -> list[Seen]:
    """Every site; five queries however many machines."""
    places = list(Site.objects.select_related("operator"))
    swept = {site_id: times for site_id, *times in SiteSweep.objects.values_list("site_id", "swept_at", "since")}
    boxes = boxes_by_site()
    meters = power_now([site.pk for site in places], now)
    oldest, off = now - timedelta(seconds=stale_after_s(settings.SWEEP_S)), planned(now)
    return [seen(site, swept.get(site.pk), boxes.get(site.pk, ()), meters[site.pk], oldest, off) for site in places]


def seen(
    site: Site, swept: list[datetime] | None, boxes: tuple[Box, ...], meter: MeterPower, oldest: datetime, off: Planned
) -> Seen:
    swept_at, since = swept or (None, None)
    awake = tuple(box for box in boxes if box.container_id not in off.containers)
    asleep = tuple(box for box in boxes if box.container_id in off.containers)
    is_stale = swept_at is not None and swept_at < oldest
    return Seen(site, swept_at, since, awake, meter, is_stale, site.pk in off.sites, asleep)


def boxes_by_site() -> Mapping[int, tuple[Box, ...]]:
    found: dict[int, list[Box]] = defaultdict(list)
    for site_id, *rest in ContainerTotals.objects.order_by("container_id").values_list(*COLUMNS):
        found[site_id].append(Box(*rest))
    return {site_id: tuple(rows) for site_id, rows in found.items()}


def price() -> Hashprice | None:
    """What a hash is worth, where that is known and fresh."""
    found = hashprice()
    return None if found is None or found.is_stale else found


def worth(lost_ths: float, at: Hashprice | None) -> dict[str, Any]:
    """The price columns of a finding for hashrate that is not there."""
    if at is None:
        return {"usd_per_h": None, "usd_why": "no fresh hashprice"}
    return {"usd_per_h": Decimal(str(round(at.usd_per_h(max(0.0, lost_ths)), 2))), "usd_why": ""}


def codes(boxes: Iterable[Box], most: int = 3) -> str:
    """ "C1, C4, C7 and 2 more"."""
    names = [box.code for box in boxes]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
