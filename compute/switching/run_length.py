"""The best on-and-off schedule of one module alone: start and stop costs and minimum times, in one backward walk."""

from dataclasses import dataclass

import numpy as np

from compute.switching.inputs import SLACK_H, Floats, Site, Steps, Unit

NEVER = -1e15


@dataclass(frozen=True)
class Start:
    """How a module enters the horizon: on or off, and up to which step it must stay so."""

    is_on: bool
    held_until: int = 0


@dataclass(frozen=True, eq=False)
class Durations:
    """First step at which a start, or a stop, made at each step no longer holds."""

    up: Steps
    down: Steps


def durations(site: Site, unit: Unit) -> Durations:
    begin = site.begin_h
    after = np.arange(1, site.steps + 1)
    up, down = (np.searchsorted(begin, begin + least - SLACK_H) for least in (unit.min_up_h, unit.min_down_h))
    return Durations(np.maximum(up, after), np.maximum(down, after))


def best_run(margin: Floats, unit: Unit, lasting: Durations, start: Start) -> Steps:
    """1 where the module runs. margin: dollars that running earns in each step, NEVER where it cannot."""
    steps = len(margin)
    earned = np.concatenate(([0.0], np.cumsum(margin))).tolist()
    on, off = [0.0] * (steps + 1), [0.0] * (steps + 1)
    stops, begins = [False] * steps, [False] * steps
    up, down = lasting.up.tolist(), lasting.down.tolist()
    for step in reversed(range(steps)):
        run_on = earned[step + 1] - earned[step] + on[step + 1]
        begin = earned[up[step]] - earned[step] + on[up[step]] - unit.start_cost_usd
        stop = off[down[step]] - unit.stop_cost_usd
        stops[step], begins[step] = stop > run_on, begin > off[step + 1]
        on[step], off[step] = max(run_on, stop), max(off[step + 1], begin)
    return walked(steps, start, stops, begins, up, down)


def walked(steps: int, start: Start, stops: list[bool], begins: list[bool], up: list[int], down: list[int]) -> Steps:
    """Follows the decisions from the present state."""
    runs = np.zeros(steps, dtype=np.int64)
    is_on, step = start.is_on, min(start.held_until, steps)
    runs[:step] = is_on
    while step < steps:
        switches = stops[step] if is_on else begins[step]
        until = step + 1
        if switches:
            is_on = not is_on
            until = up[step] if is_on else down[step]
        runs[step:until] = is_on
        step = until
    return runs
