"""What the pages of switching show, read once and ready to print."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.safestring import SafeString

from cango_ops.base import clock
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.crumbs import site as site_crumb
from cango_ops.base.figures import dollars
from cango_ops.base.models import User
from compute.decisions import queries
from compute.decisions.queries import DayTold, MonthTold, UseNow
from compute.decisions.states import OPEN
from compute.decisions.uses import Worth
from compute.models import Decision, DecisionApproval, Plan
from compute.switching.planning import Source
from compute.web.switching.dots import Axis, axis_of, dots
from compute.web.switching.what_if import NAMES
from sites import rights
from sites.models import Site

HERE: Final = Crumb("Switching", "/switching/")
MOST_ENDED: Final = 20
MOST_PAST: Final = 25
MOST_DAYS: Final = 14
D = Decision.State
STATES: Final = {
    D.PROPOSED: "warning", D.HELD: "maintenance", D.APPROVED: "ok", D.ORDERED: "ok", D.DONE: "ok", D.FAILED: "critical",
    D.REFUSED: "unknown", D.SUPERSEDED: "unknown", D.EXPIRED: "unknown",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A decision with what the person may do about it. state: the console's word for it."""

    decision: Decision
    state: str
    may_judge: bool
    has_said: bool
    missing: int


@dataclass(frozen=True)
class SiteLine:
    """One site in the list. worth: uses of a MWh now, the best first.   drawn: they as dots."""

    code: str
    name: str
    state: str
    words: str
    price_usd_mwh: float | None
    load_mw: float | None
    worth: Sequence[Worth] = ()
    made_at: datetime | None = None
    drawn: SafeString = SafeString("")  # noqa: RUF009 - never changed

    @property
    def best(self) -> Worth | None:
        return self.worth[0] if self.worth else None


@dataclass(frozen=True)
class SwitchingPage:
    title: str
    crumbs: tuple[Crumb, ...]
    uses: list[tuple[str, UseNow]]
    heard: int
    axis: Axis
    sites: list[SiteLine]
    waiting: list[Row]
    running: list[Row]
    ended: list[Row]
    as_of: datetime


def switching_page(user: User) -> SwitchingPage:
    now = clock.now()
    sites = list(Site.objects.visible_to(user))
    ids = [site.pk for site in sites]
    standing = rows_of(user, list(queries.open_decisions(user)))
    waiting = [row for row in standing if row.decision.state in (D.PROPOSED, D.HELD)]
    found, heard = queries.uses_now(ids, now)
    lines = site_lines(sites, now)
    axis = axis_of(line.worth for line in lines)
    return SwitchingPage(
        title=answer(waiting, lines),
        crumbs=(COMPANY, HERE),
        uses=[(NAMES[use.use], use) for use in found],
        heard=heard,
        axis=axis,
        sites=[replace(line, drawn=dots(line.worth, axis)) if line.worth else line for line in lines],
        waiting=waiting,
        running=[row for row in standing if row not in waiting],
        ended=rows_of(user, list(queries.ended_decisions(user, now, MOST_ENDED))),
        as_of=now,
    )


def answer(waiting: list[Row], lines: list[SiteLine]) -> str:
    held = sum(line.state != "ok" for line in lines)
    tail = f"; {held} of {len(lines)} sites not decided about" if held else ""
    if not waiting:
        return f"No decision waits for you{tail}"
    worth = sum(float(row.decision.usd_per_h) for row in waiting)
    one = len(waiting) == 1
    return f"{len(waiting)} decision{'' if one else 's'} wait{'s' if one else ''}, {dollars(worth, 0)} an hour{tail}"


def rows_of(user: User, decisions: list[Decision]) -> list[Row]:
    """Three queries however many decisions."""
    places = {decision.site for decision in decisions}
    held = rights.at_each_site(user, places)
    said = set(
        DecisionApproval.objects.filter(approver=user, decision__in=decisions).values_list("decision", flat=True)
    )
    return [
        Row(
            decision=one,
            state=STATES[D(one.state)],
            may_judge=one.state == D.PROPOSED and rights.APPROVE in held[one.site.code],
            has_said=one.pk in said,
            missing=max(0, one.approvals_needed - getattr(one, "given", 0)),
        )
        for one in decisions
    ]


def site_lines(sites: Collection[Site], now: datetime) -> list[SiteLine]:
    """Sites that nothing is decided about first, then those where a MWh earns most."""
    plans = queries.newest_plans([site.pk for site in sites])
    lines = [site_line(site, plans.get(site.pk), now) for site in sites]
    return sorted(lines, key=lambda line: (line.state == "ok", -(line.best.margin_usd_per_mwh if line.best else 0.0)))


