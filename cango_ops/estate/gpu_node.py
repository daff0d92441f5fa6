"""One GPU node at any moment: eight GPUs that serve a language model, busier by day than by night."""

from math import cos, pi, sin
from typing import Final

from cango_ops.estate.chance import between, hex_of, unit, wobble
from cango_ops.estate.course import Course, started
from cango_ops.estate.faults import Fault, fault_of
from cango_ops.estate.layout import Slot, place_of
from cango_ops.estate.nameplates import GPU_PLATES, GpuPlate
from cango_ops.estate.site_state import SiteState

GPUS: Final = 8
DAY_S: Final = 86_400.0
MEAN_DEMAND: Final = 0.56
SWING: Final = 0.27
NODE_BOOT_S: Final = 90.0
HOST_W: Final = 650.0
XID_FELL_OFF: Final = 79
SLEEP_S: Final = {1: 6.0, 2: 2.0}
WAKE_S: Final = {1: 8.0, 2: 45.0}


class Node:
    """Who this node is, and whether it serves. sleep_level: 0 awake, 1 weights in host memory, 2 weights given up."""

    __slots__ = (
        "address", "boot_at", "course", "fault", "fault_at", "heat_c", "key", "language", "noon_s", "phase", "place",
        "plate", "site", "sleep_level", "tokens_done", "tokens_from",
    )  # fmt: skip

    def __init__(self, site: SiteState, slot: Slot, key: int, now: float) -> None:
        self.site = site
        self.address = slot.address
        self.language = slot.language
        self.key = key
        self.place = place_of(site.site, slot.address)
        self.plate: GpuPlate = GPU_PLATES[slot.model]
        self.fault = fault_of(key, is_node=True)
        self.fault_at = int(unit(key, 2) * GPUS)
        self.phase = between(key, 3, 0.0, 6.28)
        self.heat_c = between(key, 5, -3.0, 3.0) + (14.0 if self.fault is Fault.HOT else 0.0)
        self.noon_s = site.climate.noon_shift_s
        period = between(key, 7, 20.0, 90.0) * DAY_S
        self.boot_at = now - now % period if now % period > 600 else now - now % period - period
        self.course: Course = started(self.boot_at, NODE_BOOT_S, 60.0)
        self.sleep_level = 0
        self.tokens_done = 0.0
        self.tokens_from = self.boot_at

    def nominal_w(self) -> tuple[float, float]:
        return node_nominal_w(self.plate, self.fault)

    def suffer(self, fault: Fault) -> None:
        """From now on this is wrong with it."""
        self.fault = fault

    def power_at(self, t: float) -> float:
        if self.fault is Fault.OFF:
            return 0.0
        return HOST_W + sum(gpu_power_w(self, gpu, t) for gpu in range(GPUS))

    def is_broken(self, t: float) -> bool:
        """A GPU has reported an error that ended its server."""
        return self.fault is Fault.XID or self.site.drills.hits("gpu-failure", self.site.code, self.key, t)

    def serves(self, t: float) -> bool:
        return self.sleep_level == 0 and not self.is_broken(t) and self.course.load(t) > 0.5

    def sleep(self, level: int, t: float) -> None:
        self.site.touch(self)
        if self.sleep_level == 0:
            self.tokens_done, self.tokens_from = self.tokens(t), t
        self.sleep_level = level
        self.course = self.course.then(t, (SLEEP_S[level], 0.0))

    def wake(self, t: float) -> None:
        self.site.touch(self)
        if self.sleep_level:
            wait = WAKE_S[self.sleep_level]
            self.tokens_from = t + wait
            self.course = self.course.then(t, (wait * 0.8, 0.0), (wait, 1.0))
        self.sleep_level = 0

    def tokens(self, t: float) -> float:
        """Tokens generated until `t`: the demand curve's integral, so that it never falls."""
        if self.sleep_level or t <= self.tokens_from:
            return self.tokens_done
        seconds = _worked(t + self.noon_s) - _worked(self.tokens_from + self.noon_s)
        return self.tokens_done + self.plate.tokens_per_s * seconds


def node_nominal_w(plate: GpuPlate, fault: Fault) -> tuple[float, float]:
    """(whatever it does, what serving adds on the mean) in W of such a node."""
    if fault is Fault.OFF:
        return 0.0, 0.0
    return HOST_W + GPUS * plate.idle_watts, GPUS * (plate.tdp_watts - plate.idle_watts) * 0.85 * MEAN_DEMAND


def demand(node: Node, t: float) -> float:
    """How busy the node is, 0 to 1: people ask most in the afternoon."""
    day = SWING * sin(2 * pi * (t + node.noon_s) / DAY_S - 2.2)
    return min(1.0, max(0.02, MEAN_DEMAND + day + 0.07 * wobble(node.phase, t)))


def _worked(t: float) -> float:
    return MEAN_DEMAND * t - SWING * DAY_S / (2 * pi) * cos(2 * pi * t / DAY_S - 2.2)


def gpu_is_gone(node: Node, gpu: int) -> bool:
    return node.fault is Fault.DEAD_GPU and node.fault_at == gpu


def xid(node: Node, gpu: int, t: float) -> int:
    return XID_FELL_OFF if gpu == node.fault_at and node.is_broken(t) else 0


def utilisation(node: Node, gpu: int, t: float) -> float:
    """One GPU's share of busy time, 0 to 1."""
    if node.is_broken(t) or gpu_is_gone(node, gpu):
        return 0.0
    load = node.course.load(t)
    return load * min(1.0, max(0.0, demand(node, t) + 0.05 * wobble(node.phase + gpu, t))) if load else 0.0


def gpu_power_w(node: Node, gpu: int, t: float) -> float:
    if gpu_is_gone(node, gpu):
        return 0.0
    plate = node.plate
    return plate.idle_watts + (plate.tdp_watts - plate.idle_watts) * 0.85 * utilisation(node, gpu, t)


def gpu_energy_mj(node: Node, gpu: int, t: float) -> int:
    """Millijoules since boot, from the work done: never falls."""
    plate = node.plate
    busy = node.course.work_s(t) * MEAN_DEMAND * 0.85
    share = between(node.key, 40 + gpu, 0.97, 1.03)
    return int(share * 1000 * (plate.idle_watts * (t - node.boot_at) + (plate.tdp_watts - plate.idle_watts) * busy))


def uuid(node: Node, gpu: int) -> str:
    word = hex_of(node.key, 60 + gpu, 16) + hex_of(node.key, 70 + gpu, 16)
    return f"GPU-{word[:8]}-{word[8:12]}-{word[12:16]}-{word[16:20]}-{word[20:]}"
