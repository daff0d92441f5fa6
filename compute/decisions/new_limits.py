"""Machines that are told another power limit: how many, from which to which. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from compute.switching.inputs import Floats, Unit

POWER_LIMIT = "power_limit"


@dataclass(frozen=True)
class NewLimit:
    """So many machines of one mode to another. ladder_w: the limits of all modes of the unit, the weakest first."""

    machines: int
    from_w: int
    limit_w: int
    ladder_w: tuple[int, ...]

    @property
    def is_lower(self) -> bool:
        return self.limit_w < self.from_w

    def as_json(self, unit: str, use: str, mw: float) -> dict[str, Any]:
        return {
            "unit": unit, "use": use, "from": self.machines, "to": self.machines, "mw": round(mw, 4),
            "verb": POWER_LIMIT, "share": None, "from_w": self.from_w, "limit_w": self.limit_w,
            "ladder_w": list(self.ladder_w),
        }  # fmt: skip


def new_limit(unit: Unit, of: int, to: int, count: int) -> NewLimit:
    ladder = tuple(mode.limit_w or 0 for mode in unit.modes)
    return NewLimit(count, ladder[of], ladder[to], ladder)


def steps_between(before: Floats, after: Floats) -> Iterator[tuple[int, int, int]]:
    """(from mode, to mode, whole modules) that make one standing of the other with the fewest moved, the strongest
    first."""
    left = [round(float(change)) for change in after - before]
    for of in reversed(range(len(left))):
        for to in reversed(range(len(left))):
            count = min(-left[of], left[to])
            if count > 0:
                left[of] += count
                left[to] -= count
                yield of, to, count
