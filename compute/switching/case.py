"""A file of schema `switch-case/1`, read and doubted. Whatever is wrong with it is one `BadCase` with words.

Power in MW, energy in MWh, money in dollars, hash in PH/s; every list over time has T entries.
"""

from codecs import BOM_UTF8
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
import numpy as np
from msgspec import Meta

from compute.switching.inputs import (
    Ai,
    Battery,
    DemandCharge,
    DrEvent,
    Floats,
    Grid,
    Mode,
    Site,
    Sla,
    TakeOrPay,
    Unit,
)
from compute.switching.json_faults import in_words

SCHEMA = "switch-case/1"
LARGEST = 1e9
MOST_STEPS = 10_000
MOST_ENTRIES = 4_000_000

Number: TypeAlias = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Amount: TypeAlias = Annotated[float, Meta(ge=0, le=LARGEST)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
Efficiency: TypeAlias = Annotated[float, Meta(gt=0, le=1)]
Flag: TypeAlias = bool | Literal[0, 1]
Series: TypeAlias = list[Number]
Amounts: TypeAlias = list[Amount]
Words: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]


class BadCase(ValueError):
    """The input cannot be planned, and why."""


class RawMode(msgspec.Struct):
    power_mw: Amount
    name: str = ""
    hash_ph: Amount | None = None
    nodes: Amount | None = None


class RawSla(msgspec.Struct):
    min_nodes: Amounts
    penalty_usd_per_node_h: Amount


class RawUnit(msgspec.Struct):
    id: Words
    kind: Literal["asic", "gpu"]
    modes: Annotated[list[RawMode], Meta(min_length=1, max_length=100)]
    start_cost_usd: Amount
    stop_cost_usd: Amount
    min_up_steps: Count
    min_down_steps: Count
    initial_on: Flag
    initial_steps_in_state: Count
    price_usd_per_node_h: Series | None = None
    demand_nodes: Amounts | None = None
    sla: RawSla | None = None


class RawTakeOrPay(msgspec.Struct):
    mwh: Amount
    price_usd_mwh: Amount
    resale: bool = False


class RawGrid(msgspec.Struct):
    import_limit_mw: Amount
    import_price_usd_mwh: Series
    export_limit_mw: Amount = 0.0
    export_price_usd_mwh: Series | None = None
    demand_charge_usd_per_mw: Amount | None = None
    peak_so_far_mw: Amount | None = None
    demand_window: list[Flag] | None = None
    take_or_pay: RawTakeOrPay | None = None


class RawBattery(msgspec.Struct):
    capacity_mwh: Amount
    soc0_mwh: Amount
    p_charge_mw: Amount
    p_discharge_mw: Amount
    eta_charge: Efficiency
    eta_discharge: Efficiency
    soc_end_min_mwh: Amount = 0.0
    wear_usd_per_mwh_discharged: Amount = 0.0


class RawEvent(msgspec.Struct):
    t: Count
    baseline_mw: Amount
    cap_mw: Amount
    pay_usd_mwh: Amount


class RawHead(msgspec.Struct):
    schema: str


class RawCase(msgspec.Struct):
    schema: str
    T: Annotated[int, Meta(ge=0, le=MOST_STEPS)]
    dt_h: Annotated[float, Meta(gt=0, le=24)]
    hashprice_usd_per_ph_day: Series
    pue: Annotated[float, Meta(ge=1, le=10)]
    base_load_mw: Amount
    site_limit_mw: Amount
    grid: RawGrid
    units: Annotated[list[RawUnit], Meta(max_length=1000)]
    id: str = ""
    solar_mw: Amounts | None = None
    battery: RawBattery | None = None
    dr_events: list[RawEvent] | None = None


Shape = TypeVar("Shape")


def read_case(text: bytes | str) -> Site:
    """The site of a case file. Raises BadCase and nothing else."""
    return site_of(decoded(text, RawCase, SCHEMA))


def decoded(text: bytes | str, shape: type[Shape], schema: str) -> Shape:
    """JSON of that schema as the shape asks for it, behind a byte order mark too. Raises BadCase."""
    data = (text.encode() if isinstance(text, str) else text).removeprefix(BOM_UTF8)
    if not data.strip():
        raise BadCase("the file is empty")
    try:
        check_schema(msgspec.json.decode(data, type=RawHead).schema, schema)
        return msgspec.json.decode(data, type=shape)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as why:
        raise BadCase(in_words(str(why), data) or type(why).__name__) from why


def check_schema(found: str, wanted: str) -> None:
    if found != wanted:
        raise BadCase(f"schema is {found[:60]!r}, not {wanted!r}")


def site_of(raw: RawCase) -> Site:
    ids = [unit.id for unit in raw.units]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BadCase(f"two units are called {twice[0]!r}")
    if (size := raw.T * sum(entries_a_step(unit, raw.T) for unit in raw.units)) > MOST_ENTRIES:
        raise BadCase(f"steps, units, modes and minimum times make {size} entries, more than {MOST_ENTRIES}")
    return Site(
        id=raw.id,
        hours=np.full(raw.T, raw.dt_h),
        hashprice_usd_per_ph_day=series(raw.hashprice_usd_per_ph_day, raw.T, "hashprice_usd_per_ph_day"),
        base_load_mw=np.full(raw.T, raw.base_load_mw),
        limit_mw=np.full(raw.T, raw.site_limit_mw),
        grid=grid_of(raw.grid, raw.T),
        solar_mw=optional(raw.solar_mw, raw.T, "solar_mw"),
        units=tuple(unit_of(unit, raw) for unit in raw.units),
        battery=battery_of(raw.battery) if raw.battery else None,
        dr_events=tuple(event_of(event, raw.T) for event in raw.dr_events or ()),
    )


