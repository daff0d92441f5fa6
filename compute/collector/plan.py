"""Whom one sweep asks, and for what. Pure.

Those that answered last time first, then the silent ones whose time has come, then the scouts of dark containers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from cango_ops.base.switchboard.reach import NOWHERE, Reach
from compute.collector import backoff, cadence
from compute.collector.backoff import Memory
from compute.protocols import Adapter


class Target(msgspec.Struct, frozen=True, gc=False):
    """One machine of the site map."""

    device_id: int
    site_id: int
    container_id: int
    slot: int
    address: str
    port: int
    adapter: Adapter
    reach: Reach = NOWHERE


class Question(msgspec.Struct, frozen=True, gc=False):
    """One machine to ask. inspect: for all that it can say."""

    target: Target
    inspect: bool = False


# Those that answer, those that do not and are due, those that are left alone.
Parted = tuple[list[Target], list[Target], list[Target]]


@dataclass
class Plan:
    """questions: in the order of asking.   asleep: machines of dark containers that are left alone, by container.

    allowed: inspections of those that answered last time, at most.   hand: where the hand of cadence.py stands then.
    """

    questions: list[Question] = field(default_factory=list)
    asleep: dict[int, list[Target]] = field(default_factory=dict)
    left_alone: int = 0
    allowed: int = 0
    hand: float = 0.0


def whole(containers: Mapping[int, Sequence[Target]]) -> Plan:
    """Everybody, for all that they can say: what somebody wants who reads by hand."""
    return Plan([Question(target, inspect=True) for targets in containers.values() for target in targets])


def sweep(
    containers: Mapping[int, Sequence[Target]],
    identified: Collection[int],
    memory: Memory,
    now: float,
    sweep_s: float,
) -> Plan:
    """identified: devices that have said what they are, so that this is not their first contact."""
    parted = {container_id: sorted_out(targets, memory, now) for container_id, targets in containers.items()}
    plan = started(parted, identified, memory, now, sweep_s)
    firsts = plan.allowed
    for container_id, (awake, due, rest) in parted.items():
        for target in awake:
            is_first = firsts > 0 and target.device_id not in identified
            firsts -= is_first
            plan.questions.append(
                Question(target, is_first or cadence.is_passed(target.device_id, memory.hand, plan.hand))
            )
        if is_dark(containers[container_id], memory):
            due, rest = with_scouts(due, rest, memory.turn)
            plan.asleep[container_id] = rest
        plan.questions += map(Question, due)
        plan.left_alone += len(rest)
    return plan


def started(
    parted: Mapping[int, Parted], identified: Collection[int], memory: Memory, now: float, sweep_s: float
) -> Plan:
    """A plan without questions: how many inspections it may hold. What first contacts leave of them moves the hand."""
    devices = sum(len(part) for parts in parted.values() for part in parts)
    first = sum(target.device_id not in identified for awake, _, _ in parted.values() for target in awake)
    allowed = cadence.inspections_allowed(memory.inspections, devices, sweep_s)
    passed_s = 0.0 if memory.swept_at is None else now - memory.swept_at
    hand = cadence.hand_after(memory.hand, passed_s, max(0, allowed - first), devices, sweep_s)
    return Plan(allowed=allowed, hand=hand)


def sorted_out(targets: Sequence[Target], memory: Memory, now: float) -> Parted:
    """Those that answer, those that do not and are due, those that are left alone."""
    awake: list[Target] = []
    due: list[Target] = []
    rest: list[Target] = []
    silences = memory.silences
    for target in targets:
        silence = silences.get(target.device_id)
        if silence is None:
            awake.append(target)
        else:
            (due if backoff.is_due(target.device_id, silence, now) else rest).append(target)
    return awake, due, rest


def is_dark(targets: Sequence[Target], memory: Memory) -> bool:
    return all(backoff.is_given_up(memory.silences.get(target.device_id)) for target in targets)


def with_scouts(due: list[Target], rest: list[Target], turn: int) -> tuple[list[Target], list[Target]]:
    chosen = set(backoff.scouts([target.device_id for target in rest], turn)) if rest else set()
    scouts = [target for target in rest if target.device_id in chosen]
    return due + scouts, [target for target in rest if target.device_id not in chosen]
