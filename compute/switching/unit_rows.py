"""Rows about machines: modes, starts and stops, minimum times, what GPU nodes sell and owe."""

from dataclasses import dataclass, replace

import numpy as np

from compute.switching.inputs import SLACK_H, Ai, Floats, Site, Switching, Unit, held_before, held_pairs
from compute.switching.limit_rows import LimitColumns, limit_columns
from compute.switching.sheet import INFINITE, Places, Sheet, Values


@dataclass(frozen=True, eq=False)
class UnitColumns:
    """Where a unit stands in the sheet. modes: (modes, steps). on: the count of modules where it must be whole."""

    modes: Places
    on: Places | None = None
    limits: LimitColumns | None = None


def unit_columns(sheet: Sheet, site: Site, unit: Unit) -> UnitColumns:
    """Modes and everything that hangs on one unit alone."""
    columns = mode_columns(sheet, site, unit)
    switching_rows(sheet, site, unit, columns)
    if unit.ai is not None and unit.switching is not Switching.MODE:
        sale_rows(sheet, site, unit, unit.ai, columns)
    if unit.limits is not None and len(unit.modes) > 1:
        columns = replace(columns, limits=limit_columns(sheet, site, unit, unit.limits, columns.modes))
    return columns


def mode_columns(sheet: Sheet, site: Site, unit: Unit) -> UnitColumns:
    """Modules in each mode. In one mode at a time, revenue is a table; modules mix modes, as their machines do."""
    shape = (len(unit.modes), site.steps)
    whole = unit.switching is Switching.MODE
    modes = sheet.columns(shape, gain=mode_gain(sheet, site, unit), upper=unit.count, whole=whole)
    if unit.switching is Switching.MODULE:
        on = sheet.columns(site.steps, upper=unit.count, whole=True)
        same = sheet.rows(site.steps, lower=0.0, upper=0.0)
        sheet.put(same, modes, 1.0)
        sheet.put(same, on, -1.0)
        return UnitColumns(modes, on)
    if len(unit.modes) > 1 and unit.limits is None:
        at_most = sheet.rows(site.steps, upper=unit.count)
        sheet.put(at_most, modes, 1.0)
    return UnitColumns(modes)


def mode_gain(sheet: Sheet, site: Site, unit: Unit) -> Floats:
    """Dollars that a module earns in a mode and step, less what it earns when off."""
    if unit.ai is None:
        return np.outer(unit.hash_ph, site.usd_per_ph)
    if unit.switching is not Switching.MODE:
        return np.zeros((len(unit.modes), site.steps))
    off = ai_gain(unit.ai, np.zeros((1, 1)), site.hours)
    sheet.offset += float(off.sum())
    return ai_gain(unit.ai, unit.nodes[:, None], site.hours) - off


def ai_gain(ai: Ai, nodes: Floats, hours: Floats) -> Floats:
    """Sales less penalties of so many nodes on, at each step."""
    gain = np.minimum(nodes, ai.demand_nodes) * ai.price_usd_per_node_h * hours
    if ai.sla is not None:
        gain = gain - ai.sla.penalty_usd_per_node_h * np.maximum(0.0, ai.sla.min_nodes - nodes) * hours
    return gain


def sale_rows(sheet: Sheet, site: Site, unit: Unit, ai: Ai, columns: UnitColumns) -> None:
    """sold <= demand, sold <= nodes on; short >= nodes owed - nodes on."""
    nodes = unit.nodes[:, None]
    sold = sheet.columns(site.steps, gain=ai.price_usd_per_node_h * site.hours, upper=ai.demand_nodes)
    within = sheet.rows(site.steps, upper=0.0)
    sheet.put(within, sold, 1.0)
    sheet.put(within, columns.modes, -nodes)
    if ai.sla is None:
        return
    short = sheet.columns(site.steps, gain=-ai.sla.penalty_usd_per_node_h * site.hours, upper=ai.sla.min_nodes)
    owed = sheet.rows(site.steps, lower=ai.sla.min_nodes)
    sheet.put(owed, short, 1.0)
    sheet.put(owed, columns.modes, nodes)


def switching_rows(sheet: Sheet, site: Site, unit: Unit, columns: UnitColumns) -> None:
    """start - stop = on - on before, where anything depends on starts or stops."""
    begin_h, shortest_h = site.begin_h, float(site.hours.min()) + SLACK_H
    kept_on = held_before(begin_h, unit.min_up_h, unit.started)
    kept_off = held_before(begin_h, unit.min_down_h, unit.stopped)
    # A minimum time of one step binds nothing within the horizon; what the past holds is still held.
    holds_up, holds_down = unit.min_up_h > shortest_h or kept_on.any(), unit.min_down_h > shortest_h or kept_off.any()
    starts = stops = None
    if unit.start_cost_usd or unit.stop_cost_usd or holds_up or holds_down:
        starts = sheet.columns(site.steps, gain=-unit.start_cost_usd, upper=unit.count)
        if unit.stop_cost_usd or holds_down:
            stops = sheet.columns(site.steps, gain=-unit.stop_cost_usd, upper=unit.count)
        change_rows(sheet, site.steps, unit, columns, starts, stops)
    if holds_up and starts is not None:
        minimum_up_rows(sheet, columns, starts, held_pairs(begin_h, unit.min_up_h), kept_on)
    if holds_down and stops is not None:
        minimum_down_rows(sheet, columns, stops, held_pairs(begin_h, unit.min_down_h), unit.count - kept_off)


def change_rows(
    sheet: Sheet, steps: int, unit: Unit, columns: UnitColumns, starts: Places, stops: Places | None
) -> None:
    """on(t) - on(t-1) = start(t) - stop(t); without stops start(t) is at least the rise."""
    before = np.zeros(steps)
    before[:1] = unit.on_before
    rows = sheet.rows(steps, lower=before if stops is not None else -INFINITE, upper=before)
    put_on(sheet, rows, columns, slice(None), 1.0)
    put_on(sheet, rows[1:], columns, slice(None, -1), -1.0)
    sheet.put(rows, starts, -1.0)
    if stops is not None:
        sheet.put(rows, stops, 1.0)


def put_on(sheet: Sheet, rows: Places, columns: UnitColumns, at: slice, value: Values) -> None:
    """Modules on, at some of the steps."""
    sheet.put(rows, columns.modes[:, at] if columns.on is None else columns.on[at], value)


def minimum_up_rows(
    sheet: Sheet, columns: UnitColumns, starts: Places, pairs: tuple[Places, Places], kept_on: Floats
) -> None:
    """Whatever started within the minimum time, before the horizon included, is on."""
    rows = sheet.rows(len(kept_on), lower=kept_on)
    put_on(sheet, rows, columns, slice(None), 1.0)
    sheet.put(rows[pairs[1]], starts[pairs[0]], -1.0)


def minimum_down_rows(
    sheet: Sheet, columns: UnitColumns, stops: Places, pairs: tuple[Places, Places], may_be_on: Floats
) -> None:
    """Whatever stopped within the minimum time is off."""
    rows = sheet.rows(len(may_be_on), upper=may_be_on)
    put_on(sheet, rows, columns, slice(None), 1.0)
    sheet.put(rows[pairs[1]], stops[pairs[0]], 1.0)
