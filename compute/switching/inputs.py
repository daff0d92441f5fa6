"""What a switching decision is made from: one site, its steps, its prices, its machines. Units stand in the names.

Every list over time has one entry a step; `hours` holds the length of each step, which may differ. Prices are those
that somebody pays at the meter, losses and fees included.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Steps: TypeAlias = NDArray[np.int64]
SLACK_H = 1e-9
# How the battery is called where units are called by their ids.
BATTERY = "battery"


class Switching(Enum):
    """What moves as one. MODE: the whole unit, in exactly one mode. MODULE: each breaker or container for itself,
    machines inside in any mode. MACHINE: so many machines that a fraction of the count means something."""

    MODE = "mode"
    MODULE = "module"
    MACHINE = "machine"


@dataclass(frozen=True)
class Mode:
    """A way of running one module. power_mw: before the PUE. An ASIC has hash_ph, a GPU block has nodes.

    limit_w: what a machine is told to run like this, where it has to be told.
    """

    name: str
    power_mw: float
    hash_ph: float = 0.0
    nodes: float = 0.0
    limit_w: int | None = None


@dataclass(frozen=True)
class Limits:
    """How modules come from one mode to another where each move is an order to machines. Modes stand by power, the
    weakest first; a module keeps its mode while it is off, and moves only while it is on.

    standing, running: modules that have each mode before the first step, and those of them that are on. cost_usd: of
    a module's move by one mode, up or down. least_h: a lowered module is not raised within it. lowered: (hours before
    the first step, mode, modules) of those that were lowered from that mode. least, most: how many modules must, and
    how many may, have this mode or a stronger one; empty where nothing binds.
    """

    standing: tuple[float, ...]
    running: tuple[float, ...]
    cost_usd: float = 0.0
    least_h: float = 0.0
    lowered: tuple[tuple[float, int, float], ...] = ()
    least: tuple[float, ...] = ()
    most: tuple[float, ...] = ()

    def lowered_from(self, mode: int) -> tuple[tuple[float, float], ...]:
        """(hours before the first step, modules) that left this mode for a weaker one."""
        return tuple((age_h, modules) for age_h, at, modules in self.lowered if at == mode)


@dataclass(frozen=True, eq=False)
class Sla:
    """Nodes that a contract demands at every step, and what each missing one costs an hour."""

    min_nodes: Floats
    penalty_usd_per_node_h: float


@dataclass(frozen=True, eq=False)
class Ai:
    """What the nodes of a unit can sell. Nodes above the demand earn nothing."""

    price_usd_per_node_h: Floats
    demand_nodes: Floats
    sla: Sla | None = None


@dataclass(frozen=True, eq=False)
class Unit:
    """`count` equal modules. modes: the ways of being on; off is not among them.

    on_before: modules on in the step before the first. started, stopped: (hours before the first step, modules) of the
    starts and stops that a minimum time may still hold. ai is None for ASICs. limits is None where modes are changed
    at will and for nothing.
    """

    id: str
    modes: tuple[Mode, ...]
    pue: float
    start_cost_usd: float = 0.0
    stop_cost_usd: float = 0.0
    min_up_h: float = 0.0
    min_down_h: float = 0.0
    count: float = 1.0
    switching: Switching = Switching.MODE
    on_before: float = 0.0
    started: tuple[tuple[float, float], ...] = ()
    stopped: tuple[tuple[float, float], ...] = ()
    ai: Ai | None = None
    limits: Limits | None = None

    @property
    def facility_mw(self) -> Floats:
        """Power of a module in each mode, cooling and losses included."""
        return np.array([mode.power_mw * self.pue for mode in self.modes])

    @property
    def hash_ph(self) -> Floats:
        return np.array([mode.hash_ph for mode in self.modes])

    @property
    def nodes(self) -> Floats:
        return np.array([mode.nodes for mode in self.modes])


@dataclass(frozen=True, eq=False)
class DemandCharge:
    """Dollars for every megawatt by which the window's highest import passes the peak so far."""

    usd_per_mw: float
    peak_so_far_mw: float
    in_window: Flags


