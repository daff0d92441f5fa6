"""A file of schema `backtest-site/1` and the hourly series beside it, as a history. One error: `BadCase`."""

import csv
import io
import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from compute.backtest.history import History
from compute.switching.case import Amount, BadCase, Efficiency, Number, Words, decoded
from compute.switching.inputs import Ai, Battery, Floats, Grid, Mode, Site, Sla, Switching, Unit

SCHEMA = "backtest-site/1"
LARGEST = 1e9
CLOCK = "hour_start_local"
REAL_TIME = "real_time_usd_mwh"


class RawMode(msgspec.Struct):
    power_mw: Amount
    name: str = ""
    hash_ph: Amount | None = None
    nodes: Amount | None = None


class RawSla(msgspec.Struct):
    min_nodes: Amount
    penalty_usd_per_node_h: Amount


class RawUnit(msgspec.Struct):
    id: Words
    kind: Literal["asic", "gpu"]
    count: Amount
    pue: Annotated[float, Meta(ge=1, le=10)]
    modes: Annotated[list[RawMode | None], Meta(min_length=1, max_length=100)]
    start_cost_usd: Amount = 0.0
    stop_cost_usd: Amount = 0.0
    min_up_steps: Annotated[int, Meta(ge=0, le=10_000)] = 1
    min_down_steps: Annotated[int, Meta(ge=0, le=10_000)] = 1
    price_usd_per_node_h: Amount | str | None = None
    demand: Amount | str | None = None
    sla: RawSla | None = None


class RawGrid(msgspec.Struct):
    import_limit_mw: Amount
    export_limit_mw: Amount = 0.0
    import_adder_usd_mwh: Number = 0.0
    export_discount_usd_mwh: Number = 0.0
    coincident_peak_charge_usd_per_mw: Amount = 0.0


class RawBattery(msgspec.Struct):
    capacity_mwh: Amount
    soc0_mwh: Amount
    p_charge_mw: Amount
    p_discharge_mw: Amount
    eta_charge: Efficiency
    eta_discharge: Efficiency
    wear_usd_per_mwh_discharged: Amount = 0.0


class RawSite(msgspec.Struct):
    schema: str
    series: Words
    step_h: Annotated[float, Meta(gt=0, le=24)]
    horizon_h: Annotated[float, Meta(gt=0, le=24 * 14)]
    site_limit_mw: Amount
    grid: RawGrid
    units: Annotated[list[RawUnit], Meta(max_length=1000)]
    battery: RawBattery | None = None
    initial_on: dict[str, Amount] | None = None


class Table:
    """The columns of the series, each read when asked for.

    An hour whose real-time price is empty is left out, as if the line were not there: nobody can say what it cost. What
    else is empty holds the last value before it, which was known then. missing: how many were, by column.
    """

    def __init__(self, text: str) -> None:
        rows = table_rows(text)
        self.names = [name.strip() for name in rows[0]]
        if twice := sorted({name for name in self.names if self.names.count(name) > 1}):
            raise BadCase(f"the series has two columns {twice[0]}")
        self.rows = list(enumerate(rows[1:], start=2))
        for line, row in self.rows:
            if len(row) != len(self.names):
                raise BadCase(f"the series has {len(row)} values for {len(self.names)} columns in line {line}")
        self.missing: dict[str, int] = {}
        self._leave_out_unpriced()

    def _leave_out_unpriced(self) -> None:
        if REAL_TIME not in self.names:
            raise BadCase(f"the series has no column {REAL_TIME}")
        at = self.names.index(REAL_TIME)
        priced = [(line, row) for line, row in self.rows if row[at].strip()]
        if not priced:
            raise BadCase(f"{REAL_TIME} is empty in every line of the series")
        if len(priced) < len(self.rows):
            self.missing[REAL_TIME] = len(self.rows) - len(priced)
        self.rows = priced

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Floats:
        """Raises BadCase when the column is missing, its first value is empty, or a value is no number."""
        if name not in self.names:
            raise BadCase(f"the series has no column {name}")
        at, values = self.names.index(name), list[float]()
        for line, row in self.rows:
            if row[at].strip() or not values:
                values.append(number(row[at], name, line))
            else:
                values.append(values[-1])
                self.missing[name] = self.missing.get(name, 0) + 1
        return np.array(values)

    def column_or_zeros(self, name: str) -> Floats:
        return self.column(name) if name in self.names else np.zeros(len(self))

    def clock_h(self) -> Floats:
        """Hours since the first row. A clock set back for the winter repeats an hour; more than that is an error."""
        if CLOCK not in self.names:
            raise BadCase(f"the series has no column {CLOCK}")
        at = self.names.index(CLOCK)
        times = [moment(row[at], line) for line, row in self.rows]
        for (line, _), (before, now) in zip(self.rows[1:], pairwise(times), strict=True):
            if now - before < -timedelta(hours=1):
                raise BadCase(f"the series goes back in time in line {line}")
        return np.array([(each - times[0]).total_seconds() / 3600 for each in times])


