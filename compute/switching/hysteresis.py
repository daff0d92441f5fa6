"""When a better plan replaces the one that runs: it must be worth the trouble, and stay so for some windows.

A window is one planning round. Sources of the defaults: Foreman waits 2 windows for a stop and 4 for a resume and none
above its high strike; the dead band of 25 USD or 2 % is a proposal, not tuned.
"""

from dataclasses import dataclass
from enum import Enum

from compute.switching.inputs import Floats, Site
from compute.switching.plan import Plan, load_mw
from compute.switching.words import dollars

DAY_H = 24.0
STILL_MW = 1e-3


class Direction(Enum):
    """What a change does first. SHIFT: the same power for another use."""

    STOP = "stop"
    START = "start"
    SHIFT = "shift"


@dataclass(frozen=True)
class Rules:
    """most_starts_a_day: changes of a site that start machines, within any 24 hours; None is no limit."""

    least_gain_usd: float = 25.0
    least_gain_share: float = 0.02
    windows_to_stop: int = 2
    windows_to_start: int = 4
    windows_to_shift: int = 2
    at_once_above_usd_mwh: float = 150.0
    most_starts_a_day: int | None = 8


@dataclass(frozen=True)
class Memory:
    """What is remembered from window to window. started_h: hours at which machines were started."""

    wanted: Direction | None = None
    windows: int = 0
    started_h: tuple[float, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A better plan. gain_usd: over keeping the present one, start costs paid. margin_usd: what the present one earns.
    is_ordered: demand response or a coincident peak asks for it, so that nothing is waited for.
    starts: machines start by it, whatever its direction."""

    direction: Direction
    gain_usd: float
    margin_usd: float
    price_usd_mwh: float
    is_ordered: bool = False
    starts: bool = False

    @property
    def wears(self) -> bool:
        return self.starts or self.direction is Direction.START


@dataclass(frozen=True)
class Verdict:
    """changes: the better plan is taken. words: why, or why not."""

    changes: bool
    words: str
    memory: Memory


def judge(rules: Rules, memory: Memory, offer: Offer, now_h: float) -> Verdict:
    """Whether the better plan is taken in this window. now_h: hours on any clock that only goes on."""
    recent = tuple(hour for hour in memory.started_h if now_h - hour < DAY_H)
    least = max(rules.least_gain_usd, rules.least_gain_share * abs(offer.margin_usd))
    if offer.gain_usd <= least:
        return Verdict(False, too_little(offer.gain_usd, least), Memory(started_h=recent))
    windows = memory.windows + 1 if memory.wanted is offer.direction else 1
    waiting = Memory(offer.direction, windows, recent)
    needed = 1 if at_once(rules, offer) else windows_needed(rules, offer.direction)
    if windows < needed:
        return Verdict(False, f"a change pays since {windows} of the {needed} rounds that it must", waiting)
    if is_worn_out(rules, offer, recent):
        return Verdict(False, f"machines were started {len(recent)} times within a day, which is enough", waiting)
    begun = (*recent, now_h) if offer.wears else recent
    rounds = "one round" if windows == 1 else f"{windows} rounds"
    return Verdict(True, f"a change earns {dollars(offer.gain_usd)} more, seen in {rounds}", Memory(started_h=begun))


def too_little(gain_usd: float, least_usd: float) -> str:
    more = dollars(gain_usd)
    earned = f"{more} more" if gain_usd > 0 and more != "$0" else "nothing"
    return f"a change would earn {earned}, and must earn more than {dollars(least_usd)}"


def direction_of(site: Site, plan: Plan, present: dict[str, Floats]) -> Direction:
    """What the plan does in its first step to the load that runs at present."""
    now = sum(float(unit.facility_mw @ present[unit.id]) for unit in site.units)
    change = float(load_mw(site, plan)[0] - site.base_load_mw[0]) - now
    if abs(change) <= STILL_MW:
        return Direction.SHIFT
    return Direction.START if change > 0 else Direction.STOP


def at_once(rules: Rules, offer: Offer) -> bool:
    spike = offer.direction is Direction.STOP and offer.price_usd_mwh > rules.at_once_above_usd_mwh
    return offer.is_ordered or spike


def windows_needed(rules: Rules, direction: Direction) -> int:
    return {
        Direction.STOP: rules.windows_to_stop,
        Direction.START: rules.windows_to_start,
        Direction.SHIFT: rules.windows_to_shift,
    }[direction]


def is_worn_out(rules: Rules, offer: Offer, recent: tuple[float, ...]) -> bool:
    if not offer.wears or rules.most_starts_a_day is None:
        return False
    return len(recent) >= rules.most_starts_a_day
