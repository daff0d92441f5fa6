"""What the pages of back-tests show, ready to print."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from cango_ops.base import clock
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.figures import dollars
from cango_ops.base.models import User
from compute.models import Backtest
from compute.web.backtest.bars import bars, scale_of
from compute.web.backtest.form import WORDS, BacktestForm
from compute.web.switching.page import HERE
from sites import rights
from sites.models import Site

BACKTESTS = Crumb("Back-tests", "/switching/backtest/")
MOST = 30
S = Backtest.State
DRAWN = {S.WAITING: "maintenance", S.RUNNING: "maintenance", S.DONE: "ok", S.STOPPED: "stale", S.FAILED: "critical"}


@dataclass(frozen=True)
class Row:
    """A back-test in the list. best: what came of it, in words."""

    backtest: Backtest
    drawn: str
    best: str


@dataclass(frozen=True)
class BacktestsPage:
    """form: None for those who may not ask.   next_id: names the next one, so that a form sent twice is one."""

    title: str
    crumbs: tuple[Crumb, ...]
    form: BacktestForm | None
    next_id: str
    rows: list[Row]


def places_of(user: User) -> list[Site]:
    """Where the person may ask for one."""
    seen = list(Site.objects.visible_to(user))
    held = rights.at_each_site(user, seen)
    return [site for site in seen if rights.APPROVE in held[site.code]]


def backtests_page(user: User, form: BacktestForm | None, asked_id: str = "") -> BacktestsPage:
    found = Backtest.objects.visible_to(user).select_related("site", "asked_by").defer("inputs")[:MOST]
    running = sum(one.state in Backtest.OPEN for one in found)
    return BacktestsPage(
        title=f"{running} back-test{'' if running == 1 else 's'} running" if running else "What another policy earns",
        crumbs=(COMPANY, HERE, BACKTESTS),
        form=form,
        next_id=asked_id or str(uuid.uuid4()),
        rows=[Row(one, DRAWN[S(one.state)], best_of(one)) for one in found],
    )


def best_of(backtest: Backtest) -> str:
    if not backtest.results:
        return backtest.words
    name = max(backtest.results, key=lambda each: backtest.results[each]["total_usd"])
    return f"{WORDS[name]}: {dollars(backtest.results[name]['total_usd'], 0)}"


# One back-test


@dataclass(frozen=True)
class Told:
    """One policy's line. besides: dollars more than the merit order, or than everything on where that did not run."""

    policy: str
    name: str
    total_usd: float
    besides_usd: float | None
    starts: float
    mwh: dict[str, float]
    broken: list[str]


@dataclass(frozen=True)
class Month:
    """cells: dollars of each policy, in the order of the lines."""

    name: str
    short: str
    drawn: SafeString
    cells: list[float | None]


@dataclass(frozen=True)
class BacktestPage:
    title: str
    crumbs: tuple[Crumb, ...]
    backtest: Backtest
    drawn: str
    is_open: bool
    may_stop: bool
    running: str
    percent: int
    lines: list[Told]
    beside: str
    months: list[Month]
    top_usd: float
    bottom_usd: float
    ran_s: float | None


def backtest_page(user: User, backtest: Backtest) -> BacktestPage:
    lines, beside = lines_of(backtest)
    is_open = backtest.state in Backtest.OPEN
    values = [month["usd"] for result in backtest.results.values() for month in result["months"]]
    scale = scale_of(values)
    ended = backtest.finished_at or clock.now()
    return BacktestPage(
        title=answer(backtest, lines),
        crumbs=(COMPANY, HERE, BACKTESTS, Crumb(backtest.site.code, f"/switching/backtest/{backtest.pk}/")),
        backtest=backtest,
        drawn=DRAWN[S(backtest.state)],
        is_open=is_open,
        may_stop=is_open and rights.may(user, rights.APPROVE, backtest.site),
        running=running(backtest) if is_open else "",
        percent=100 * backtest.position // max(1, backtest.steps),
        lines=lines,
        beside=beside,
        months=months_of(backtest, [line.policy for line in lines]),
        top_usd=scale.top,
        bottom_usd=scale.bottom,
        ran_s=(ended - backtest.asked_at).total_seconds(),
    )


def running(backtest: Backtest) -> str:
    """The policy that runs now."""
    return next((WORDS[name] for name in backtest.policies if name not in backtest.results), "")


def answer(backtest: Backtest, lines: list[Told]) -> str:
    site = backtest.site.name
    if backtest.state == S.FAILED:
        return f"{site}: the back-test failed"
    if backtest.state == S.STOPPED:
        return f"{site}: the back-test was stopped"
    if backtest.state == S.WAITING:
        return f"{site}: the back-test waits for a worker"
    if backtest.state == S.RUNNING:
        return f"{site}: {100 * backtest.position // max(1, backtest.steps)} % of the back-test is done"
    best = max(lines, key=lambda line: line.total_usd)
    return f"{site}: {best.name} would have earned most, {dollars(best.total_usd, 0)}"


def lines_of(backtest: Backtest) -> tuple[list[Told], str]:
    """The dearest first; and beside which policy they are shown."""
    results: dict[str, dict[str, Any]] = backtest.results
    against = next((name for name in ("merit", "threshold", "always") if name in results), "")
    base = results[against]["total_usd"] if against else None
    lines = [
        Told(
            policy=name, name=WORDS[name], total_usd=found["total_usd"],
            besides_usd=None if base is None or name == against else found["total_usd"] - base,
            starts=found["starts"], mwh=found["mwh"], broken=found["broken"],
        )
        for name, found in results.items()
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -line.total_usd), WORDS.get(against, "")


def months_of(backtest: Backtest, policies: list[str]) -> list[Month]:
    by_policy = {name: {row["month"]: row["usd"] for row in backtest.results[name]["months"]} for name in policies}
    names = sorted({month for found in by_policy.values() for month in found})
    scale = scale_of([usd for found in by_policy.values() for usd in found.values()])
    return [
        Month(
            name=name,
            short=name[-2:],
            drawn=bars([(policy, by_policy[policy].get(name)) for policy in policies], scale),
            cells=[by_policy[policy].get(name) for policy in policies],
        )
        for name in names
    ]
