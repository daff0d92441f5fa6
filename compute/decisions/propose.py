"""Plans every site from how it stands, keeps the plan with everything it was made from, and proposes what pays.

A site that cannot be planned gets a row too, with the reason: what runs there is left alone. One site that fails never
stops the others.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction

from cango_ops.base import audit, clock, jobs, leases
from cango_ops.base.models import Lease
from cango_ops.live.publish import publish
from compute.decisions import frozen, past, rates, uses
from compute.decisions.alternatives import present
from compute.decisions.relimit import places_of
from compute.decisions.round import Round, moved_on, plan_round, told
from compute.decisions.ruling import risk_usd, ruling_of
from compute.decisions.snapshot import Snapshot, snapshot
from compute.decisions.states import OPEN, close, close_late
from compute.decisions.topics import topics_of
from compute.decisions.wording import stood_in, whole
from compute.models import Decision, Plan, SwitchMemory, Verb
from compute.switching.hysteresis import Direction, Memory
from compute.switching.plan import Plan as Schedule
from compute.switching.plan import load_mw
from compute.switching.reprice import reprice
from sites.models import Site

log = logging.getLogger(__name__)
LEASE: Final = "decisions/plan"
LEASE_S: Final = 280.0
PLANNER: Final = "planner"
# A proposal that nobody answered is too old to be carried out.
ANSWER_WITHIN: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
CENT: Final = Decimal("0.01")
D = Decision.State


def plan_sites() -> None:
    """One round of every site."""
    with jobs.run("compute.plan_sites") as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another process plans")
            return
        job.count(late=close_late(clock.now()))
        plan_each(Site.objects.order_by("code"), job, lease)


def plan_each(sites: Iterable[Site], job: jobs.Job, lease: Lease) -> None:
    for site in sites:
        try:
            job.count(**{plan_one(site, clock.now(), lease): 1})
        except leases.LeaseLost:
            raise
        except Exception:  # of one site; its row says so, and the others are planned
            log.exception("%s could not be planned", site.code)
            job.count(failed=1)
            note_failure(site, clock.now())


def plan_one(site: Site, now: datetime, lease: Lease | None = None) -> str:
    """What came of it: "held" (no plan, nothing changes), "planned", "proposed"."""
    seen = snapshot(site, now)
    if seen.inputs is None:
        write_held(seen, lease)
        return "held"
    memory = memory_of(site, now)
    this = plan_round(seen.inputs, last_schedule(seen), memory, now.timestamp() / 3600)
    return write(seen, this, lease)


def note_failure(site: Site, now: datetime) -> None:
    """A planner that breaks is said on the site's page; what runs is left alone."""
    words = "planning failed; what runs is left alone, and the log says why"
    Plan.objects.get_or_create(site=site, made_at=now, defaults={"begin_at": now, "words": words})


# What is remembered


def memory_of(site: Site, now: datetime) -> Memory:
    """What was wanted lately, and when machines were really started: a proposal that nobody took wears nothing."""
    row = SwitchMemory.objects.filter(site=site).first()
    started = past.starts_h(site, now)
    if row is None:
        return Memory(started_h=started)
    return Memory(Direction(row.wanted) if row.wanted else None, row.windows, started)


def remember(site: Site, memory: Memory) -> None:
    wanted = memory.wanted.value if memory.wanted else ""
    SwitchMemory.objects.update_or_create(site=site, defaults={"wanted": wanted, "windows": memory.windows})


def last_schedule(seen: Snapshot) -> Schedule | None:
    """The newest plan of the last hour, moved on to now."""
    assert seen.inputs is not None
    since = seen.now - timedelta(hours=1)
    row = Plan.objects.filter(site=seen.site, made_at__gte=since, chosen__isnull=False).order_by("-made_at").first()
    if row is None or row.chosen is None:
        return None
    try:
        schedule = frozen.thawed_plan(row.chosen)
    except frozen.Unreadable:
        return None
    return moved_on(schedule, seen.inputs, max(0.0, (seen.begin_at - row.begin_at) / timedelta(hours=1)))


# Writing


def write_held(seen: Snapshot, lease: Lease | None) -> None:
    with transaction.atomic():
        if lease is not None:
            leases.hold(lease)
        facts = [fact.as_json(seen.now) for fact in seen.facts]
        Plan.objects.create(
            site=seen.site, made_at=seen.now, begin_at=seen.begin_at, facts=facts, words=seen.why_not[:300],
            verdict="what runs is left alone",
        )  # fmt: skip
        SwitchMemory.objects.filter(site=seen.site).update(wanted="", windows=0)
        withdraw(seen.site, f"nothing is decided without it: {seen.why_not}")
        publish(*topics_of(seen.site.code))


def write(seen: Snapshot, this: Round, lease: Lease | None) -> str:
    with transaction.atomic():
        if lease is not None:
            leases.hold(lease)
        row = Plan.objects.create(site=seen.site, **columns(seen, this))
        remember(seen.site, this.memory)
        proposed = settle(seen, this, row)
        publish(*topics_of(seen.site.code))
        if proposed is not None:
            detail: dict[str, object] = {"site": seen.site.code, "gain_usd": str(proposed.gain_usd), "plan": row.pk}
            audit.record(PLANNER, "decision.proposed", f"decision/{proposed.pk}", detail)
    return "planned" if proposed is None else "proposed"