def entries_a_step(unit: RawUnit, steps: int) -> int:
    """About how many numbers the model holds of a unit in a step; minimum times reach over many steps."""
    return len(unit.modes) + min(unit.min_up_steps, steps) + min(unit.min_down_steps, steps)


def series(values: list[Any], steps: int, name: str) -> Floats:
    if len(values) != steps:
        raise BadCase(f"{name} has {len(values)} values for {steps} steps")
    return np.array(values, dtype=float)


def optional(values: list[Any] | None, steps: int, name: str) -> Floats:
    return np.zeros(steps) if values is None else series(values, steps, name)


def grid_of(raw: RawGrid, steps: int) -> Grid:
    if raw.export_price_usd_mwh is None and raw.export_limit_mw > 0:
        raise BadCase("grid.export_limit_mw is above zero and grid.export_price_usd_mwh is missing")
    return Grid(
        import_limit_mw=raw.import_limit_mw,
        export_limit_mw=raw.export_limit_mw,
        import_price_usd_mwh=series(raw.import_price_usd_mwh, steps, "grid.import_price_usd_mwh"),
        export_price_usd_mwh=optional(raw.export_price_usd_mwh, steps, "grid.export_price_usd_mwh"),
        demand_charges=demand_charges_of(raw, steps),
        take_or_pay=take_or_pay_of(raw.take_or_pay),
    )


def take_or_pay_of(raw: RawTakeOrPay | None) -> TakeOrPay | None:
    return TakeOrPay(raw.mwh, raw.price_usd_mwh, raw.resale) if raw else None


def demand_charges_of(raw: RawGrid, steps: int) -> tuple[DemandCharge, ...]:
    """No window given: every step counts."""
    window = np.ones(steps, dtype=bool)
    if raw.demand_window is not None:
        window = series(raw.demand_window, steps, "grid.demand_window").astype(bool)
    if not raw.demand_charge_usd_per_mw:
        return ()
    return (DemandCharge(raw.demand_charge_usd_per_mw, raw.peak_so_far_mw or 0.0, window),)


def unit_of(raw: RawUnit, case: RawCase) -> Unit:
    modes = modes_of(raw)
    before = ((raw.initial_steps_in_state * case.dt_h, 1.0),)
    return Unit(
        id=raw.id,
        modes=modes,
        pue=case.pue,
        start_cost_usd=raw.start_cost_usd,
        stop_cost_usd=raw.stop_cost_usd,
        min_up_h=raw.min_up_steps * case.dt_h,
        min_down_h=raw.min_down_steps * case.dt_h,
        on_before=float(raw.initial_on),
        started=before if raw.initial_on else (),
        stopped=() if raw.initial_on else before,
        ai=ai_of(raw, case.T) if raw.kind == "gpu" else None,
    )


def modes_of(raw: RawUnit) -> tuple[Mode, ...]:
    """The modes of being on. The first in the file is off and must draw and do nothing."""
    off, *running = raw.modes
    if off.power_mw or off.hash_ph or off.nodes:
        raise BadCase(f"unit {raw.id}: modes[0] is off, so it has no power, no hash and no nodes")
    wanted = "hash_ph" if raw.kind == "asic" else "nodes"
    for at, mode in enumerate(running, start=1):
        if getattr(mode, wanted) is None:
            raise BadCase(f"unit {raw.id}: modes[{at}].{wanted} is missing")
    if raw.kind == "asic":
        return tuple(Mode(mode.name, mode.power_mw, hash_ph=mode.hash_ph or 0.0) for mode in running)
    return tuple(Mode(mode.name, mode.power_mw, nodes=mode.nodes or 0.0) for mode in running)


def ai_of(raw: RawUnit, steps: int) -> Ai:
    name = f"unit {raw.id}: "
    if raw.price_usd_per_node_h is None or raw.demand_nodes is None:
        raise BadCase(f"{name}a gpu unit needs price_usd_per_node_h and demand_nodes")
    sla = None
    if raw.sla is not None:
        sla = Sla(series(raw.sla.min_nodes, steps, f"{name}sla.min_nodes"), raw.sla.penalty_usd_per_node_h)
    return Ai(
        price_usd_per_node_h=series(raw.price_usd_per_node_h, steps, f"{name}price_usd_per_node_h"),
        demand_nodes=series(raw.demand_nodes, steps, f"{name}demand_nodes"),
        sla=sla,
    )


def battery_of(raw: RawBattery) -> Battery:
    for name in ("soc0_mwh", "soc_end_min_mwh"):
        if getattr(raw, name) > raw.capacity_mwh:
            raise BadCase(f"battery.{name} is above battery.capacity_mwh")
    return Battery(
        capacity_mwh=raw.capacity_mwh,
        soc0_mwh=raw.soc0_mwh,
        soc_end_min_mwh=raw.soc_end_min_mwh,
        charge_mw=raw.p_charge_mw,
        discharge_mw=raw.p_discharge_mw,
        eta_charge=raw.eta_charge,
        eta_discharge=raw.eta_discharge,
        wear_usd_per_mwh_discharged=raw.wear_usd_per_mwh_discharged,
    )


def event_of(raw: RawEvent, steps: int) -> DrEvent:
    if raw.t >= steps:
        raise BadCase(f"dr_events: step {raw.t} is outside the {steps} steps")
    return DrEvent(step=raw.t, baseline_mw=raw.baseline_mw, cap_mw=raw.cap_mw, pay_usd_mwh=raw.pay_usd_mwh)
