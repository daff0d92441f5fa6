"""The whole linear model of one site, put together from its families of rows."""

from dataclasses import dataclass

from compute.switching.inputs import Site
from compute.switching.money_rows import demand_charge_rows, dr_rows, reserve_rows, take_or_pay_rows
from compute.switching.power_rows import (
    BatteryColumns,
    MeterColumns,
    battery_columns,
    load_column,
    meter_columns,
    nodes_limit_rows,
    one_way_battery_rows,
    one_way_meter_rows,
    ramp_rows,
)
from compute.switching.sheet import Places, Sheet
from compute.switching.unit_rows import UnitColumns, unit_columns


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the decisions of a site stand in the sheet. block: the row of the take-or-pay block, where one is."""

    units: tuple[UnitColumns, ...]
    meter: MeterColumns
    battery: BatteryColumns | None
    block: Places | None


def add_site(sheet: Sheet, site: Site, *, one_way: bool = True, throughout: bool = False) -> Layout:
    """Puts a site into the sheet; several sites stand beside each other. The site has at least one step.

    one_way: forbid what flows in both directions at once where that would pay; the only whole columns of a site whose
    units are MACHINE. throughout: of the battery also where it would only make room for an hour to come.
    """
    units = tuple(unit_columns(sheet, site, unit) for unit in site.units)
    meter = meter_columns(sheet, site, load_column(sheet, site, units))
    battery = None
    if site.battery is not None:
        battery = battery_columns(sheet, site, site.battery, meter)
    if one_way:
        one_way_rows(sheet, site, meter, battery, throughout)
    ramp_rows(sheet, site, meter.load)
    nodes_limit_rows(sheet, site, units)
    reserve_rows(sheet, site, units)
    return Layout(units, meter, battery, contract_rows(sheet, site, meter))


def one_way_rows(
    sheet: Sheet, site: Site, meter: MeterColumns, battery: BatteryColumns | None, throughout: bool
) -> None:
    one_way_meter_rows(sheet, site, meter)
    if site.battery is not None and battery is not None:
        one_way_battery_rows(sheet, site, site.battery, battery, throughout)


def contract_rows(sheet: Sheet, site: Site, meter: MeterColumns) -> Places | None:
    for charge in site.grid.demand_charges:
        demand_charge_rows(sheet, site, charge, meter.imported)
    for event in site.dr_events:
        dr_rows(sheet, site, event, meter.imported)
    block = site.grid.take_or_pay
    return None if block is None or block.resale else take_or_pay_rows(sheet, site, block, meter.imported)
