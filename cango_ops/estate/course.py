"""The course of a machine's load: straight pieces between points in time, so that any moment is known at once. Pure.

Nothing is ticked: a command replaces the pieces after its moment, and what was done before is carried as a sum.
"""

from itertools import pairwise
from typing import NamedTuple


class Course(NamedTuple):
    """times rise; before the first point the load is the first one's, after the last the last one's.

    loads: 1 is the nameplate.   done_s, total_s: seconds at full load already worked when the first and when the last
    point came. Made by `course_of`.
    """

    times: tuple[float, ...]
    loads: tuple[float, ...]
    done_s: float
    total_s: float

    def load(self, t: float) -> float:
        times, loads = self.times, self.loads
        if t >= times[-1]:
            return loads[-1]
        if t <= times[0]:
            return loads[0]
        i = 1
        while times[i] < t:
            i += 1
        share = (t - times[i - 1]) / (times[i] - times[i - 1])
        return loads[i - 1] + share * (loads[i] - loads[i - 1])

    def work_s(self, t: float) -> float:
        """Seconds at full load worked until `t`: never falls while `t` rises."""
        times = self.times
        if t >= times[-1]:
            return self.total_s + (t - times[-1]) * self.loads[-1]
        total = self.done_s
        for i in range(1, len(times)):
            if t <= times[i - 1]:
                return total
            end = min(t, times[i])
            total += (end - times[i - 1]) * (self.loads[i - 1] + self.load(end)) / 2
        return total

    def is_rising(self, t: float) -> bool:
        return t < self.times[-1] and self.load(t) < self.loads[-1]

    def then(self, t: float, *steps: tuple[float, float]) -> "Course":
        """From now on another course: `steps` are (seconds from now, load), in order; the work done so far is kept."""
        times = (t, *(t + after for after, _ in steps))
        loads = (self.load(t), *(load for _, load in steps))
        return course_of(times, loads, self.work_s(t))


def course_of(times: tuple[float, ...], loads: tuple[float, ...], done_s: float = 0.0) -> Course:
    points = zip(times, loads, strict=True)
    worked = sum((t1 - t0) * (load0 + load1) / 2 for (t0, load0), (t1, load1) in pairwise(points))
    return Course(times, loads, done_s, done_s + worked)


def started(boot_at: float, silent_s: float, ramp_s: float, load: float = 1.0) -> Course:
    """The course after power comes on: nothing while it boots, then a ramp to `load`."""
    return course_of((boot_at, boot_at + silent_s, boot_at + silent_s + ramp_s), (0.0, 0.0, load))
