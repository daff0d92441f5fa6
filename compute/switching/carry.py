"""How a site enters a horizon: what runs, since when, and how full the battery is. Carried on from what really ran."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from compute.switching.inputs import SLACK_H, Site, Unit

Past: TypeAlias = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class State:
    """Per unit, in the site's order: modules on, and the starts and stops that a minimum time still holds."""

    on: tuple[float, ...]
    started: tuple[Past, ...]
    stopped: tuple[Past, ...]
    soc_mwh: float


def state_of(site: Site) -> State:
    """How the site enters its own first step."""
    return State(
        on=tuple(unit.on_before for unit in site.units),
        started=tuple(unit.started for unit in site.units),
        stopped=tuple(unit.stopped for unit in site.units),
        soc_mwh=site.battery.soc0_mwh if site.battery else 0.0,
    )


def after(state: State, units: Sequence[Unit], on: Sequence[float], hours: float, soc_mwh: float) -> State:
    """The state after a step of so many hours in which so many modules ran."""
    started, stopped = [], []
    for place, unit in enumerate(units):
        change = on[place] - state.on[place]
        begun = ((0.0, change),) if change > 0 else ()
        ended = ((0.0, -change),) if change < 0 else ()
        started.append(older(state.started[place] + begun, hours, unit.min_up_h))
        stopped.append(older(state.stopped[place] + ended, hours, unit.min_down_h))
    return State(tuple(on), tuple(started), tuple(stopped), soc_mwh)


def older(past: Past, hours: float, least_h: float) -> Past:
    """The past as it looks so many hours later, without what holds no more."""
    return tuple((age + hours, modules) for age, modules in past if age + hours < least_h - SLACK_H)


def entering(site: Site, state: State) -> Site:
    """The site as it is planned from that state."""
    units = tuple(
        replace(unit, on_before=on, started=started, stopped=stopped)
        for unit, on, started, stopped in zip(site.units, state.on, state.started, state.stopped, strict=True)
    )
    battery = replace(site.battery, soc0_mwh=state.soc_mwh) if site.battery else None
    return replace(site, units=units, battery=battery)
