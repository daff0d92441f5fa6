"""Rows about power limits: which mode each module has, and what moves it from one to another.

`level` k counts the modules that have mode k or a stronger one, on or off. All of them have mode 0 or a stronger one.
"""

from dataclasses import dataclass

import numpy as np

from compute.switching.inputs import SLACK_H, Floats, Limits, Site, Switching, Unit, held_before, held_pairs
from compute.switching.sheet import Places, Sheet


@dataclass(frozen=True, eq=False)
class LimitColumns:
    """levels: (modes - 1, steps), of modes 1 and stronger."""

    levels: Places


def limit_columns(sheet: Sheet, site: Site, unit: Unit, limits: Limits, modes: Places) -> LimitColumns:
    """modes: the columns of the unit's running modules, (modes, steps)."""
    columns = LimitColumns(level_columns(sheet, site, unit, limits))
    within_standing_rows(sheet, site, unit, modes, columns.levels)
    for mode in range(1, len(unit.modes)):
        up, down = move_columns(sheet, site, unit, limits, mode, columns.levels[mode - 1])
        hold_rows(sheet, site, unit, limits, mode, columns.levels[mode - 1], down)
        weaker, stronger = modes[:mode], modes[mode:]
        on_rows(sheet, up, weaker, stronger, sum(limits.running[:mode]))
        on_rows(sheet, down, stronger, weaker, sum(limits.running[mode:]))
    return columns


def level_columns(sheet: Sheet, site: Site, unit: Unit, limits: Limits) -> Places:
    shape = (len(unit.modes) - 1, site.steps)
    least = np.array(limits.least or (0.0,) * len(unit.modes))[1:, None]
    most = np.array(limits.most or (unit.count,) * len(unit.modes))[1:, None]
    return sheet.columns(shape, lower=least, upper=most, whole=unit.switching is not Switching.MACHINE)


def within_standing_rows(sheet: Sheet, site: Site, unit: Unit, modes: Places, levels: Places) -> None:
    """Of each mode no more run than have it: running(m) <= level(m) - level(m + 1)."""
    for mode, running in enumerate(modes):
        rows = sheet.rows(site.steps, upper=0.0 if mode else unit.count)
        sheet.put(rows, running, 1.0)
        if mode:
            sheet.put(rows, levels[mode - 1], -1.0)
        if mode < len(levels):
            sheet.put(rows, levels[mode], 1.0)


def move_columns(
    sheet: Sheet, site: Site, unit: Unit, limits: Limits, mode: int, level: Places
) -> tuple[Places, Places]:
    """level(t) - level(t-1) = up(t) - down(t), each of them paid for."""
    up, down = (sheet.columns(site.steps, gain=-limits.cost_usd, upper=unit.count) for _ in range(2))
    before: Floats = np.zeros(site.steps)
    before[:1] = sum(limits.standing[mode:])
    rows = sheet.rows(site.steps, lower=before, upper=before)
    sheet.put(rows, level, 1.0)
    sheet.put(rows[1:], level[:-1], -1.0)
    sheet.put(rows, up, -1.0)
    sheet.put(rows, down, 1.0)
    return up, down


def hold_rows(sheet: Sheet, site: Site, unit: Unit, limits: Limits, mode: int, level: Places, down: Places) -> None:
    """What was lowered within the least time is still lower."""
    kept = held_before(site.begin_h, limits.least_h, limits.lowered_from(mode))
    if limits.least_h <= float(site.hours.min()) + SLACK_H and not kept.any():
        return
    rows = sheet.rows(site.steps, upper=unit.count - kept)
    sheet.put(rows, level, 1.0)
    first, later = held_pairs(site.begin_h, limits.least_h)
    sheet.put(rows[later], down[first], 1.0)


def on_rows(sheet: Sheet, moves: Places, leaving: Places, arriving: Places, leaving_before: float) -> None:
    """Whatever moves was on before, and is on afterwards."""
    arrived = sheet.rows(len(moves), upper=0.0)
    sheet.put(arrived, moves, 1.0)
    sheet.put(arrived, arriving, -1.0)
    before: Floats = np.zeros(len(moves))
    before[:1] = leaving_before
    left = sheet.rows(len(moves), upper=before)
    sheet.put(left, moves, 1.0)
    sheet.put(left[1:], leaving[:, :-1], -1.0)


def standing_at(unit: Unit, levels: Floats) -> Floats:
    """Modules that have each mode, from the values of the levels."""
    bounds = np.vstack([np.full((1, levels.shape[1]), unit.count), levels, np.zeros((1, levels.shape[1]))])
    return np.maximum(bounds[:-1] - bounds[1:], 0.0)