def site_line(site: Site, plan: Plan | None, now: datetime) -> SiteLine:
    if plan is None:
        return SiteLine(site.code, site.name, "unknown", "never planned", None, None)
    if not queries.is_good(plan, now):
        return SiteLine(site.code, site.name, "stale", "the last plan is too old", None, None, (), plan.made_at)
    if not plan.schedule:
        return SiteLine(site.code, site.name, "warning", plan.words, None, None, (), plan.made_at)
    return SiteLine(
        site.code, site.name, "ok", verdict_of(plan), plan.schedule["price_usd_mwh"][0], plan.schedule["load_mw"][0],
        worth_of(plan.schedule), plan.made_at,
    )  # fmt: skip


def verdict_of(plan: Plan) -> str:
    """With what stood in for the solver, where it could not plan."""
    return plan.verdict if plan.source in ("", Source.SOLVER.value) else f"by the {plan.source}: {plan.verdict}"


def worth_of(schedule: Mapping[str, Any]) -> tuple[Worth, ...]:
    return tuple(Worth(**row) for row in schedule.get("worth") or [])


# One site


@dataclass(frozen=True)
class SitePage:
    """worth: uses of a MWh now, best first.   tiers: power by tier and mode.   days, months: hindsight."""

    title: str
    crumbs: tuple[Crumb, ...]
    site: Site
    plan: Plan | None
    is_good: bool
    worth: list[Worth]
    tiers: list[dict[str, Any]]
    most_usd: float
    rows: list[Row]
    days: list[DayTold]
    months: list[MonthTold]
    past: list[Row]
    as_of: datetime


def site_page(user: User, site: Site) -> SitePage:
    now = clock.now()
    plan = queries.newest_plans([site.pk]).get(site.pk)
    good = plan is not None and queries.is_good(plan, now)
    worth = [Worth(**row) for row in plan.schedule.get("worth", [])] if plan is not None and good else []
    decisions = queries.with_people(Decision.objects.visible_to(user).filter(site=site))
    standing = rows_of(user, list(decisions.filter(state__in=OPEN).order_by("-proposed_at")))
    ended = decisions.exclude(state__in=OPEN).order_by("-proposed_at")[:MOST_PAST]
    return SitePage(
        title=site_answer(site, plan, good, standing),
        crumbs=(COMPANY, HERE, site_crumb(site.code, site.name), Crumb("Switching", f"/sites/{site.code}/switching/")),
        site=site,
        plan=plan,
        is_good=good,
        worth=worth,
        tiers=plan.schedule.get("tiers", []) if plan is not None and good else [],
        most_usd=max((abs(one.margin_usd_per_mwh) for one in worth), default=1.0) or 1.0,
        rows=standing,
        days=queries.days(site, MOST_DAYS),
        months=queries.months([site.pk]),
        past=rows_of(user, list(ended)),
        as_of=now,
    )


def site_answer(site: Site, plan: Plan | None, good: bool, standing: list[Row]) -> str:
    if plan is None:
        return f"{site.name}: never planned"
    if not good:
        return f"{site.name}: the last plan is too old to act on"
    if not plan.schedule:
        return f"{site.name}: nothing is decided, {plan.words}"
    if any(row.decision.state == D.PROPOSED for row in standing):
        return f"{site.name}: a decision waits"
    return f"{site.name} goes on as now: {plan.verdict}"


# The chart


def company_chart(user: User, region: str) -> dict[str, Any]:
    """All plans together from now on, and before now what was measured; of one region where its code is given."""
    now = clock.now()
    sites = Site.objects.visible_to(user)
    ids = list((sites.filter(region__code=region) if region else sites).values_list("pk", flat=True))
    ahead = queries.company_ahead(queries.newest_plans(ids).values(), now)
    return chart(ahead.begin_at, ahead.columns, now, {"sites": ahead.sites, "actual": queries.measured_day(ids, now)})


def site_chart(site: Site) -> dict[str, Any]:
    """The plan from now on; before now what the plans of that time said, against what was measured."""
    now = clock.now()
    plan = queries.newest_plans([site.pk]).get(site.pk)
    if plan is None or not plan.schedule or not queries.is_good(plan, now):
        return chart(None, {}, now, {"actual": actual(site, now)})
    ahead = queries.company_ahead([plan], now)
    quarters = queries.by_quarters(plan, plan.begin_at, len(ahead.columns["mining_mw"]))
    ahead.columns["hashprice"] = [None if value != value else float(value) for value in quarters["hashprice"]]
    return chart(ahead.begin_at, ahead.columns, now, {"actual": actual(site, now)})


def chart(
    begin: datetime | None, columns: dict[str, list[float | None]], now: datetime, more: dict[str, Any]
) -> dict[str, Any]:
    steps = len(next(iter(columns.values()), [])) if begin is not None else 0
    times = [milliseconds(begin + timedelta(minutes=15 * at)) for at in range(steps) if begin is not None]
    return {"now": milliseconds(now), "times": times, "columns": columns, **more}


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def actual(site: Site, now: datetime) -> dict[str, list[Any]]:
    """The last day: megawatts at the meter or of the machines, and what was planned for each quarter hour then."""
    return queries.past_day(site, now)
