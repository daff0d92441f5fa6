"""What the pages of alerts show, read once and ready to print."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cango_ops.alerts import queries
from cango_ops.alerts.models import Alert, AlertEvent, Delivery, Silence
from cango_ops.base import clock
from cango_ops.base.chart import Chart, Line
from cango_ops.base.crumbs import COMPANY, Crumb, site
from cango_ops.base.models import JobRun, User
from cango_ops.web.alerts.rows import Row, row
from cango_ops.web.alerts.seen import has, may_act, may_silence_site, seen
from cango_ops.web.alerts.table import RULES
from compute.web.choices import Choice, choices
from sites import rights
from sites.models import Site

HERE: Final = Crumb("Alerts", "/alerts/")
MOST: Final = 200
MOST_EARLIER: Final = 10
LATE_S: Final = 90
WORDS: Final = {
    "open": "Open", "firing": "Nobody has them", "pending": "Pending", "silenced": "Silent",
    "covered": "Part of another", "resolved": "Over", "all": "All",
}  # fmt: skip
ANY: Final = "any"
SEVERITIES: Final = {ANY: "Any", "critical": "Critical", "warning": "Warning", "decision": "To decide"}


@dataclass(frozen=True)
class Quiet:
    """A whole site that is silent."""

    silence: Silence
    may_end: bool


@dataclass(frozen=True)
class AlertsPage:
    """late_since: set where the rules have not been judged in time; then what is shown is as old."""

    title: str
    crumbs: tuple[Crumb, ...]
    rows: tuple[Row, ...]
    has_more: bool
    states: list[Choice]
    severities: list[Choice]
    site: str
    state: str
    silences: tuple[Quiet, ...]
    judged_at: datetime | None
    is_late: bool
    as_of: datetime


@dataclass(frozen=True)
class AlertPage:
    """earlier: episodes of the same subject before this one."""

    title: str
    crumbs: tuple[Crumb, ...]
    row: Row
    why: str
    may_silence_site: bool
    may_set: bool
    events: tuple[AlertEvent, ...]
    earlier: tuple[Row, ...]
    silences: tuple[Quiet, ...]
    deliveries: tuple[Delivery, ...]
    as_of: datetime


def alerts_page(user: User, asked: Mapping[str, str], state: str, severity: str, code: str) -> AlertsPage:
    now, mine = clock.now(), seen(user)
    rows = queries.listed(mine, state)
    rows = rows if severity == ANY else rows.filter(severity=severity)
    places = {one.pk: one for one in Site.objects.visible_to(user)}
    if code:
        rows = rows.filter(site_id__in=[pk for pk, one in places.items() if one.code == code])
    found = list(rows[: MOST + 1])
    acting = acting_at(user, found, places)
    counted = queries.counts(mine)
    judged_at = last_judged()
    return AlertsPage(
        title=answer(counted, is_late=is_late(judged_at, now)), crumbs=(COMPANY, HERE),
        rows=tuple(row(one, may_act=one.pk in acting) for one in found[:MOST]), has_more=len(found) > MOST,
        states=choices(asked, "state", {name: worded(name, counted) for name in WORDS}, state),
        severities=choices(asked, "severity", SEVERITIES, severity), site=code, state=state,
        silences=quiet(user, queries.silences(places, now), places), judged_at=judged_at,
        is_late=is_late(judged_at, now), as_of=now,
    )  # fmt: skip


def worded(name: str, counted: Mapping[str, int]) -> str:
    return f"{WORDS[name]} {counted[name]}" if counted.get(name) else WORDS[name]


def answer(counted: Mapping[str, int], *, is_late: bool) -> str:
    calling, untaken = counted["open"], counted["firing"]
    if not calling:
        return "Nobody knows: the rules are not judged" if is_late else "No alert is open"
    taken = "nobody has them" if untaken == calling > 1 else f"{untaken} that nobody has"
    one = "1 alert is open" if calling == 1 else f"{calling} alerts are open"
    return f"{one}, {taken}" if untaken and calling > 1 else one if not untaken else f"{one} that nobody has"


def last_judged() -> datetime | None:
    runs = JobRun.objects.filter(name="alerts.evaluate", outcome__in=(JobRun.Outcome.DONE, JobRun.Outcome.FAILED))
    return runs.order_by("-started_at").values_list("finished_at", flat=True).first()


def is_late(judged_at: datetime | None, now: datetime) -> bool:
    return judged_at is None or (now - judged_at).total_seconds() > LATE_S


def acting_at(user: User, alerts: Collection[Alert], places: Mapping[int, Site]) -> set[int]:
    """Ids of those that the person may take; the sites' by one query, however many."""
    held = rights.at_each_site(user, places.values())
    found = set()
    of_others: dict[tuple[str, int | None], bool] = {}
    for one in alerts:
        if one.site_id is not None:
            allowed = one.site_id in places and rights.OPERATE in held[places[one.site_id].code]
        else:
            kind = one.scope, one.operator_id
            if kind not in of_others:
                of_others[kind] = may_act(user, one)
            allowed = of_others[kind]
        if allowed:
            found.add(one.pk)
    return found


def quiet(user: User, rows: Collection[Silence], places: Mapping[int, Site]) -> tuple[Quiet, ...]:
    held = rights.at_each_site(user, [places[one.site_id] for one in rows if one.site_id])
    return tuple(Quiet(one, rights.APPROVE in held.get(one.place, [])) for one in rows)


def alert_page(user: User, alert: Alert) -> AlertPage:
    now, acts = clock.now(), may_act(user, alert)
    one = row(alert, may_act=acts)
    standing = [
        Quiet(silence, acts if silence.rule else may_silence_site(user, alert))
        for silence in queries.silences_of(alert, now)
    ]
    where = (site(alert.place, alert.place),) if alert.site_id is not None else ()
    rule = RULES.get(alert.rule)
    return AlertPage(
        title=f"{alert.place}: {one.title}",
        crumbs=(COMPANY, HERE, *where, Crumb(str(alert.pk), f"/alerts/{alert.pk}/")),
        row=one, why=rule.why if rule else "this rule exists no more",
        may_silence_site=may_silence_site(user, alert), may_set=has(user, alert, rights.CONFIGURE),
        events=tuple(alert.events.all()), earlier=tuple(row(before) for before in queries.earlier(alert, MOST_EARLIER)),
        silences=tuple(standing),
        deliveries=tuple(alert.deliveries.filter(route__user=user).select_related("route")), as_of=now,
    )  # fmt: skip


def charts_of(alert: Alert) -> tuple[Chart, ...]:
    """What the alert is about over time, where a series tells."""
    if not alert.shown:
        return ()
    shown = alert.shown
    lines = [Line(shown["metric"], NAMES.get(shown["metric"], shown["metric"]), shown["kind"])]
    if shown["metric"] == "hashrate_ths":
        lines.append(Line("deployed_ths", "deployed", "ths", "quiet", dashed=True))
    if shown["metric"] == "meter_power_w":
        lines.append(Line("power_w", "machines", "w", "quiet"))
    return (Chart("chart-alert", "What it is about", shown["scope"], tuple(lines), f"site/{shown['of']}", shown["of"]),)


NAMES: Final = {
    "hashrate_ths": "operating", "coverage_pct": "machines that answer", "temp_max_c": "hottest",
    "meter_power_w": "meter", "gpu_utilisation_pct": "GPU utilisation",
}  # fmt: skip
