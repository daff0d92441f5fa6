"""What moving modules from mode to mode costs and which rules it breaks, from the inputs alone: shares nothing with
the model."""

import numpy as np

from compute.switching.inputs import SLACK_H, Floats, Limits, Site, Unit
from compute.switching.plan import Plan, standing_of

TOLERANCE = 1e-5


def moves_usd(site: Site, plan: Plan) -> float:
    """Dollars of all moves, a cost below zero."""
    total = 0.0
    for unit in site.units:
        if unit.limits is not None:
            for mode in range(1, len(unit.modes)):
                total -= unit.limits.cost_usd * float(np.abs(moved(plan, unit, unit.limits, mode)).sum())
    return total


def level(plan: Plan, unit: Unit, limits: Limits, mode: int) -> Floats:
    """Modules that have this mode or a stronger one, before the first step and in each."""
    standing = standing_of(plan, unit, limits)[mode:].sum(axis=0)
    return np.concatenate(([sum(limits.standing[mode:])], standing))


def moved(plan: Plan, unit: Unit, limits: Limits, mode: int) -> Floats:
    """How many modules come to this mode or a stronger one in each step, less those that leave."""
    return np.diff(level(plan, unit, limits, mode))


def limit_faults(site: Site, plan: Plan) -> list[str]:
    found: list[str] = []
    for unit in site.units:
        if unit.limits is None:
            continue
        found += standing_faults(plan, unit, unit.limits)
        for mode in range(1, len(unit.modes)):
            found += bound_faults(plan, unit, unit.limits, mode)
            found += awake_faults(plan, unit, unit.limits, mode)
            found += hold_faults(site, plan, unit, unit.limits, mode)
    return found


def standing_faults(plan: Plan, unit: Unit, limits: Limits) -> list[str]:
    standing, running = standing_of(plan, unit, limits), plan.modules[unit.id]
    found = []
    if standing.shape != running.shape or not np.isfinite(standing).all():
        return [f"{unit.id}: no number of limits for every step"]
    if np.abs(standing.sum(axis=0) - unit.count).max(initial=0.0) > TOLERANCE * max(1.0, unit.count):
        found.append(f"{unit.id}: limits of more or fewer modules than there are")
    if (running - standing).max(initial=0.0) > TOLERANCE:
        found.append(f"{unit.id}: more modules run in a mode than have it")
    return found


def bound_faults(plan: Plan, unit: Unit, limits: Limits, mode: int) -> list[str]:
    has = level(plan, unit, limits, mode)[1:]
    least = limits.least[mode] if limits.least else 0.0
    most = limits.most[mode] if limits.most else unit.count
    if has.min(initial=least) < least - TOLERANCE or has.max(initial=most) > most + TOLERANCE:
        return [f"{unit.id}: modules are moved that nobody may move"]
    return []


def awake_faults(plan: Plan, unit: Unit, limits: Limits, mode: int) -> list[str]:
    """A module is on before it is moved, and afterwards."""
    running = plan.modules[unit.id]
    before = np.hstack([np.array(limits.running)[:, None], running[:, :-1]])
    change = moved(plan, unit, limits, mode)
    weaker = np.minimum(before[:mode].sum(axis=0), running[mode:].sum(axis=0))
    stronger = np.minimum(before[mode:].sum(axis=0), running[:mode].sum(axis=0))
    could = np.where(change > 0, weaker, stronger)
    asleep = (np.abs(change) > TOLERANCE) & (np.abs(change) > could + TOLERANCE)
    return [f"{unit.id}: a limit of what is off is changed"] if asleep.any() else []


def hold_faults(site: Site, plan: Plan, unit: Unit, limits: Limits, mode: int) -> list[str]:
    """Walks through the steps with the list of what was lowered lately."""
    has = level(plan, unit, limits, mode)
    lowered = [(-age_h, modules) for age_h, modules in limits.lowered_from(mode)]
    for step, now_h in enumerate(site.begin_h.tolist()):
        if has[step + 1] < has[step]:
            lowered.append((now_h, float(has[step] - has[step + 1])))
        lowered = [(at_h, modules) for at_h, modules in lowered if now_h - at_h < limits.least_h - SLACK_H]
        if unit.count - has[step + 1] < sum(modules for _, modules in lowered) - TOLERANCE:
            return [f"{unit.id}: a limit is raised before its least time, step {step}"]
    return []
