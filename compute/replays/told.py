"""What a policy did with a past: dollars, starts and megawatt-hours, as a whole and by month. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from compute.backtest.history import History, first_steps
from compute.backtest.run import POLICIES, as_plan, starts, walk
from compute.switching.inputs import Floats
from compute.switching.plan import Plan, unit_load_mw
from compute.switching.reprice import Priced, reprice

Tell = Callable[[int, int], None]
KEPT = 2


def told(history: History, policy: str, lag: int, begin_local: datetime, tell: Tell) -> dict[str, Any]:
    """tell: (steps done, of all), now and then; what it raises ends the run."""
    plan = as_plan(history.truth, walk(history, POLICIES[policy](), lag, tell))
    priced = reprice(history.truth, plan)
    return {
        "total_usd": round(priced.profit_usd, KEPT),
        "without_ai_usd": round(priced.profit_usd - priced.money.ai, KEPT),
        "starts": round(sum(starts(history.truth, plan).values()), 1),
        "mwh": sums(energy(history, plan, priced)),
        "months": months(history, plan, priced, begin_local),
        "broken": list(priced.broken)[:5],
    }


def energy(history: History, plan: Plan, priced: Priced) -> dict[str, Floats]:
    """MWh of each step by use; charged is what goes into the battery."""
    truth = history.truth
    loads = {unit.id: unit_load_mw(plan, unit) for unit in truth.units}
    nothing = np.zeros(truth.steps)
    ai = sum((loads[unit.id] for unit in truth.units if unit.ai is not None), nothing)
    mining = sum((loads[unit.id] for unit in truth.units if unit.ai is None), nothing)
    columns = {
        "mining": mining, "ai": ai, "sold": priced.export_mw, "charged": plan.charge_mw,
        "discharged": plan.discharge_mw, "bought": priced.import_mw,
    }  # fmt: skip
    return {name: column * truth.hours for name, column in columns.items()}


def sums(columns: dict[str, Floats]) -> dict[str, float]:
    return {name: round(float(column.sum()), 3) + 0.0 for name, column in columns.items()}


def months(history: History, plan: Plan, priced: Priced, begin_local: datetime) -> list[dict[str, Any]]:
    """Each month by the site's clock. Dollars are those of the past up to its end less those up to its beginning."""
    names = [month_of(begin_local, hours) for hours in history.clock_h]
    columns = energy(history, plan, priced)
    found, begin, earned = [], 0, 0.0
    while begin < len(names):
        end = begin + names[begin:].count(names[begin])
        until = profit_until(history, plan, end)
        mwh = sums({name: column[begin:end] for name, column in columns.items()})
        found.append({"month": names[begin], "usd": round(until - earned, KEPT), "mwh": mwh})
        begin, earned = end, until
    return found


def month_of(begin_local: datetime, hours: float) -> str:
    return f"{begin_local + timedelta(hours=float(hours)):%Y-%m}"


def profit_until(history: History, plan: Plan, end: int) -> float:
    part = Plan(
        {name: modules[:, :end] for name, modules in plan.modules.items()}, plan.charge_mw[:end],
        plan.discharge_mw[:end], plan.solar_used_mw[:end],
    )  # fmt: skip
    return reprice(first_steps(history.truth, end), part).profit_usd
