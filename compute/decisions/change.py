"""The first thing that a plan does otherwise than what runs: its moves, for how long, and which way. Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from compute.decisions.alternatives import running
from compute.decisions.new_limits import NewLimit, new_limit, steps_between
from compute.switching.hysteresis import Direction
from compute.switching.inputs import BATTERY, Battery, Floats, Limits, Site, Unit
from compute.switching.plan import Plan, standing_of, unit_load_mw

# Less than half a machine is no move.
LEAST_MODULES = 0.5
LEAST_BATTERY_MW, LEAST_BATTERY_SHARE = 0.01, 0.05


@dataclass(frozen=True)
class Move:
    """One unit's part, or the battery's in MW that it takes. mw: above zero draws more.   share: of full power that its
    running machines get, or None.   limit: what machines are told, where it is about their limits.
    of: (limit, machines) of those that fall asleep or wake, of a unit whose limits are in ladder_w."""

    unit: str
    use: str
    before: float
    after: float
    mw: float
    share: float | None = None
    limit: NewLimit | None = None
    of: tuple[tuple[int, int], ...] = ()
    ladder_w: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        if self.limit is not None:
            return self.limit.as_json(self.unit, self.use, self.mw)
        verb = "sleep" if self.after < self.before else "wake" if self.after > self.before else "power_limit"
        if self.unit == BATTERY:
            verb = "setpoint"
        by_limit = {"of": [list(one) for one in self.of], "ladder_w": list(self.ladder_w)} if self.of else {}
        return {
            "unit": self.unit, "use": self.use, "from": round(self.before, 4), "to": round(self.after, 4),
            "mw": round(self.mw, 4), "verb": verb, "share": self.share,
        } | by_limit  # fmt: skip


@dataclass(frozen=True)
class Change:
    """moves: empty where the plan goes on as now.   steps: for how long the first of them holds.

    The battery's part is a move where somebody can tell it.
    """

    moves: tuple[Move, ...]
    steps: int
    hours: float
    direction: Direction
    mw: float

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(move.unit for move in self.moves))


def change_of(site: Site, plan: Plan) -> Change:
    machines = tuple(move for unit in site.units for move in moves_of(unit, plan))
    stored = battery_move(site.battery, plan)
    moves = machines if stored is None else (*machines, stored)
    mw = sum(move.mw for move in moves)
    lengths = [lasting(unit, plan) for unit in site.units if moved(unit, plan)]
    if stored is not None and site.battery is not None:
        lengths.append(battery_lasting(site.battery, plan))
    steps = min(lengths, default=1)
    if not machines and stored is not None:
        # Nothing starts or stops: power goes to another use.
        return Change(moves, steps, float(site.hours[:steps].sum()), Direction.SHIFT, mw)
    return Change(moves, steps, float(site.hours[:steps].sum()), direction_of(moves, mw), mw)


def battery_move(battery: Battery | None, plan: Plan) -> Move | None:
    """What the first step has the battery do otherwise than now, in MW that it takes."""
    if battery is None or not battery.is_told:
        return None
    takes = float(plan.charge_mw[0] - plan.discharge_mw[0])
    if abs(takes - battery.now_mw) <= least_battery_mw(battery):
        return None
    return Move(BATTERY, "stored", round(battery.now_mw, 3), round(takes, 3), takes - battery.now_mw)


def battery_lasting(battery: Battery, plan: Plan) -> int:
    takes = plan.charge_mw - plan.discharge_mw
    near = np.abs(takes - takes[0]) <= least_battery_mw(battery)
    return int(np.argmin(near)) if not near.all() else len(near)


def least_battery_mw(battery: Battery) -> float:
    return max(LEAST_BATTERY_MW, LEAST_BATTERY_SHARE * max(battery.charge_mw, battery.discharge_mw))


def moved(unit: Unit, plan: Plan) -> bool:
    return bool(moves_of(unit, plan))


def moves_of(unit: Unit, plan: Plan) -> tuple[Move, ...]:
    if unit.limits is not None:
        return limit_moves(unit, unit.limits, plan)
    move = move_of(unit, plan)
    return () if move is None else (move,)


def limit_moves(unit: Unit, limits: Limits, plan: Plan) -> tuple[Move, ...]:
    """Whose limits change, and who falls asleep or wakes beside that; each machine by the power of its mode."""
    power, on = unit.facility_mw, np.array(limits.running)
    ladder = tuple(mode.limit_w or 0 for mode in unit.modes)
    found = []
    for of, to, count in steps_between(np.array(limits.standing), standing_of(plan, unit, limits)[:, 0]):
        on[of], on[to] = on[of] - count, on[to] + count
        mw = count * float(power[to] - power[of])
        found.append(Move(unit.id, "mining", count, count, mw, limit=new_limit(unit, of, to, count)))
    change = plan.modules[unit.id][:, 0] - on
    for part in (np.minimum(change, 0.0), np.maximum(change, 0.0)):
        counts = np.rint(part)
        if counts.any():
            before = float(on.sum())
            told = tuple((limit_w, round(abs(count))) for limit_w, count in zip(ladder, counts, strict=True) if count)
            after = before + float(counts.sum())
            found.append(Move(unit.id, "mining", before, after, float(power @ counts), of=told, ladder_w=ladder))
            on = on + counts
    return tuple(found)


def move_of(unit: Unit, plan: Plan) -> Move | None:
    """What the first step changes of a unit: machines that stop or start, or how hard the running ones work."""
    before, after = running(unit), plan.modules[unit.id][:, 0]
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
