"""The board: one row a site, grouped by region or sorted by what is wrong, in two columns. Pure.

What a site last said before it went silent is not shown as if it were so now: a stale or unknown row has no numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from cango_ops.base.daylight import is_day
from cango_ops.base.figures import common_unit
from compute.decisions.money_now import SiteMoney
from compute.decisions.queries import USES
from compute.telemetry.answers import Totals
from sites.models import Site

SORTS: Final = {"region": "Region", "worst": "Worst", "money": "Money", "uptime": "Uptime", "size": "Size"}
RANK: Final = {"critical": 0, "stale": 1, "warning": 2, "unknown": 3, "maintenance": 4, "ok": 5}
NEEDS_YOU: Final = frozenset({"critical", "stale", "warning"})
ONE_COLUMN: Final = 12


@dataclass(frozen=True)
class Row:
    """One site now. missing_ths: what it could run and does not (all of it where nothing is known). uptime: mean of
    operating over deployed in the range chosen. money: what its megawatts do and earn."""

    code: str
    name: str
    region: str
    region_code: str
    state: str
    reason: str
    since: datetime | None
    swept_at: datetime | None
    time_zone: str
    local_time: str
    is_day: bool
    hashrate_ths: float | None
    deployed_ths: float
    ratio: float | None
    power_w: float | None
    uptime: float | None
    gpu_utilisation_pct: float | None
    has_gpus: bool
    missing_ths: float
    money: SiteMoney

    @property
    def uses(self) -> list[tuple[str, float]]:
        """Megawatts by use, in the order that every bar and chart has."""
        return in_order(self.money.uses_mw) if self.is_live else []

    @property
    def needs_you(self) -> bool:
        return self.state in NEEDS_YOU

    @property
    def is_live(self) -> bool:
        return self.state not in ("stale", "unknown")


@dataclass(frozen=True)
class Group:
    """Rows under one heading. heading: empty where the board is not grouped. continued: began in the column before."""

    heading: str
    region_code: str
    ok: int
    sites: int
    continued: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Board:
    """columns: the groups of each. The units hold for every row, so that numbers compare by their length."""

    columns: tuple[tuple[Group, ...], ...]
    sort: str
    hashrate_unit: str
    power_unit: str


def in_order(uses_mw: Mapping[str, float]) -> list[tuple[str, float]]:
    return [(use, uses_mw[use]) for use in USES if use in uses_mw]


def row(site: Site, totals: Totals, uptime: float | None, money: SiteMoney, now: datetime) -> Row:
    live = totals.state not in ("stale", "unknown")
    running = totals.hashrate_ths or 0.0
    local = now.astimezone(ZoneInfo(site.time_zone))
    power_w = totals.power_w if totals.meter_power_w is None else totals.meter_power_w
    return Row(
        code=site.code, name=site.name, region=site.region.name, region_code=site.region.code,
        state=totals.state, reason=totals.reason, since=totals.since, swept_at=totals.swept_at,
        time_zone=site.time_zone, local_time=f"{local:%H:%M}", is_day=daylight(site, now, local),
        hashrate_ths=totals.hashrate_ths if live else None, deployed_ths=totals.deployed_ths,
        ratio=totals.operating_ratio if live else None, power_w=power_w if live else None, uptime=uptime,
        gpu_utilisation_pct=totals.gpu_utilisation_pct if live else None, has_gpus=totals.gpus > 0,
        missing_ths=max(0.0, totals.deployed_ths - running) if live else totals.deployed_ths, money=money,
    )  # fmt: skip


def daylight(site: Site, now: datetime, local: datetime) -> bool:
    """By the sun where the place is known, else by the clock."""
    if site.latitude is None or site.longitude is None:
        return 6 <= local.hour < 18
    return is_day(site.latitude, site.longitude, now)


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """What is missing decides among equals, so that the costliest trouble is on top."""
    return sorted(rows, key=lambda row: (RANK[row.state], -row.missing_ths, row.code))


def board(rows: Sequence[Row], sort: str) -> Board:
    groups = by_region(rows) if sort == "region" else [ungrouped(sorted_rows(rows, sort))]
    return Board(
        columns=tuple(tuple(part) for part in in_columns(groups, len(rows))),
        sort=sort,
        hashrate_unit=common_unit([row.deployed_ths for row in rows], "ths"),
        power_unit=common_unit([row.power_w for row in rows], "w"),
    )


def sorted_rows(rows: Sequence[Row], sort: str) -> list[Row]:
    if sort == "uptime":
        return sorted(rows, key=lambda row: (row.uptime is None, row.uptime, row.code))
    if sort == "money":
        return sorted(rows, key=lambda row: (row.money.usd_per_h is None, -(row.money.usd_per_h or 0.0), row.code))
    if sort == "size":
        return sorted(rows, key=lambda row: (-row.deployed_ths, row.code))
    return worst_first(rows)


def by_region(rows: Sequence[Row]) -> list[Group]:
    ordered = sorted(rows, key=lambda row: (row.region, row.code))
    return [group(name, list(members)) for name, members in groupby(ordered, key=lambda row: row.region)]


def group(name: str, rows: Sequence[Row]) -> Group:
    ok = sum(row.state == "ok" for row in rows)
    return Group(name, rows[0].region_code, ok, len(rows), False, tuple(rows))


def ungrouped(rows: Sequence[Row]) -> Group:
    return Group("", "", 0, len(rows), False, tuple(rows))


def in_columns(groups: Sequence[Group], rows: int) -> list[list[Group]]:
    """The groups in one column where few rows are, else in two of nearly equal length; one group may be cut."""
    if rows <= ONE_COLUMN:
        return [list(groups)]
    headings = sum(bool(one.heading) for one in groups)
    # The group that is cut has its heading twice.
    room = (rows + headings + (2 if headings else 1)) // 2
    left: list[Group] = []
    right: list[Group] = []
    for one in groups:
        free = max(0, room - (1 if one.heading else 0))
        head, tail = one.rows[:free], one.rows[free:]
        if head:
            left.append(part(one, head, continued=False))
            room = free - len(head)
        if tail:
            right.append(part(one, tail, continued=bool(head)))
            room = 0
    return [left, right]


def part(one: Group, rows: tuple[Row, ...], continued: bool) -> Group:
    return Group(one.heading, one.region_code, one.ok, one.sites, continued, rows)
