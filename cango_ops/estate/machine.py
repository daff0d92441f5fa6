"""One ASIC at any moment: its state is a closed form of its key, the time and what it was last told to do.

Nothing runs between two questions. A machine reboots by a timetable of its own until it is commanded for the first
time; from then on its course is what the commands made of it.
"""

from functools import lru_cache
from math import sin
from typing import Final

from cango_ops.estate.chance import mix
from cango_ops.estate.course import Course, started
from cango_ops.estate.faults import DEAD_BOARD, DEAD_FAN, HOT, OFF, SOUND, Fault, fault_of
from cango_ops.estate.layout import Slot, place_of
from cango_ops.estate.nameplates import PLATES, Plate
from cango_ops.estate.site_state import DERATE_FROM_C, SiteState, derate

BOOT_S: Final = 40.0
STANDBY_W: Final = 32.0
DAY_S: Final = 86_400.0
PCB_COOLER_C: Final = 13
# (number, TH/s, circuit board, hottest chip in degrees)
Board = tuple[int, float, int, int]


def _dealt(low: float, high: float) -> tuple[float, ...]:
    """512 values from `low` to `high`: nine bits of a machine's lot pick one."""
    return tuple(low + (high - low) * n / 511 for n in range(512))


SKILLS: Final = _dealt(0.975, 1.025)
WEAK_SKILLS: Final = _dealt(0.78, 0.82)
HEATS: Final = _dealt(-4.0, 4.0)
HOT_HEATS: Final = _dealt(11.0, 19.0)
INLETS: Final = _dealt(1.0, 4.0)
PHASES: Final = _dealt(0.0, 6.28)
RAMPS: Final = _dealt(180.0, 540.0)
PERIODS: Final = _dealt(6.0 * DAY_S, 45.0 * DAY_S)


class Control:
    """What commands have made of a machine. Created by the first one."""

    __slots__ = ("boot_at", "course", "is_asleep", "limit_w", "pools", "settings", "target")

    def __init__(self, boot_at: float, course: Course) -> None:
        self.boot_at = boot_at
        self.course = course
        self.is_asleep = False
        self.target = 1.0
        self.limit_w: int | None = None
        self.pools: list[dict[str, str]] | None = None
        self.settings: dict[str, str] = {}


class Machine:
    """Who this machine is, and the little that changes about it.

    There are as many as the estate has: what is dealt to them comes out of shared tables and costs no memory.
    skill: hashrate reached over what its site gets out of a nameplate.
    """

    __slots__ = (
        "address", "boot_at", "control", "fault", "fault_at", "heat_c", "key", "language", "lot", "plate", "site",
        "skill",
    )  # fmt: skip

    def __init__(self, site: SiteState, slot: Slot, key: int) -> None:
        self.site = site
        self.address = slot.address
        self.language = slot.language
        self.key = key
        self.lot = mix(key)
        self.plate: Plate = PLATES[slot.model]
        self.fault_at = self.lot >> 60
        self.boot_at = 0.0
        self.control: Control | None = None
        self.suffer(fault_of(key))

    def suffer(self, fault: Fault) -> None:
        """From now on this is wrong with it."""
        self.fault = fault
        self.skill = (WEAK_SKILLS if fault is Fault.WEAK else SKILLS)[self.lot & 511]
        self.heat_c = (HOT_HEATS if fault is HOT else HEATS)[self.lot >> 9 & 511]

    @property
    def place(self) -> str:
        """Its host name: `macon.c01s007`."""
        return place_of(self.site.site, self.address)

    @property
    def inlet_c(self) -> float:
        """How much warmer than outside the air is that it takes in."""
        return INLETS[self.lot >> 18 & 511]

    @property
    def phase(self) -> float:
        return PHASES[self.lot >> 27 & 511]

    @property
    def boot_s(self) -> float:
        """How long the ramp after a boot takes."""
        return RAMPS[self.lot >> 36 & 511]

    @property
    def period(self) -> float:
        return PERIODS[self.lot >> 45 & 511]

    def booted(self, t: float) -> float:
        """When it came up last."""
        if self.control is not None:
            return self.control.boot_at
        boot_at, period = self.boot_at, PERIODS[self.lot >> 45 & 511]
        if not boot_at <= t < boot_at + period:
            first = (self.key & 0xFFFFFFFF) / 0x1_0000_0000 * period
            boot_at = self.boot_at = first + (t - first) // period * period
        return boot_at

    def running(self, t: float) -> tuple[float, Course]:
        """(when it came up, its course since)"""
        if self.control is not None:
            return self.control.boot_at, self.control.course
        boot_at = self.booted(t)
        return boot_at, started(boot_at, BOOT_S, self.boot_s)

    def pace(self, t: float) -> tuple[float, float, bool]:
        """(load, seconds at full load worked since it came up, whether it is still on its way up)"""
        if self.control is None:
            ramp = RAMPS[self.lot >> 36 & 511]
            settled_s = t - self.booted(t) - BOOT_S - ramp
            if settled_s >= 0.0:
                return 1.0, settled_s + ramp / 2, False
        course = self.running(t)[1]
        is_rising = course.is_rising(t) and not (self.control is not None and self.control.is_asleep)
        return course.load(t), course.work_s(t), is_rising

    def commanded(self, t: float) -> Control:
        """The control record, made from the present course when there is none yet."""
        if self.control is None:
            self.control = Control(*self.running(t))
            self.site.touch(self)
        return self.control

    def nominal_w(self) -> tuple[float, float]:
        """(standby, what load adds at full load) in W, faults included."""
        standby, load = nominal_w(self.plate, self.fault)
        return standby, load * self.site.care

    def power_at(self, t: float) -> float:
        """What it draws, for the site's meter, which asks all that were commanded at once: without its own noise."""
        standby, full = self.nominal_w()
        load = self.control.course.load(t) if self.control is not None else self.pace(t)[0]
        return standby + full * load * derate(self.site.ambient(t) + self.inlet_c)

    def limit_w(self) -> int:
        limit = self.control.limit_w if self.control else None
        return limit if limit is not None else round(self.plate.watts * 1.05)


