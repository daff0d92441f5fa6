"""Rules of the places: power meters that are silent, market prices that do not come."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cango_ops.alerts.rules import CONSOLE, SITE, WARNING, Context, Finding, Place, Rule, Verdicts
from cango_ops.alerts.table import RuleSet
from sites.models import MarketFeed, Meter, PlannedWindow, PowerContract, Site

METER_SILENT: Final = Rule(
    name="meter.silent", title="Meter silent", severity=WARNING, hold_s=180,
    why="without its meter a site's power is what the machines say, and many do not", under_link=True,
)  # fmt: skip
MARKET_SILENT: Final = Rule(
    name="market.silent", title="No market price", severity=WARNING, hold_s=0, limit=1800, clear_limit=900, unit="s",
    why="sites whose contract follows the market are not decided about without its price", of_sites=False,
)  # fmt: skip
NO_PRICE: Final = "what it costs depends on the prices that are not known"


def place_of(site: Site) -> Place:
    return Place(SITE, site.code, site.pk, site.operator_id)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned to be off now: numbers of whole sites, and of containers. Nobody is called to those."""

    sites: frozenset[int]
    containers: frozenset[int]


def planned(now: datetime) -> Planned:
    rows = list(PlannedWindow.objects.at(now).values_list("site_id", "container_id"))
    whole = frozenset(site_id for site_id, container_id in rows if container_id is None)
    return Planned(whole, frozenset(container_id for _, container_id in rows if container_id is not None))


def check(context: Context) -> Verdicts:
    return Verdicts([*meters(context), *markets(context)], {METER_SILENT.name, MARKET_SILENT.name})


def meters(context: Context) -> list[Finding]:
    silent: dict[Site, list[Meter]] = defaultdict(list)
    off = planned(context.now).sites
    for meter in Meter.objects.filter(failing_since__isnull=False).select_related("site"):
        if meter.site_id not in off:
            silent[meter.site].append(meter)
    return [
        Finding(
            rule=METER_SILENT.name, subject=f"site/{site.code}", place=place_of(site),
            sentence=f"{named([one.name for one in rows], 'meter', 'meters')} silent: {rows[0].failing_reason}",
            since=min(one.failing_since for one in rows if one.failing_since),
            action="Look at the meters", url=f"/sites/{site.code}/", usd_why="it costs sight, not dollars",
        )
        for site, rows in silent.items()
    ]  # fmt: skip


def markets(context: Context) -> list[Finding]:
    limit = timedelta(seconds=context.limit(MARKET_SILENT.name, ""))
    failing = MarketFeed.objects.filter(failing_since__isnull=False).exclude(observed_at__gt=context.now - limit)
    followed = set(PowerContract.objects.exclude(market="").filter(kind="index").values_list("market", flat=True))
    return [
        Finding(
            rule=MARKET_SILENT.name, subject=f"market/{feed.market}", place=Place(CONSOLE, "Power prices"),
            sentence=f"{feed.market} gives no price: {feed.failing_reason}", since=feed.failing_since,
            action="Look at the system", url="/system/", usd_why=NO_PRICE,
        )
        for feed in failing
        if feed.market in followed
    ]  # fmt: skip


def named(names: list[str], one: str, many: str, most: int = 3) -> str:
    """ "meter main", or "4 meters (a, b, c and 1 more)"."""
    if len(names) == 1:
        return f"{one} {names[0]}"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{len(names)} {many} ({', '.join(names[:most])}{more})"


SETS: Final = (RuleSet("sites", (METER_SILENT, MARKET_SILENT), check),)
