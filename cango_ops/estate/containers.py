"""How a site's machines are put into containers: shapes, and one model and language per container. Pure.

Real containers are filled from one delivery, so a container holds one model in one language; one machine in 25 is a
replacement of another model that speaks the same language.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import Final, NamedTuple

from cango_ops.estate.chance import mix, unit
from cango_ops.estate.nameplates import MIX
from cango_ops.estate.places import PLACES

SMALL_SHAPES: Final = ((4, 12), (6, 9), (6, 10), (6, 12))
LARGE_SHAPES: Final = ((7, 16), (10, 15), (8, 21), (10, 18), (10, 21))
LARGE_FROM_DEVICES: Final = 60_000
NODE_COLUMNS: Final = 8
MIXED_NODES: Final = 30
REPLACED_SHARE: Final = 0.04
GOLDEN_RATIO: Final = 0.6180339887498949
NODE_MODELS: Final = ("NVIDIA H100 80GB HBM3", "NVIDIA H200", "NVIDIA L40S")


class ContainerPlan(NamedTuple):
    """machines: (model, language) in slot order."""

    code: str
    rows: int
    columns: int
    kind: str
    machines: list[tuple[str, str]]


def containers_of(seed: int, devices: int, asics: list[int], nodes: list[int]) -> list[list[ContainerPlan]]:
    """For each place its containers, mining ones first."""
    is_large = devices >= LARGE_FROM_DEVICES
    pick = _Pick(seed)
    plans = []
    for number, place in enumerate(PLACES):
        mining = _mining(pick, mix(seed ^ (number << 20)), asics[number], LARGE_SHAPES if is_large else SMALL_SHAPES)
        racks = _node_models(number, nodes[number])
        if place.is_mixed and mining and racks:
            mining[-1], racks = _mixed(mining[-1], racks[:MIXED_NODES]), racks[MIXED_NODES:]
        plans.append(mining + _gpu(racks, 48 if is_large else 32))
    return plans


class _Pick:
    """Draws (model, language) for one container after the other so that the whole estate keeps the mix's shares."""

    def __init__(self, seed: int) -> None:
        self.at = unit(seed, 77)
        self.bounds = list(accumulate(share for _, _, share in MIX))

    def next(self) -> tuple[str, str]:
        self.at = (self.at + GOLDEN_RATIO) % 1.0
        model, language, _ = MIX[bisect_right(self.bounds, self.at * self.bounds[-1])]
        return model, language


def _mining(pick: _Pick, key: int, count: int, shapes: tuple[tuple[int, int], ...]) -> list[ContainerPlan]:
    plans: list[ContainerPlan] = []
    left = count
    while left:
        number = len(plans) + 1
        rows, columns = shapes[mix(key + number) % len(shapes)]
        size = min(left, rows * columns)
        machines = _one_delivery(mix(key ^ number), pick.next(), size)
        plans.append(ContainerPlan(f"C{number:02d}", rows, columns, "asic", machines))
        left -= size
    return plans


def _one_delivery(key: int, main: tuple[str, str], size: int) -> list[tuple[str, str]]:
    others = [(model, language) for model, language, _ in MIX if language == main[1] and model != main[0]]
    return [
        others[mix(key ^ slot) % len(others)] if others and unit(key, slot) < REPLACED_SHARE else main
        for slot in range(size)
    ]


def _node_models(number: int, count: int) -> list[tuple[str, str]]:
    model = NODE_MODELS[number % len(NODE_MODELS)]
    return [(model, "gpu_node")] * count


def _gpu(racks: list[tuple[str, str]], size: int) -> list[ContainerPlan]:
    plans = []
    for number, start in enumerate(range(0, len(racks), size), 1):
        part = racks[start : start + size]
        plans.append(ContainerPlan(f"G{number:02d}", -(-len(part) // NODE_COLUMNS), NODE_COLUMNS, "gpu", part))
    return plans


def _mixed(plan: ContainerPlan, racks: list[tuple[str, str]]) -> ContainerPlan:
    """The last mining container with GPU nodes behind its ASICs."""
    machines = plan.machines + racks
    return ContainerPlan("M01", -(-len(machines) // plan.columns), plan.columns, "mixed", machines)
