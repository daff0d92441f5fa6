"""Events that came over a place: alerts, planned outages, calls of a grid programme, prices."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from django.db.models import Q

from cango_ops.alerts.models import Alert, AlertEvent
from cango_ops.alerts.rules import EVERYONE, SITE
from cango_ops.base.figures import dollars
from cango_ops.base.models import User
from cango_ops.web.alerts.seen import seen
from cango_ops.web.alerts.table import title_of
from cango_ops.web.events.event import Event
from cango_ops.web.events.place import WHOLE, Place
from sites.models import MarketPrice, PlannedWindow, PowerContract, ProgrammeCall
from sites.tariffs.terms import REAL_TIME

# At 40 $/PH/day the best machine of today (15 J/TH) earns 111 $/MWh: above this none does.
HIGH_USD_PER_MWH: Final = Decimal(150)


def alerts(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    """Since when it was so, not since when somebody was told. Rules are per site: a machine's chart has its site's."""
    rows = Alert.objects.filter(of_place(user, place), since__gte=start, since__lt=end, covered_by=None)
    fired = rows.exclude(fired_at=None).order_by("-since")
    return [
        Event("alert", one.since, one.place, f"{one.place}: {title_of(one.rule)}. {one.sentence}", f"/alerts/{one.pk}/",
              one.severity if one.severity in ("critical", "warning") else "ink", one.resolved_at)
        for one in fired[:most]
    ]  # fmt: skip


def of_place(user: User, place: Place) -> Q:
    here = Q(scope=SITE, site_id__in=[site.pk for site in place.sites])
    return seen(user) & (here | Q(scope=EVERYONE) if place.scope == "fleet" else here)


def comments(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    """What people wrote at alerts."""
    mine = Alert.objects.filter(of_place(user, place))
    rows = AlertEvent.objects.filter(kind="note", at__gte=start, at__lt=end, alert__in=mine).select_related("alert")
    return [
        Event(
            "note", one.at, one.alert.place, f"{one.alert.place}, {one.actor}: {one.words}", f"/alerts/{one.alert_id}/"
        )
        for one in rows.order_by("-at")[:most]
    ]


def windows(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    rows = PlannedWindow.objects.between(start, end).filter(site__in=place.sites).select_related("site")
    if place.container is not None:
        rows = rows.filter(Q(container_id=None) | Q(container_id=place.container.pk))
    return [
        Event("window", one.begin_at, one.place, f"{one.place}, {one.get_kind_display().lower()}: {one.reason}",
              f"/sites/{one.site.code}/outages/", "maintenance", one.end_at, lasts=True)
        for one in rows[:most]
    ]  # fmt: skip


def calls(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    rows = ProgrammeCall.objects.filter(
        programme__site__in=place.sites, begin_at__lt=end, end_at__gt=start, withdrawn_at=None
    ).select_related("programme__site")
    return [
        Event("call", one.begin_at, one.programme.site.code,
              f"{one.programme.site.code}: {one.programme.name} calls for load to go",
              f"/sites/{one.programme.site.code}/programmes/", "ink", one.end_at, lasts=True)
        for one in rows[:most]
    ]  # fmt: skip


def prices(user: User, place: Place, start: datetime, end: datetime, most: int) -> list[Event]:
    """Runs of intervals in which the running price of a market was below zero, or above what any machine earns."""
    of_site = PowerContract.objects.filter(site__in=place.sites).exclude(market="")
    markets: dict[str, list[str]] = {}
    for market, code in of_site.order_by("site__code").values_list("market", "site__code").distinct():
        markets.setdefault(market, []).append(code)
    unusual = Q(usd_per_mwh__lt=0) | Q(usd_per_mwh__gt=HIGH_USD_PER_MWH)
    rows = MarketPrice.objects.filter(
        unusual, market__in=markets, index=REAL_TIME, replaced_at=None, start_at__gte=start, start_at__lt=end
    )
    newest = sorted(rows.order_by("-start_at")[:most], key=lambda row: (row.market, row.start_at))
    return [price_event(run, markets[run[0].market], place) for run in runs(newest)]


def runs(rows: list[MarketPrice]) -> Iterator[list[MarketPrice]]:
    """Intervals of one market and one sign that follow each other."""
    run = rows[:1]
    for before, row in pairwise(rows):
        if follows(before, row):
            run.append(row)
            continue
        yield run
        run = [row]
    if run:
        yield run


def follows(before: MarketPrice, row: MarketPrice) -> bool:
    is_next = row.start_at - before.start_at <= timedelta(minutes=before.minutes)
    return row.market == before.market and is_next and (row.usd_per_mwh < 0) == (before.usd_per_mwh < 0)


def price_event(run: list[MarketPrice], codes: Iterable[str], place: Place) -> Event:
    first, last, where = run[0], run[-1], ", ".join(codes)
    furthest = max((row.usd_per_mwh for row in run), key=abs)
    side = "below zero" if furthest < 0 else f"above ${HIGH_USD_PER_MWH}/MWh"
    url = "/switching/" if place.scope in WHOLE else f"/sites/{place.sites[0].code}/switching/"
    return Event(
        "price", first.start_at, where, f"{first.market} {side}, at most {dollars(furthest, 2, '/MWh')}", url, "ink",
        last.start_at + timedelta(minutes=last.minutes),
    )  # fmt: skip
