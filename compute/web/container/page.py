"""What the page of one container shows, read once and ready to print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cango_ops.base import clock, crumbs
from cango_ops.base.chart import Chart
from compute.models import Container
from compute.telemetry import queries
from compute.telemetry.answers import Cell, Totals
from compute.web.choices import Choice, choices
from compute.web.freshness import is_fresh, live_cell, live_totals, live_until, stale_after_s
from compute.web.site.charts import charts
from compute.web.slot_map import SHADES, Legend, Place, legend_of, places, value_of

ORDERS: Final = {
    "slot": "Slot",
    "worst": "Worst",
    "hashrate_ths": "Hashrate",
    "chip_temp_c": "Chip °C",
    "power_w": "Power",
}
RANK: Final = {"critical": 0, "stale": 1, "warning": 2, "unknown": 3, "maintenance": 4, "ok": 5}


@dataclass(frozen=True)
class ContainerPage:
    """title: the answer in one line. rows: the map as it stands. cells: the same machines for the table."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    container: Container
    totals: Totals
    is_live: bool
    live_until: datetime | None
    legend: Legend
    shades: list[Choice]
    orders: list[Choice]
    rows: list[list[Place]]
    cells: tuple[Cell, ...]
    has_asics: bool
    has_gpus: bool
    as_of: datetime
    stale_after_s: int


def container_page(container: Container, asked: Mapping[str, str], shade: str, order: str) -> ContainerPage:
    """The page of a container that the person may see; `shade` is one of SHADES, `order` one of ORDERS."""
    now = clock.now()
    said = queries.container_totals([container.pk])[container.pk]
    totals, live = live_totals(said, now), is_fresh(said.swept_at, now)
    cells = [live_cell(cell, now) for cell in queries.cells(container.pk)]
    kinds = {cell.kind for cell in cells}
    legend = legend_of(SHADES[shade], cells)
    return ContainerPage(
        title=answer(container, totals, cells),
        crumbs=where(container),
        container=container,
        totals=totals,
        is_live=live,
        live_until=live_until(said.swept_at) if live else None,
        legend=legend,
        shades=choices(asked, "show", shades_of(cells, shade), shade),
        orders=choices(asked, "sort", ORDERS, order, "machines"),
        rows=places(container.rows, container.columns, cells, legend),
        cells=tuple(ordered(cells, order)),
        has_asics="asic" in kinds,
        has_gpus="gpu" in kinds,
        as_of=now,
        stale_after_s=stale_after_s(),
    )


def where(container: Container) -> tuple[crumbs.Crumb, ...]:
    site = container.site
    return (
        crumbs.COMPANY,
        crumbs.region(site.region.code, site.region.name),
        crumbs.site(site.code, site.name),
        crumbs.container(site.code, container.code),
    )


def shades_of(cells: Sequence[Cell], chosen: str) -> dict[str, str]:
    """No colouring by what no machine here says."""
    return {
        one.name: one.word
        for one in SHADES.values()
        if one.kind is None or one.name == chosen or any(value_of(cell, one) is not None for cell in cells)
    }


def ordered(cells: Sequence[Cell], order: str) -> list[Cell]:
    """By slot, the worst state first, or the highest number first; a number that is not known goes last."""
    if order == "slot":
        return sorted(cells, key=lambda cell: cell.slot)
    if order == "worst":
        return sorted(cells, key=lambda cell: (RANK[cell.state], cell.slot))
    return sorted(cells, key=lambda cell: (getattr(cell, order) is None, -(getattr(cell, order) or 0.0), cell.slot))


def answer(container: Container, totals: Totals, cells: Sequence[Cell]) -> str:
    """How many machines are ok and how many need somebody."""
    name = f"{container.site.code} {container.code}"
    if totals.state in ("stale", "unknown", "maintenance"):
        return f"{name}: {totals.state}, {totals.reason}".removesuffix(", ")
    ok = sum(cell.state == "ok" for cell in cells)
    needing = sum(cell.state in ("critical", "warning", "stale") for cell in cells)
    if not needing:
        return f"{name}: {ok} of {len(cells)} machines ok"
    return f"{name}: {ok} of {len(cells)} machines ok, {needing} {'needs' if needing == 1 else 'need'} you"


def charts_of(page: ContainerPage) -> list[Chart]:
    container = page.container
    of = f"{container.site.code}/{container.code}"
    return charts(
        "container", of, f"container/{container.pk}",
        has_asics=page.has_asics, has_gpus=page.has_gpus, has_meter=False,
    )  # fmt: skip
