"""Runs a policy through a history and counts what it earned, priced and checked by the rules alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from compute.backtest.history import History, paid_usd_mwh, window
from compute.backtest.policies import Deed, Policy, always, by_rule, merit, moved, threshold
from compute.backtest.proven import Proven
from compute.backtest.rolling import Rolling
from compute.switching.carry import state_of
from compute.switching.inputs import Site
from compute.switching.plan import Plan
from compute.switching.reprice import Money, reprice

POLICIES: dict[str, Callable[[], Policy]] = {
    "always": lambda: by_rule(always),
    "threshold": lambda: by_rule(threshold),
    "merit": lambda: by_rule(merit),
    "mpc": lambda: Proven(Rolling(), merit),
}


@dataclass(frozen=True)
class Result:
    """broken: rules that the year as run breaks; empty unless the policy is at fault. starts: modules, by unit.
    missing: values that the series did not hold, by column."""

    policy: str
    steps: int
    money: Money
    starts: dict[str, float]
    seconds: float
    broken: tuple[str, ...]
    missing: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        parts = {f"{each.name}_usd": round(getattr(self.money, each.name), 2) + 0.0 for each in fields(Money)}
        return {
            "policy": self.policy,
            "steps": self.steps,
            "total_usd": round(self.money.total, 2),
            "without_ai_usd": round(self.money.total - self.money.ai, 2),
            "components": parts,
            "starts": {name: round(count, 1) for name, count in self.starts.items()},
            "ms_per_step": round(1000 * self.seconds / max(self.steps, 1), 3),
            "missing": self.missing,
            "broken": list(self.broken),
        }


def run(history: History, name: str, lag: int = 0, progress: Callable[[int, int], None] | None = None) -> Result:
    """Runs the policy of that name. lag: steps until a real-time price is known. progress: (steps done, of all)."""
    policy = POLICIES[name]()
    began = time.perf_counter()
    deeds = walk(history, policy, lag, progress)
    plan = as_plan(history.truth, deeds)
    priced = reprice(history.truth, plan)
    seconds = time.perf_counter() - began
    begun = starts(history.truth, plan)
    return Result(name, history.truth.steps, priced.money, begun, seconds, priced.broken, history.missing)


def walk(history: History, policy: Policy, lag: int, progress: Callable[[int, int], None] | None) -> list[Deed]:
    state, deeds, steps = state_of(history.truth), [], history.truth.steps
    for at in range(steps):
        site = window(history, state, at, lag)
        deed = policy(site, paid_usd_mwh(history, at, lag))
        state = moved(state, site, deed)
        deeds.append(deed)
        if progress is not None and (at % 50 == 0 or at + 1 == steps):
            progress(at + 1, steps)
    return deeds


def as_plan(truth: Site, deeds: list[Deed]) -> Plan:
    return Plan(
        modules={
            unit.id: np.array([deed.modules[place] for deed in deeds]).T for place, unit in enumerate(truth.units)
        },
        charge_mw=np.array([deed.charge_mw for deed in deeds]),
        discharge_mw=np.array([deed.discharge_mw for deed in deeds]),
        solar_used_mw=np.zeros(truth.steps),
    )


def starts(truth: Site, plan: Plan) -> dict[str, float]:
    rises = {unit.id: np.diff(plan.modules[unit.id].sum(axis=0), prepend=unit.on_before) for unit in truth.units}
    return {name: float(rise[rise > 0].sum()) for name, rise in rises.items()}
