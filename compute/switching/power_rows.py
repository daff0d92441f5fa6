"""Rows about power: what the units draw, the meter, the battery, the ramp, the company's share of nodes."""

from dataclasses import dataclass

import numpy as np

from compute.switching.inputs import Battery, Floats, Site
from compute.switching.sheet import Places, Sheet
from compute.switching.unit_rows import UnitColumns


@dataclass(frozen=True, eq=False)
class MeterColumns:
    """balance: the rows that the battery joins."""

    imported: Places
    exported: Places
    solar: Places
    load: Places
    balance: Places


@dataclass(frozen=True, eq=False)
class BatteryColumns:
    """rows: whose duals say what a MWh of content is worth."""

    charge: Places
    discharge: Places
    soc: Places
    rows: Places


def load_column(sheet: Sheet, site: Site, units: tuple[UnitColumns, ...]) -> Places:
    """Facility power of all units, under what the site limit leaves beside the base load."""
    load = sheet.columns(site.steps, upper=np.maximum(site.limit_mw - site.base_load_mw, 0.0))
    rows = sheet.rows(site.steps, lower=0.0, upper=0.0)
    sheet.put(rows, load, -1.0)
    for unit, columns in zip(site.units, units, strict=True):
        sheet.put(rows, columns.modes, unit.facility_mw[:, None])
    return load


def meter_columns(sheet: Sheet, site: Site, load: Places) -> MeterColumns:
    """import - export + solar - load = base load; the battery adds itself."""
    grid, hours = site.grid, site.hours
    price = grid.import_price_usd_mwh * hours
    if grid.coincident_usd_per_mw is not None:
        price = price + grid.coincident_usd_per_mw
    imported = sheet.columns(site.steps, gain=-price, upper=grid.import_limit_mw)
    exported = sheet.columns(site.steps, gain=grid.export_price_usd_mwh * hours, upper=grid.export_limit_mw)
    solar = sheet.columns(site.steps, upper=site.solar_mw)
    rows = sheet.rows(site.steps, lower=site.base_load_mw, upper=site.base_load_mw)
    for columns, sign in ((imported, 1.0), (exported, -1.0), (solar, 1.0), (load, -1.0)):
        sheet.put(rows, columns, sign)
    return MeterColumns(imported, exported, solar, load, rows)


def battery_columns(sheet: Sheet, site: Site, battery: Battery, meter: MeterColumns) -> BatteryColumns:
    """soc(t) = soc(t-1) + eta_c x charge x h - discharge x h / eta_d."""
    hours = site.hours
    charge = sheet.columns(site.steps, upper=battery.charge_mw)
    discharge = sheet.columns(site.steps, gain=-battery.wear_usd_per_mwh_discharged * hours, upper=battery.discharge_mw)
    least, value = np.zeros(site.steps), battery.ready_usd_mwh_h * hours
    least[-1] = battery.soc_end_min_mwh
    value[-1] += battery.end_value_usd_mwh
    soc = sheet.columns(site.steps, gain=value, lower=least, upper=battery.capacity_mwh)
    before = np.zeros(site.steps)
    before[0] = battery.soc0_mwh
    rows = sheet.rows(site.steps, lower=before, upper=before)
    sheet.put(rows, soc, 1.0)
    sheet.put(rows[1:], soc[:-1], -1.0)
    sheet.put(rows, charge, -battery.eta_charge * hours)
    sheet.put(rows, discharge, hours / battery.eta_discharge)
    sheet.put(meter.balance, charge, -1.0)
    sheet.put(meter.balance, discharge, 1.0)
    return BatteryColumns(charge, discharge, soc, rows)


def one_way_battery_rows(
    sheet: Sheet, site: Site, battery: Battery, columns: BatteryColumns, throughout: bool = False
) -> None:
    """Not both ways at once, where wasting energy would pay; elsewhere the losses see to it.

    throughout: in all steps before as well, in which waste would make room for energy that somebody pays to have taken.
    It rarely does, and each step costs a whole column: plans are made without, and again with it where they need it.
    """
    at = np.flatnonzero(cheapest_import(site) < 0)
    if throughout and len(at):
        at = np.arange(at[-1] + 1)
    either_rows(sheet, columns.charge[at], battery.charge_mw, columns.discharge[at], battery.discharge_mw)


def one_way_meter_rows(sheet: Sheet, site: Site, meter: MeterColumns) -> None:
    """Not both ways at once, where buying and selling the same energy would pay."""
    at = np.flatnonzero(site.grid.export_price_usd_mwh > cheapest_import(site))
    if site.grid.export_limit_mw > 0:
        limits = site.grid.import_limit_mw, site.grid.export_limit_mw
        either_rows(sheet, meter.imported[at], limits[0], meter.exported[at], limits[1])


def cheapest_import(site: Site) -> Floats:
    """Price of a megawatt-hour less what taking it may save of a take-or-pay block."""
    price = site.grid.import_price_usd_mwh
    block = site.grid.take_or_pay
    return price if block is None or block.resale else price - block.price_usd_mwh


def either_rows(sheet: Sheet, one: Places, one_mw: float, other: Places, other_mw: float) -> None:
    way = sheet.columns(len(one), upper=1.0, whole=True)
    forth = sheet.rows(len(one), upper=0.0)
    sheet.put(forth, one, 1.0)
    sheet.put(forth, way, -one_mw)
    back = sheet.rows(len(one), upper=other_mw)
    sheet.put(back, other, 1.0)
    sheet.put(back, way, other_mw)


def ramp_rows(sheet: Sheet, site: Site, load: Places) -> None:
    """The load with its base moves by no more than the ramp allows in a step."""
    if site.ramp is None:
        return
    base = site.base_load_mw
    most = site.ramp.mw_per_h * site.hours
    rise = np.diff(base, prepend=site.ramp.load_before_mw)
    rows = sheet.rows(site.steps, lower=-most - rise, upper=most - rise)
    sheet.put(rows, load, 1.0)
    sheet.put(rows[1:], load[:-1], -1.0)


def nodes_limit_rows(sheet: Sheet, site: Site, units: tuple[UnitColumns, ...]) -> Places | None:
    """Nodes on, of all GPU units, within the site's share of what the company may serve."""
    served = [(unit, columns) for unit, columns in zip(site.units, units, strict=True) if unit.ai is not None]
    if site.nodes_limit is None or not served:
        return None
    rows = sheet.rows(site.steps, upper=site.nodes_limit)
    for unit, columns in served:
        sheet.put(rows, columns.modes, unit.nodes[:, None])
    return rows
