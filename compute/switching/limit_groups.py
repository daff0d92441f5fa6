"""Power limits as the merit order takes them: they stay, or a unit's modules take another in the first step."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from compute.switching.inputs import SLACK_H, Floats, Limits, Site, Unit

LEAST = 1e-6


def shared_out(left: list[float], modules: float) -> Iterator[tuple[int, float]]:
    """(mode, modules) of so many, the strongest modes first; what is left of each is written into `left`."""
    for mode in reversed(range(len(left))):
        taken = min(left[mode], modules)
        if taken > LEAST:
            left[mode] -= taken
            modules -= taken
            yield mode, taken


def as_standing(site: Site) -> dict[str, Floats]:
    """The limits of each unit as if they stayed for all steps."""
    return {
        unit.id: np.repeat(np.array(unit.limits.standing)[:, None], site.steps, axis=1)
        for unit in site.units
        if unit.limits is not None
    }


def limited_anew(site: Site) -> Iterator[Site]:
    """The site with each unit's running modules in the mode that pays best by itself, where any would be moved."""
    units = tuple(with_best_limit(site, unit) for unit in site.units)
    if any(new is not old for new, old in zip(units, site.units, strict=True)):
        yield replace(site, units=units)


def with_best_limit(site: Site, unit: Unit) -> Unit:
    if unit.limits is None or len(unit.modes) < 2:
        return unit
    moved = moved_to(unit, unit.limits, best_mode(site, unit))
    return unit if moved == unit.limits else replace(unit, limits=moved)


def best_mode(site: Site, unit: Unit) -> int:
    """The mode whose hours above water bring most at the price of imported energy."""
    cost = np.outer(unit.facility_mw, site.grid.import_price_usd_mwh * site.hours)
    return int(np.maximum(np.outer(unit.hash_ph, site.usd_per_ph) - cost, 0.0).sum(axis=1).argmax())


def moved_to(unit: Unit, limits: Limits, target: int) -> Limits:
    """Running modules at the target, as far as they may be moved: who is moved by one level is moved by all between."""
    standing, running = list(limits.standing), list(limits.running)
    for mode in range(len(standing) - 1, target, -1):
        step(standing, running, mode, mode - 1, may_fall(unit, limits, standing, mode))
    for mode in range(target):
        step(standing, running, mode, mode + 1, may_rise(unit, limits, standing, mode + 1))
    return replace(limits, standing=tuple(standing), running=tuple(running))


def step(standing: list[float], running: list[float], mode: int, to: int, most: float) -> None:
    moved = max(0.0, min(running[mode], most))
    for modules in (standing, running):
        modules[mode] -= moved
        modules[to] += moved


def may_fall(unit: Unit, limits: Limits, standing: list[float], mode: int) -> float:
    return sum(standing[mode:]) - (limits.least[mode] if limits.least else 0.0)


def may_rise(unit: Unit, limits: Limits, standing: list[float], mode: int) -> float:
    """Those that may have this mode and do not, without what was lowered from it lately."""
    held = sum(modules for age_h, modules in limits.lowered_from(mode) if age_h < limits.least_h - SLACK_H)
    most = min(limits.most[mode] if limits.most else unit.count, unit.count - held)
    return most - sum(standing[mode:])
