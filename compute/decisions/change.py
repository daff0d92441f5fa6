"""The first thing that a plan does otherwise than what runs: moves, how long, which way, and in one sentence. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from compute.decisions.alternatives import now_running, usd_per_mwh
from compute.switching.hysteresis import Direction
from compute.switching.inputs import Floats, Site, Unit
from compute.switching.plan import Plan, unit_load_mw

# Less than half a machine is no move.
LEAST_MODULES = 0.5
LEAST_BATTERY_MW = 0.01


@dataclass(frozen=True)
class Move:
    """One unit's part. mw: above zero draws more.   share: of full power that its running machines get, or None."""

    unit: str
    use: str
    before: float
    after: float
    mw: float
    share: float | None = None

    def as_json(self) -> dict[str, Any]:
        verb = "sleep" if self.after < self.before else "wake" if self.after > self.before else "power_limit"
        return {
            "unit": self.unit, "use": self.use, "from": round(self.before, 2), "to": round(self.after, 2),
            "mw": round(self.mw, 4), "verb": verb, "share": self.share,
        }  # fmt: skip


@dataclass(frozen=True)
class Change:
    """moves: empty where the plan goes on as now.   steps: for how long the first move holds."""

    moves: tuple[Move, ...]
    steps: int
    hours: float
    direction: Direction
    mw: float


def change_of(site: Site, plan: Plan) -> Change:
    moves = tuple(move for unit in site.units if (move := move_of(unit, plan)) is not None)
    stored = battery_move(plan)
    mw = sum(move.mw for move in moves)
    steps = min((lasting(unit, plan) for unit in site.units if moved(unit, plan)), default=1)
    all_moves = (*moves, stored) if stored else moves
    return Change(all_moves, steps, float(site.hours[:steps].sum()), direction_of(moves, mw), mw)


def moved(unit: Unit, plan: Plan) -> bool:
    return move_of(unit, plan) is not None


def move_of(unit: Unit, plan: Plan) -> Move | None:
    """What the first step changes of a unit: machines that stop or start, or how hard the running ones work."""
    before, after = now_running(unit), plan.modules[unit.id][:, 0]
    on = float(after.sum())
    mw = float(unit.facility_mw @ (after - before))
    change = on - unit.on_before
    if abs(change) < LEAST_MODULES and abs(mw) < LEAST_MODULES * float(unit.facility_mw.max(initial=0.0)):
        return None
    full = on * float(unit.facility_mw.max(initial=0.0))
    share = float(unit.facility_mw @ after) / full if full > 0 else None
    throttled = share is not None and share < 0.995
    use = "mining" if unit.ai is None else "ai"
    return Move(unit.id, use, unit.on_before, float(np.rint(on)), mw, round(share, 3) if throttled and share else None)


def battery_move(plan: Plan) -> Move | None:
    flow = float(plan.charge_mw[0] - plan.discharge_mw[0])
    return Move("battery", "stored", 0.0, 0.0, flow) if abs(flow) >= LEAST_BATTERY_MW else None


def lasting(unit: Unit, plan: Plan) -> int:
    """For how many steps the unit stays where the first one puts it."""
    load: Floats = unit_load_mw(plan, unit)
    near = np.abs(load - load[0]) <= LEAST_MODULES * float(unit.facility_mw.max(initial=0.0))
    return int(np.argmin(near)) if not near.all() else len(near)


def direction_of(moves: tuple[Move, ...], mw: float) -> Direction:
    up = sum(move.mw for move in moves if move.mw > 0)
    down = -sum(move.mw for move in moves if move.mw < 0)
    if up and down and min(up, down) > 0.2 * max(up, down):
        return Direction.SHIFT
    return Direction.START if mw > 0 else Direction.STOP


# In one sentence


def sentence(site: Site, change: Change, begin: datetime, zone: Any, gain_usd: float) -> str:
    """When, what, why, and what it is worth: as the duty manager reads it."""
    until = begin + timedelta(hours=change.hours)
    span = f"{begin.astimezone(zone):%H:%M}–{until.astimezone(zone):%H:%M}"
    deeds = "; ".join(deed(move) for move in change.moves)
    price = float(site.grid.import_price_usd_mwh[0])
    gain = f"Gain {money(gain_usd)} over going on as now."
    return f"{span}: {deeds}. {reasons(site, change)}Power costs {price:,.2f} $/MWh. {gain}"


def deed(move: Move) -> str:
    power = f"{abs(move.mw):.3g} MW"
    if move.use == "stored":
        return f"{'charge' if move.mw > 0 else 'discharge'} the battery with {power}"
    count = abs(move.after - move.before)
    if count >= LEAST_MODULES:
        word = "start" if move.after > move.before else "stop"
        throttle = f", the rest at {move.share:.0%}" if move.share else ""
        return f"{word} {count:,.0f} {move.unit} ({power}{throttle})"
    return f"run {move.after:,.0f} {move.unit} at {move.share or 1:.0%} ({power} {'more' if move.mw > 0 else 'less'})"


def reasons(site: Site, change: Change) -> str:
    units = {unit.id: unit for unit in site.units}
    said = []
    for move in change.moves:
        if move.unit in units:
            most = float(usd_per_mwh(site, units[move.unit], 0).max(initial=0.0))
            said.append(f"{move.unit} earns {most:,.0f} $/MWh")
    return f"{', '.join(said)}. " if said else ""


def money(usd: float) -> str:
    return f"{'−' if usd < 0 else ''}${abs(usd):,.0f}"
