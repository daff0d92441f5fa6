"""Tiers of machines that mine as units of the engine: measured power limits, what a start or a move costs. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cango_ops.units import W_PER_MW
from compute.commands.settling import Wait
from compute.decisions.ai_units import MIN_DOWN_H, MIN_UP_H
from compute.decisions.fleet import Group
from compute.models import Verb
from compute.switching.inputs import Mode, Switching, Unit

# Where it was not measured. A machine that wakes hashes after some minutes; stopping costs nothing but wear.
WAKE_H: Final = 1 / 6
# Until a machine hashes again under another limit: some restart for it.
SETTLE_H: Final = 1 / 12


@dataclass(frozen=True)
class Settle:
    """Hours until machines of a tier do what they were told: wake, take another limit."""

    wake_h: float = WAKE_H
    limit_h: float = SETTLE_H


def settle_of(languages: Iterable[str], measured: Callable[[str, str], Wait | None]) -> Settle:
    """By measurement where there is any, of the slowest of the languages."""
    told = list(languages)
    return Settle(slowest_h(told, Verb.WAKE, WAKE_H, measured), slowest_h(told, Verb.POWER_LIMIT, SETTLE_H, measured))


def slowest_h(
    languages: Iterable[str], verb: Verb, usual_h: float, measured: Callable[[str, str], Wait | None]
) -> float:
    waits = [measured(language, verb) for language in languages]
    return max((usual_h if wait is None else wait.seconds / 3600 for wait in waits), default=usual_h)


def mining_unit(group: Group, overhead: float, hashprice: float, settle: Settle = Settle()) -> Unit:
    hash_ph = group.ths / 1000
    settling_usd = hash_ph * hashprice / 24 * settle.limit_h
    return Unit(
        id=group.id,
        modes=modes_of(group),
        pue=overhead,
        start_cost_usd=hash_ph * hashprice / 24 * settle.wake_h,
        min_up_h=max(MIN_UP_H, settle.wake_h),
        min_down_h=MIN_DOWN_H,
        count=group.count,
        switching=Switching.MACHINE,
        on_before=group.on,
        limits=group.standing.limits(settling_usd) if group.standing else None,
    )


def modes_of(group: Group) -> tuple[Mode, ...]:
    """By measured power limit, the weakest first."""
    if group.standing is None:
        return (Mode("full", group.power_w / W_PER_MW, hash_ph=group.ths / 1000),)
    rungs = group.standing.ladder.rungs
    names = [*(f"{rung.limit_w:,} W" for rung in rungs[:-1]), "full"]
    return tuple(
        Mode(name, rung.power_w / W_PER_MW, hash_ph=rung.hashrate_ths / 1000, limit_w=rung.limit_w)
        for name, rung in zip(names, rungs, strict=True)
    )


def drawn_w(group: Group) -> float:
    if group.standing is None:
        return group.on * group.power_w
    pairs = zip(group.standing.running, group.standing.ladder.rungs, strict=True)
    return sum(count * rung.power_w for count, rung in pairs)