def table_rows(text: str) -> list[list[str]]:
    """The lines of the series, without empty ones. Raises BadCase."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) if row]
    except csv.Error as why:
        raise BadCase(f"the series cannot be read: {why}") from why
    if len(rows) < 2:
        raise BadCase("the series has no rows")
    return rows


def number(text: str, name: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise BadCase(f"{name} is {text[:20]!r} in line {line} of the series, not a number")
    return value


def moment(text: str, line: int) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise BadCase(f"{CLOCK} is {text[:20]!r} in line {line} of the series, not a time") from None


def read_site(text: bytes) -> RawSite:
    """The description; its `series` names the table. Raises BadCase."""
    raw = decoded(text, RawSite, SCHEMA)
    ids = [unit.id for unit in raw.units]
    if len(set(ids)) < len(ids):
        raise BadCase("two units have the same id")
    if unknown := sorted(set(raw.initial_on or {}) - set(ids)):
        raise BadCase(f"initial_on names {unknown[0]!r}, which is no unit")
    if raw.battery and raw.battery.soc0_mwh > raw.battery.capacity_mwh:
        raise BadCase("battery.soc0_mwh is above battery.capacity_mwh")
    return raw


def history_of(raw: RawSite, series: str) -> History:
    """The description and its series as a history. Raises BadCase."""
    table = Table(series)
    real_time = table.column(REAL_TIME)
    charge = raw.grid.coincident_peak_charge_usd_per_mw
    return History(
        truth=truth_of(raw, table, real_time),
        clock_h=table.clock_h(),
        day_ahead_usd_mwh=table.column("day_ahead_usd_mwh"),
        real_time_usd_mwh=real_time,
        import_adder_usd_mwh=raw.grid.import_adder_usd_mwh,
        export_discount_usd_mwh=raw.grid.export_discount_usd_mwh,
        peak_usd_per_mw=table.column_or_zeros("coincident_peak_probability") * charge,
        horizon=max(1, round(raw.horizon_h / raw.step_h)),
        missing=table.missing,
    )


def truth_of(raw: RawSite, table: Table, real_time: Floats) -> Site:
    steps = len(table)
    grid = Grid(
        import_limit_mw=raw.grid.import_limit_mw,
        export_limit_mw=raw.grid.export_limit_mw,
        import_price_usd_mwh=real_time + raw.grid.import_adder_usd_mwh,
        export_price_usd_mwh=real_time - raw.grid.export_discount_usd_mwh,
        coincident_usd_per_mw=table.column_or_zeros("coincident_peak") * raw.grid.coincident_peak_charge_usd_per_mw,
    )
    return Site(
        id=raw.series,
        hours=np.full(steps, raw.step_h),
        hashprice_usd_per_ph_day=table.column("hashprice_usd_per_ph_day"),
        base_load_mw=np.zeros(steps),
        limit_mw=np.full(steps, raw.site_limit_mw),
        grid=grid,
        solar_mw=np.zeros(steps),
        units=tuple(unit_of(unit, raw, table) for unit in raw.units),
        battery=battery_of(raw.battery) if raw.battery else None,
    )


def unit_of(unit: RawUnit, raw: RawSite, table: Table) -> Unit:
    on = (raw.initial_on or {}).get(unit.id, 0.0)
    if on > unit.count:
        raise BadCase(f"initial_on.{unit.id} is above the unit's count")
    return Unit(
        id=unit.id,
        modes=tuple(mode_of(unit, mode) for mode in unit.modes[1:]),
        pue=unit.pue,
        start_cost_usd=unit.start_cost_usd,
        stop_cost_usd=unit.stop_cost_usd,
        min_up_h=unit.min_up_steps * raw.step_h,
        min_down_h=unit.min_down_steps * raw.step_h,
        count=unit.count,
        switching=Switching.MACHINE,
        on_before=on,
        ai=ai_of(unit, table) if unit.kind == "gpu" else None,
    )


def mode_of(unit: RawUnit, mode: RawMode | None) -> Mode:
    if mode is None:
        raise BadCase(f"unit {unit.id}: only modes[0], off, may be null")
    made = mode.hash_ph if unit.kind == "asic" else mode.nodes
    if made is None:
        raise BadCase(f"unit {unit.id}: a mode has no {'hash_ph' if unit.kind == 'asic' else 'nodes'}")
    if unit.kind == "asic":
        return Mode(mode.name, mode.power_mw, hash_ph=made)
    return Mode(mode.name, mode.power_mw, nodes=made)


def ai_of(unit: RawUnit, table: Table) -> Ai:
    if unit.price_usd_per_node_h is None or unit.demand is None:
        raise BadCase(f"unit {unit.id}: a gpu unit needs price_usd_per_node_h and demand")
    sla = None
    if unit.sla is not None:
        sla = Sla(np.full(len(table), unit.sla.min_nodes), unit.sla.penalty_usd_per_node_h)
    return Ai(values(unit.price_usd_per_node_h, table), values(unit.demand, table), sla)


def values(given: float | str, table: Table) -> Floats:
    """A number for every step, or the column of that name; neither is below zero."""
    if not isinstance(given, str):
        return np.full(len(table), given)
    column = table.column(given)
    if (column < 0).any():
        raise BadCase(f"{given} is below zero in line {table.rows[int(np.argmax(column < 0))][0]} of the series")
    return column


def battery_of(raw: RawBattery) -> Battery:
    return Battery(
        capacity_mwh=raw.capacity_mwh,
        soc0_mwh=raw.soc0_mwh,
        soc_end_min_mwh=0.0,
        charge_mw=raw.p_charge_mw,
        discharge_mw=raw.p_discharge_mw,
        eta_charge=raw.eta_charge,
        eta_discharge=raw.eta_discharge,
        wear_usd_per_mwh_discharged=raw.wear_usd_per_mwh_discharged,
    )
