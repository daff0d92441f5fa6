"""Deadlines of thousands of calls without a timer for each.

Waits of equal length fall due in the order in which they were set, so each length has its own queue and only the heads
are looked at. A wait that is no longer wanted stays in its queue and is thrown away when it comes up.
"""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Clocks(Generic[T]):
    """Queues of (due, whose, which): `which` lets the owner tell an outdated wait from the present one."""

    def __init__(self) -> None:
        self.queues: dict[float, deque[tuple[float, T, int]]] = {}

    def set(self, now: float, seconds: float, whose: T, which: int) -> None:
        queue = self.queues.get(seconds)
        if queue is None:
            queue = self.queues[seconds] = deque()
        queue.append((now + seconds, whose, which))

    def pause(self, now: float, at_most_s: float) -> float:
        """How long nothing can fall due."""
        for queue in self.queues.values():
            if queue and queue[0][0] - now < at_most_s:
                at_most_s = queue[0][0] - now
        return max(0.0, at_most_s)

    def due(self, now: float) -> list[tuple[T, int]]:
        """What fell due until now, each once."""
        due = []
        for queue in self.queues.values():
            while queue and queue[0][0] <= now:
                _, whose, which = queue.popleft()
                due.append((whose, which))
        return due
