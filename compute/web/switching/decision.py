"""What the page of one decision shows: itself, and its own chart from an hour before it to an hour after its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cango_ops.base import clock
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.crumbs import site as site_crumb
from cango_ops.base.figures import dollars
from cango_ops.base.models import User
from compute.decisions import queries
from compute.models import Decision
from compute.web.switching.page import HERE, Row, milliseconds, rows_of
from sites.models import Site

HOUR: Final = timedelta(hours=1)
QUARTER: Final = timedelta(minutes=15)
SHOWN: Final = ("mining_mw", "ai_mw", "stored_mw", "sold_mw", "idle_mw", "price_usd_mwh")


@dataclass(frozen=True)
class DecisionPage:
    title: str
    crumbs: tuple[Crumb, ...]
    row: Row
    site: Site
    as_of: datetime


def decision_page(user: User, decision: Decision) -> DecisionPage:
    site = decision.site
    (row,) = rows_of(user, [decision])
    own = Crumb(f"Decision {decision.pk}", f"/switching/{decision.pk}/")
    return DecisionPage(
        title=f"{site.name}: {decision.get_state_display().lower()}, {worth(decision)}",
        crumbs=(COMPANY, HERE, site_crumb(site.code, site.name), own),
        row=row,
        site=site,
        as_of=clock.now(),
    )


def worth(decision: Decision) -> str:
    cents = 2 if abs(decision.gain_usd) < 10 else 0
    side = "less" if decision.gain_usd < 0 else "more"
    return f"{dollars(abs(decision.gain_usd), cents)} {side} than going on as now"


def decision_chart(decision: Decision) -> dict[str, Any]:
    """The plan that it came of, with the best that could be done without it as a line, and what was measured since.

    marks: when it begins and ends.   Quarter hours beyond the plan's end are not there.
    """
    now, plan = clock.now(), decision.plan
    steps = round((decision.until_at + HOUR - plan.begin_at) / QUARTER)
    columns = {name: told for name, told in quarters(plan.schedule, steps).items() if name in SHOWN}
    if decision.without:
        columns["without_mw"] = quarters(decision.without, steps)["load_mw"]
    actual = queries.past(decision.site, plan.begin_at - HOUR, min(now, decision.until_at + HOUR))
    # One line of prices: as they were up to the plan, as it reckoned with them from there on.
    past = sum((at or 0) < milliseconds(plan.begin_at) for at in actual["times"])
    before = actual["price_usd_mwh"][:past] + [None] * (len(actual["times"]) - past)
    return {
        "now": milliseconds(now),
        "times": [milliseconds(plan.begin_at + QUARTER * at) for at in range(steps)] if columns else [],
        "columns": columns,
        "actual": actual | {"price_usd_mwh": before},
        "marks": [
            {"at": milliseconds(decision.proposed_at), "name": "begins"},
            {"at": milliseconds(decision.until_at), "name": "ends"},
        ],
    }


def quarters(schedule: dict[str, Any], steps: int) -> dict[str, list[float | None]]:
    if not schedule:
        return {}
    found = queries.spread(schedule, 0, steps)
    return {name: [None if value != value else float(value) for value in column] for name, column in found.items()}