@dataclass(frozen=True)
class TakeOrPay:
    """Energy that is paid for whether taken or not. resale: what is not taken goes back to the market at its price,
    so that nothing is lost by not taking it and the block is a constant beside the decision."""

    mwh: float
    price_usd_mwh: float
    resale: bool = False


@dataclass(frozen=True, eq=False)
class Grid:
    """coincident_usd_per_mw: expected cost of a megawatt imported in a step that may set the system's peak."""

    import_limit_mw: float
    export_limit_mw: float
    import_price_usd_mwh: Floats
    export_price_usd_mwh: Floats
    demand_charges: tuple[DemandCharge, ...] = ()
    take_or_pay: TakeOrPay | None = None
    coincident_usd_per_mw: Floats | None = None


@dataclass(frozen=True)
class Battery:
    """Charge and discharge are measured at the grid's side. end_value_usd_mwh: what is left is worth so much.
    ready_usd_mwh_h: what a MWh in it is expected to earn an hour by hours that turn out dearer than anybody knew.

    now_mw: what it takes at present, below zero what it gives. is_told: somebody can tell it what to do.
    """

    capacity_mwh: float
    soc0_mwh: float
    soc_end_min_mwh: float
    charge_mw: float
    discharge_mw: float
    eta_charge: float
    eta_discharge: float
    wear_usd_per_mwh_discharged: float
    end_value_usd_mwh: float = 0.0
    ready_usd_mwh_h: float = 0.0
    now_mw: float = 0.0
    is_told: bool = False


@dataclass(frozen=True)
class DrEvent:
    """Demand response in one step: paid for the import that stays under the baseline, up to a cap."""

    step: int
    baseline_mw: float
    cap_mw: float
    pay_usd_mwh: float


@dataclass(frozen=True, eq=False)
class Reserve:
    """Paid for load that stands ready to go at a call, for every megawatt and hour, up to a cap. units: those that can
    be gone within the programme's notice. Of two reserves the units of one are among the other's, as whoever is gone
    within a minute is gone within ten."""

    name: str
    usd_per_mw_h: Floats
    cap_mw: float
    units: frozenset[str]


@dataclass(frozen=True)
class Ramp:
    """The site's load may move by so many megawatts an hour."""

    mw_per_h: float
    load_before_mw: float


@dataclass(frozen=True, eq=False)
class Site:
    """Everything that a plan of one site depends on. nodes_limit: the site's share of what the company may serve."""

    id: str
    hours: Floats
    hashprice_usd_per_ph_day: Floats
    base_load_mw: Floats
    limit_mw: Floats
    grid: Grid
    solar_mw: Floats
    units: tuple[Unit, ...]
    battery: Battery | None = None
    dr_events: tuple[DrEvent, ...] = ()
    ramp: Ramp | None = None
    nodes_limit: Floats | None = None
    reserves: tuple[Reserve, ...] = ()

    @property
    def steps(self) -> int:
        return len(self.hours)

    @property
    def begin_h(self) -> Floats:
        """Hours from the beginning of the horizon to the beginning of each step."""
        return np.concatenate(([0.0], np.cumsum(self.hours)))[:-1]

    @property
    def usd_per_ph(self) -> Floats:
        """What a petahash a second earns in each step."""
        return self.hashprice_usd_per_ph_day / 24 * self.hours


def held_pairs(begin_h: Floats, least_h: float) -> tuple[Steps, Steps]:
    """Pairs (step, step or later one): what switches in the first is still held in the second by a minimum time."""
    ends = np.maximum(np.searchsorted(begin_h, begin_h + least_h - SLACK_H), np.arange(1, len(begin_h) + 1))
    lengths = ends - np.arange(len(begin_h))
    first = np.repeat(np.arange(len(begin_h)), lengths)
    return first, first + np.arange(len(first)) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def held_before(begin_h: Floats, least_h: float, past: tuple[tuple[float, float], ...]) -> Floats:
    """Modules which the past holds in their state, at each step."""
    held = np.zeros(len(begin_h))
    for age_h, modules in past:
        held[begin_h + age_h < least_h - SLACK_H] += modules
    return held