def columns(seen: Snapshot, this: Round) -> dict[str, Any]:
    data = frozen.frozen_site(this.site)
    priced, plan = this.planned.priced, this.planned.plan
    keep = this.found.without if this.found else priced
    return {
        "made_at": seen.now,
        "begin_at": seen.begin_at,
        "inputs": data,
        "digest": frozen.digest(data),
        "chosen": frozen.frozen_plan(plan) if plan is not None else None,
        "facts": [fact.as_json(seen.now) for fact in seen.facts],
        "source": this.planned.source.value if this.planned.source else "",
        "words": this.planned.words[:300],
        "profit_usd": cents(priced.profit_usd if priced else None),
        "keep_usd": cents(keep.profit_usd if keep else None),
        "merit_usd": cents(this.merit_usd),
        "gap_usd": cents(this.planned.gap_usd),
        "hour_usd": cents(present_hour_usd(this)),
        "schedule": uses.schedule(this.site, plan, priced) if plan is not None and priced is not None else {},
        "verdict": verdict_words(this)[:200],
    }


def present_hour_usd(this: Round) -> float:
    """What the next hour earns if everything goes on as now."""
    modules = {name: np.repeat(on[:, None], this.site.steps, axis=1) for name, on in present(this.site).items()}
    nothing = np.zeros(this.site.steps)
    plan = Schedule(modules, nothing, nothing, nothing)
    plan = Schedule(modules, nothing, nothing, np.minimum(this.site.solar_mw, load_mw(this.site, plan)))
    return uses.first_hour_usd(this.site, reprice(this.site, plan), plan)


def verdict_words(this: Round) -> str:
    if this.planned.plan is None:
        return "no plan keeps every rule; what runs is left alone"
    if this.change is None or not this.change.moves:
        return "what runs is what pays best"
    return this.verdict.words if this.verdict else "there is nothing to compare the change with"


def cents(usd: float | None) -> Decimal | None:
    return None if usd is None else in_cents(usd)


def in_cents(usd: float) -> Decimal:
    return Decimal(str(usd)).quantize(CENT)


# Decisions


def settle(seen: Snapshot, this: Round, row: Plan) -> Decision | None:
    """Withdraws a proposal that no longer pays, keeps one that still does, makes a new one that is due."""
    if this.change is None or not this.change.moves or this.gain_usd <= 0:
        withdraw(seen.site, "it no longer pays")
        return None
    if not this.is_due:
        return None
    standing = Decision.objects.filter(site=seen.site, state__in=OPEN).first()
    if standing is not None:
        if standing.state != D.PROPOSED or is_like(standing, this):
            return None
        close(standing, D.SUPERSEDED, PLANNER, "another change pays better now")
    return propose(seen, this, row)


def is_like(standing: Decision, this: Round) -> bool:
    """The same units the same way, and power within a tenth: no reason to ask again."""
    assert this.change is not None
    units = {move_key(move): move["mw"] > 0 for move in standing.moves}
    same = units == {move_key(move.as_json()): move.mw > 0 for move in this.change.moves}
    return same and abs(standing.change_mw - this.change.mw) <= 0.1 * max(abs(standing.change_mw), 0.01)


def move_key(move: dict[str, Any]) -> tuple[Any, ...]:
    return move["unit"], move["verb"], move.get("limit_w")


def withdraw(site: Site, why: str) -> None:
    for standing in Decision.objects.filter(site=site, state=D.PROPOSED):
        close(standing, D.SUPERSEDED, PLANNER, why)


def propose(seen: Snapshot, this: Round, row: Plan) -> Decision:
    assert this.change is not None
    moves = [move.as_json() for move in this.change.moves]
    places = {move["unit"]: places_of(seen.site, move) for move in moves if move["verb"] == Verb.POWER_LIMIT}
    said = told(this, seen.begin_at.astimezone(ZoneInfo(seen.site.time_zone)), places=places)
    risk = cents(risk_usd(this))
    ruling, needed = ruling_of(seen.site, moves, this.change.hours, risk)
    hours = max(this.change.hours, 0.25)
    until = min(seen.begin_at + timedelta(hours=hours), seen.now + LONGEST)
    return Decision.objects.create(
        site=seen.site,
        plan=row,
        direction=this.change.direction.value,
        sentence=whole(said, f"{stood_in(this)} (times of {seen.site.time_zone})"),
        moves=moves,
        alternatives=[one.as_json() for one in said.alternatives],
        break_evens=rates.rows(this, said),
        without=without(this),
        gain_usd=in_cents(this.gain_usd),
        usd_per_h=in_cents(this.gain_usd / hours),
        change_mw=this.change.mw,
        proposed_at=seen.now,
        until_at=max(until, seen.now + timedelta(minutes=5)),
        not_after=seen.now + ANSWER_WITHIN,
        approvals_needed=needed,
        ruling=ruling.why[:200],
        risk_usd=risk,
        is_automatic=ruling.approvals == 0,
        request_id=uuid.uuid4(),
    )


def without(this: Round) -> dict[str, Any]:
    """The best without the change, as it is drawn beside the plan."""
    if this.found is None or this.found.without is None or this.found.without_plan is None:
        return {}
    columns = uses.schedule(this.site, this.found.without_plan, this.found.without)
    return {name: columns[name] for name in ("hours", "load_mw", "import_mw")}