class Pulse:
    """All that a machine knows about itself at one moment."""

    __slots__ = (
        "accepted", "average_ths", "board_ths", "chip_c", "hw_errors", "inlet_c", "is_asleep", "is_starting", "live",
        "load", "noise", "power_w", "rejected", "t", "ths", "uptime_s", "wave", "work_s",
    )  # fmt: skip

    def __init__(self, machine: Machine, t: float) -> None:
        plate, phase, site, control = machine.plate, machine.phase, machine.site, machine.control
        self.t = t
        self.live: list[Board] | None = None
        self.uptime_s = int(t - machine.booted(t))
        self.load, self.work_s, self.is_starting = load, work, _ = machine.pace(t)
        self.is_asleep = control is not None and control.is_asleep
        self.noise = noise = 0.6 * sin(0.83 * t + phase) + 0.4 * sin(0.29 * t + 2.7 * phase)
        self.inlet_c = inlet = site.ambient(t) + machine.inlet_c
        alive = 1.0 if machine.fault is SOUND else alive_share(plate, machine.fault)
        keeps = derate(inlet) if inlet > DERATE_FROM_C else 1.0
        draw = load * alive * keeps
        full = plate.ths * site.care * machine.skill * alive * keeps * (load if load in (0.0, 1.0) else load**0.9)
        self.ths = full * (1 + 0.03 * noise)
        self.wave = t / 9 + phase
        self.average_ths = full * (1 + 0.004 * sin(t / 700 + phase))
        self.power_w = STANDBY_W + (plate.watts - STANDBY_W) * site.care * draw * (1 + 0.006 * noise)
        self.chip_c = inlet + 3 + (37 + machine.heat_c) * draw + 0.6 * noise
        self.board_ths = full / plate.boards / alive
        shares = work * plate.ths
        self.accepted = int(shares * 0.00117)
        self.rejected = int(shares * 0.0000009)
        self.hw_errors = int(work * 0.0021)


def alive_share(plate: Plate, fault: Fault) -> float:
    """The share of the hash boards that work."""
    return 1.0 if fault is not DEAD_BOARD else 1.0 - 1.0 / plate.boards


def nominal_w(plate: Plate, fault: Fault) -> tuple[float, float]:
    """(standby, what load adds at full load) in W of such a machine at a site that gets the nameplate out of it."""
    if fault is OFF:
        return 0.0, 0.0
    return STANDBY_W, (plate.watts - STANDBY_W) * alive_share(plate, fault)


def board_is_dead(machine: Machine, board: int) -> bool:
    """board: from 0, as they stand in the machine."""
    return machine.fault is DEAD_BOARD and machine.fault_at % machine.plate.boards == board


def fans_rpm(machine: Machine, pulse: Pulse) -> tuple[int, ...]:
    """Every fan's speed, as its own counter sees it: in steps of 30."""
    mean = min(220, max(36, int(60 + 2.733 * (pulse.chip_c - 42) + 2 * pulse.noise)))
    count = machine.plate.fans
    return _speeds(mean * 30, machine.key & 15, count, machine.fault_at % count if machine.fault is DEAD_FAN else -1)


@lru_cache(maxsize=32_768)
def _speeds(mean: int, spread: int, count: int, dead: int) -> tuple[int, ...]:
    """Front fans turn a little slower than the rear ones; a dead one stands."""
    fans = [mean + 60 * (spread & 3), mean - 120, mean + 60 * (spread >> 2), mean - 60][:count]
    return tuple(0 if n == dead else speed for n, speed in enumerate(fans))


def board_ths(machine: Machine, pulse: Pulse, board: int) -> float:
    """This board's hashrate; the boards together give the machine's."""
    return 0.0 if board_is_dead(machine, board) else _ths(machine, pulse, board)


def board_c(machine: Machine, pulse: Pulse, board: int) -> tuple[int, int]:
    """(circuit board, hottest chip) in degrees."""
    if board_is_dead(machine, board):
        return 0, 0
    chip = _chip_c(machine, pulse, board)
    return chip - PCB_COOLER_C, chip


def live_boards(machine: Machine, pulse: Pulse) -> list[Board]:
    """(number, TH/s, circuit board and hottest chip in degrees) of every board that works, all at once."""
    if pulse.live is None:
        pulse.live = _live_boards(machine, pulse)
    return pulse.live


def _live_boards(machine: Machine, pulse: Pulse) -> list[Board]:
    count = machine.plate.boards
    dead = machine.fault_at % count if machine.fault is DEAD_BOARD else -1
    rows = []
    for n in range(count):
        if n != dead:
            chip = _chip_c(machine, pulse, n)
            rows.append((n, _ths(machine, pulse, n), chip - PCB_COOLER_C, chip))
    return rows


def _ths(machine: Machine, pulse: Pulse, board: int) -> float:
    return pulse.board_ths * (1 + 0.012 * sin(pulse.wave + 2.1 * board))


def _chip_c(machine: Machine, pulse: Pulse, board: int) -> int:
    return int(pulse.chip_c) + (machine.key >> (8 + 4 * board) & 0xFF) % 5 - 2
