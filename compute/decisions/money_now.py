"""What each site does with its megawatts now, what that earns, and the decision under way: a line a site, for pages
that show many. Three queries however many sites; every site id that comes in was filtered by visible_to(user)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q, Sum

from compute.decisions.queries import PLAN_GOOD_FOR, PLANNED, USES, mw
from compute.decisions.states import OPEN
from compute.models import Container, ContainerTotals, Decision, Plan
from compute.telemetry.verdict import stale_after_s

# Of what a plan's first step says; what is sold, stored or idle nothing measures.
FIRST: Final = {use: f"schedule__{use}_mw__0" for use in PLANNED}


@dataclass(frozen=True)
class Running:
    """The open decision of a site. mw: by how much its load changes."""

    number: int
    state: str
    words: str
    mw: float


@dataclass(frozen=True)
class SiteMoney:
    """uses_mw: megawatts by use, mining and AI measured, the rest as planned; without those nobody knows.

    best_use, best_usd_mwh: the use of a MWh that earns most now, and its margin.   usd_per_h: margin of all that runs
    at the site, power paid.   Both None without a good plan.
    """

    uses_mw: Mapping[str, float] = field(default_factory=dict)
    best_use: str = ""
    best_usd_mwh: float | None = None
    usd_per_h: float | None = None
    running: Running | None = None


def money_now(site_ids: Collection[int], now: datetime) -> dict[int, SiteMoney]:
    """By site; each of them is there."""
    measured, planned, open_ones = measured_mw(site_ids, now), plans_now(site_ids, now), running(site_ids)
    return {site: of_site(measured.get(site, {}), planned.get(site), open_ones.get(site)) for site in site_ids}


def of_site(measured: Mapping[str, float], plan: Mapping[str, Any] | None, decision: Running | None) -> SiteMoney:
    if plan is None:
        return SiteMoney(measured, running=decision)
    worth: list[Mapping[str, Any]] = plan["schedule__worth"] or []
    told = {use: plan[FIRST[use]] for use in PLANNED if plan[FIRST[use]] is not None}
    return SiteMoney(
        uses_mw={**measured, **told},
        best_use=worth[0]["use"] if worth else "",
        best_usd_mwh=worth[0]["margin_usd_per_mwh"] if worth else None,
        usd_per_h=sum(one["mw"] * one["margin_usd_per_mwh"] for one in worth) if worth else None,
        running=decision,
    )


def measured_mw(site_ids: Collection[int], now: datetime) -> dict[int, dict[str, float]]:
    oldest = now - timedelta(seconds=stale_after_s(settings.SWEEP_S))
    ai = Q(container__kind=Container.Kind.GPU)
    rows = ContainerTotals.objects.filter(site__in=site_ids, swept_at__gte=oldest).order_by().values("site_id")
    sums = rows.annotate(mining=Sum("power_w", filter=~ai), ai=Sum("power_w", filter=ai))
    return {
        row["site_id"]: {use: watts for use in USES[:2] if (watts := mw(row[use])) is not None} for row in sums
    }  # fmt: skip


def plans_now(site_ids: Collection[int], now: datetime) -> dict[int, dict[str, Any]]:
    rows = Plan.objects.filter(site__in=site_ids, made_at__gte=now - PLAN_GOOD_FOR).order_by("site_id", "-made_at")
    newest = rows.distinct("site_id").values("site_id", "schedule__worth", *FIRST.values())
    return {row["site_id"]: row for row in newest}


def running(site_ids: Collection[int]) -> dict[int, Running]:
    rows = Decision.objects.filter(site__in=site_ids, state__in=OPEN).order_by("proposed_at")
    found = rows.values_list("site_id", "pk", "state", "change_mw")
    return {site: Running(pk, state, Decision.State(state).label, change) for site, pk, state, change in found}


def total_uses(sites: Iterable[SiteMoney]) -> dict[str, float]:
    """Megawatts by use of all these sites; a use that no site knows is left out."""
    totals: dict[str, float] = {}
    for site in sites:
        for use, megawatts in site.uses_mw.items():
            totals[use] = totals.get(use, 0.0) + megawatts
    return totals
