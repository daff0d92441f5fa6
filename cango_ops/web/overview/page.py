"""What the overview shows, read once and ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.conf import settings

from cango_ops.base import crumbs
from cango_ops.base.chart import Chart, Line
from cango_ops.base.timespan import Span
from cango_ops.units import efficiency_jth
from cango_ops.web.overview.board import SORTS, Board, board, in_order, row
from cango_ops.web.overview.coins import Held, Today, held, today
from cango_ops.web.overview.lines import DayLines, day_lines
from cango_ops.web.shared import shared
from compute.decisions.money_now import money_now, total_uses
from compute.telemetry import queries
from compute.telemetry.answers import FleetTotals
from compute.telemetry.totals_now import of_fleet
from compute.telemetry.uptime import uptimes
from sites.models import Site

UPTIMES_S: Final = 10.0
LINES_S: Final = 30.0
MONEY_S: Final = 5.0
CHARTS: Final = (
    Chart(
        "chart-hashrate", "Hashrate", "fleet",
        (Line("hashrate_ths", "operating", "ths"), Line("deployed_ths", "deployed", "ths", "quiet", dashed=True)),
        "fleet",
    ),
)  # fmt: skip


class Choice(NamedTuple):
    """One sort of the board, as a link."""

    word: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class Overview:
    """title: the answer in one line. uptime: of the range chosen. power_w: of each live site what its meter says, and
    where it has none, its machines (many do not say theirs). uses: megawatts by use of all sites. usd_per_h: margin of
    the `priced` sites, which have a good plan. held: only for those who see the books. stale_after_s: an age beyond it
    is no longer live.
    """

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    fleet: FleetTotals
    uptime: float | None
    power_w: float | None
    efficiency_jth: float | None
    uses: list[tuple[str, float]]
    usd_per_h: float | None
    priced: int
    today: Today
    held: Held | None
    lines: DayLines
    board: Board
    sites: int
    silent: int
    counts: tuple[tuple[str, int], ...]
    as_of: datetime
    stale_after_s: int


def overview(sites: Sequence[Site], span: Span, sort: str, *, sees_books: bool) -> Overview:
    """The page of these sites, each of which the person may see."""
    now = datetime.now(UTC)
    ids = [site.pk for site in sites]
    totals = queries.site_totals(ids)
    fleet = of_fleet(totals.values())
    run = shared(UPTIMES_S, "uptimes", ids, span.query, make=lambda: uptimes(ids, span.start, span.end))
    lines = shared(LINES_S, "lines", ids, make=lambda: day_lines(ids, now))
    money = shared(MONEY_S, "money", ids, make=lambda: money_now(ids, now))
    rows = [row(site, totals[site.pk], run.by_site.get(site.pk), money[site.pk], now) for site in sites]
    earning = [one.usd_per_h for one in money.values() if one.usd_per_h is not None]
    power_w = total([one.power_w for one in rows])
    return Overview(
        title=answer(fleet),
        crumbs=where(sites),
        fleet=fleet,
        uptime=run.all_sites,
        power_w=power_w,
        efficiency_jth=efficiency_jth(power_w, fleet.hashrate_ths),
        uses=in_order(total_uses(money.values())),
        usd_per_h=total(earning),
        priced=len(earning),
        today=today(ids, now),
        held=held(now) if sees_books else None,
        lines=lines,
        board=board(rows, sort),
        sites=len(sites),
        silent=fleet.devices - fleet.reporting,
        counts=tuple((state, count) for state, count in fleet.by_site_state.items() if state != "ok" and count),
        as_of=now,
        stale_after_s=2 * settings.SWEEP_S + 5,
    )


def total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def answer(fleet: FleetTotals) -> str:
    """The page's title: how many are ok, how many need somebody, and what else there is to say."""
    count, all_of = fleet.by_site_state, fleet.sites
    if not all_of:
        return "No sites to show"
    if count.get("ok") == all_of:
        return {1: "Your site is ok", 2: "Both sites ok"}.get(all_of, f"All {all_of} sites ok")
    needing = count.get("critical", 0) + count.get("warning", 0) + count.get("stale", 0)
    parts = [f"{count.get('ok', 0)} of {all_of} sites ok"]
    if needing:
        parts.append(f"{needing} need you" if needing > 1 else "1 needs you")
    if count.get("maintenance"):
        parts.append(f"{count['maintenance']} in maintenance")
    if count.get("unknown"):
        parts.append(f"{count['unknown']} never polled")
    return ", ".join(parts)


def where(sites: Sequence[Site]) -> tuple[crumbs.Crumb, ...]:
    """The company, and the region where all the sites are of one."""
    regions = {(site.region.code, site.region.name) for site in sites}
    return (crumbs.COMPANY, *(crumbs.region(*one) for one in regions)) if len(regions) == 1 else (crumbs.COMPANY,)


def charts_of(region: str) -> tuple[Chart, ...]:
    """Of all sites, or of those in the region of that code."""
    return tuple(replace(one, scope="region", of=region) for one in CHARTS) if region else CHARTS


def choices(sort: str, region: str, span: Span) -> dict[str, Choice]:
    """The sorts of the board by name."""
    kept = {key: value for key, value in (("region", region),) if value} | dict(parse_qsl(span.query))
    return {
        name: Choice(word, "?" + urlencode({"sort": name} | kept, safe=":"), name == sort)
        for name, word in SORTS.items()
    }
