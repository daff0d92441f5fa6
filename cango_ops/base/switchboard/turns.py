"""Whose turn it is: the first group with a call waiting and room for it, and within a group the first added. Pure."""

import heapq
from collections import deque
from collections.abc import Hashable

from cango_ops.base.switchboard.call import Call, Limits


class Group:
    """The calls of one container. order: as groups were added.   in_turn: it stands in the queue of those with room.
    took_s: how long its answers took lately, 0 before the first."""

    __slots__ = ("active", "in_turn", "order", "took_s", "waiting")

    def __init__(self, order: int) -> None:
        self.order = order
        self.waiting: deque[Call] = deque()
        self.active = 0
        self.in_turn = False
        self.took_s = 0.0


class Turns:
    """The queue of groups. Silent machines fill places of their own group and never another's.

    Earlier groups come first, so that a site added as a whole is done as a whole, and its results can be stored while
    the next ones are still asked. active: calls that count.   under_way: these and those that have made room.
    """

    def __init__(self, limits: Limits, open_at_most: int) -> None:
        self.limits = limits
        self.open_at_most = open_at_most
        self.groups: dict[Hashable, Group] = {}
        self.queue: list[tuple[int, Group]] = []
        self.waiting = 0
        self.active = 0
        self.under_way = 0

    def add(self, call: Call) -> None:
        group = self.groups.get(call.group)
        if group is None:
            group = self.groups[call.group] = Group(len(self.groups))
        group.waiting.append(call)
        self.waiting += 1
        self._stand_in(group)

    def next(self) -> tuple[Call, Group] | None:
        """The call that may begin now; whoever takes it gives its place back with `ended`."""
        if not self.queue or self.active >= self.limits.at_once or self.under_way >= self.open_at_most:
            return None
        group = self.queue[0][1]
        call = group.waiting.popleft()
        self.waiting -= 1
        self.under_way += 1
        self.active += 1
        group.active += 1
        if not group.waiting or group.active >= self.limits.at_once_per_group:
            heapq.heappop(self.queue)
            group.in_turn = False
        return call, group

    def make_room(self, group: Group) -> None:
        """One of the group's calls, though under way, no longer counts."""
        self.active -= 1
        group.active -= 1
        self._stand_in(group)

    def ended(self, group: Group, *, counts: bool = True) -> None:
        """A call ended; counts: it had not made room before."""
        self.under_way -= 1
        if counts:
            self.make_room(group)

    def forget_waiting(self) -> int:
        """Drops what has not begun; how many that were."""
        dropped, self.waiting = self.waiting, 0
        for group in self.groups.values():
            group.waiting.clear()
            group.in_turn = False
        self.queue.clear()
        return dropped

    def _stand_in(self, group: Group) -> None:
        if group.waiting and not group.in_turn and group.active < self.limits.at_once_per_group:
            group.in_turn = True
            heapq.heappush(self.queue, (group.order, group))
