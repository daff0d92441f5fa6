"""What the page of one site shows, read once and ready to print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from cango_ops.base import clock, crumbs
from cango_ops.base.chart import Chart
from cango_ops.units import efficiency_jth
from compute.market.network import hashprice
from compute.models import Device
from compute.telemetry import queries
from compute.telemetry.answers import Totals
from compute.web.choices import Choice, choices
from compute.web.freshness import is_fresh, live_totals, live_until, stale_after_s
from compute.web.site.boxes import Box, boxes_of
from compute.web.site.charts import charts
from compute.web.site.metered import Metered, metered
from compute.web.site.money import Money, money
from compute.web.slot_map import SHADES, Legend
from sites import ranges
from sites.models import Site
from sites.models.contract import contract_at
from sites.prices.queries import price_now
from sites.tariffs.energy import Quote

MOST_MACHINES: Final = 12
VIEWS: Final = {"map": "Map", "table": "Table"}


@dataclass(frozen=True)
class Machine:
    """One machine that needs somebody."""

    container: str
    slot: int
    model: str
    state: str
    reason: str
    since: datetime | None


@dataclass(frozen=True)
class Efficiency:
    """words: of what power it is, or why it is not known."""

    jth: float | None
    words: str


@dataclass(frozen=True)
class SitePage:
    """title: the answer in one line. machines: those that need somebody, worst first; more: how many beyond them."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    totals: Totals
    is_live: bool
    live_until: datetime | None
    efficiency: Efficiency
    local_time: str
    money: Money
    metered: Metered
    boxes: tuple[Box, ...]
    legend: Legend
    view: str
    views: list[Choice]
    shades: list[Choice]
    machines: tuple[Machine, ...]
    more: int
    ranges: tuple[str, ...]
    as_of: datetime
    stale_after_s: int


def site_page(site: Site, asked: Mapping[str, str], shade: str, view: str) -> SitePage:
    """The page of a site that the person may see; `shade` is one of SHADES, `view` one of VIEWS."""
    now = clock.now()
    said = queries.site_totals([site.pk])[site.pk]
    live, totals = is_fresh(said.swept_at, now), live_totals(said, now)
    boxes, legend = boxes_of(site, SHADES[shade], now)
    # What machines were when the site was last heard is no reason to send anybody now.
    needy = needing_somebody(site) if live and totals.state != "maintenance" else Device.objects.none()
    needing = needy.count()
    contract = contract_at(site, now)
    paid = price_now(contract, now) if contract else Quote(None)
    seen = metered(list(site.meters.all()), totals, now)
    return SitePage(
        title=answer(site, totals, boxes, needing),
        crumbs=where(site),
        site=site,
        totals=totals,
        is_live=live,
        live_until=live_until(said.swept_at) if live else None,
        efficiency=efficiency(seen, totals, boxes),
        local_time=f"{now.astimezone(ZoneInfo(site.time_zone)):%H:%M}",
        money=money(totals, ai_power_w(boxes), contract, paid, hashprice()),
        metered=seen,
        boxes=boxes,
        legend=legend,
        view=view,
        views=choices(asked, "view", VIEWS, view),
        shades=choices(asked, "show", shades_of(boxes, totals, shade), shade),
        machines=tuple(machine(row) for row in needy[:MOST_MACHINES]),
        more=max(0, needing - MOST_MACHINES),
        ranges=tuple(map(str, ranges.of_site(site))),
        as_of=now,
        stale_after_s=stale_after_s(),
    )


def efficiency(seen: Metered, totals: Totals, boxes: Sequence[Box]) -> Efficiency:
    """By the meter, as for all sites; else by what the machines say, where the miners of every container say it: power
    of some over the hashrate of all would be no efficiency."""
    if seen.power_w is not None:
        return Efficiency(efficiency_jth(seen.power_w, totals.hashrate_ths), "all power over hashrate")
    if any(box.totals.power_w is None for box in boxes if box.totals.deployed_ths):
        return Efficiency(None, "not every machine says its power")
    return Efficiency(efficiency_jth(totals.power_w, totals.hashrate_ths), "as machines say")


def where(site: Site) -> tuple[crumbs.Crumb, ...]:
    region = site.region
    return (crumbs.COMPANY, crumbs.region(region.code, region.name), crumbs.site(site.code, site.name))


def answer(site: Site, totals: Totals, boxes: Sequence[Box], needing: int) -> str:
    """How the site is, and which of its containers, or how many machines, make it so."""
    if totals.state in ("stale", "unknown", "maintenance"):
        return f"{site.name}: {totals.state}, {totals.reason}".removesuffix(", ")
    wrong = [box.code for box in boxes if box.totals.state in ("critical", "stale", "warning")]
    counted = f"{site.name}: {len(boxes) - len(wrong)} of {len(boxes)} containers ok"
    if wrong:
        named = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        return f"{counted}, {named} {need(len(wrong))} you"
    if needing:
        return f"{counted}, {needing} {'machine' if needing == 1 else 'machines'} {need(needing)} you"
    return f"{site.name} ok"


def need(count: int) -> str:
    return "needs" if count == 1 else "need"


def ai_power_w(boxes: Sequence[Box]) -> float:
    return sum(box.totals.power_w or 0.0 for box in boxes if box.is_ai)


def has_asics(boxes: Sequence[Box]) -> bool:
    return any(not box.is_ai for box in boxes)


def shades_of(boxes: Sequence[Box], totals: Totals, chosen: str) -> dict[str, str]:
    """No colouring by what nothing on the site has."""
    there = {None} | ({"asic"} if has_asics(boxes) else set()) | ({"gpu"} if totals.gpus else set())
    return {one.name: one.word for one in SHADES.values() if one.of in there or one.name == chosen}


def needing_somebody(site: Site) -> QuerySet[Device]:
    """Worst first, the largest machine among equals."""
    return (
        Device.objects.filter(site=site, now__state__in=["critical", "warning"])
        .select_related("container", "now")
        .order_by("now__state", "-nameplate_ths", "container__code", "slot")
    )


def machine(row: Device) -> Machine:
    return Machine(row.container.code, row.slot, row.model, row.now.state, row.now.reason, row.now.since)


def charts_of(page: SitePage) -> list[Chart]:
    code = page.site.code
    return charts(
        "site", code, f"site/{code}",
        has_asics=has_asics(page.boxes), has_gpus=bool(page.totals.gpus), has_meter=bool(page.metered.meters),
    )  # fmt: skip
