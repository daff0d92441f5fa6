"""Rows about contracts: demand charge, take-or-pay, demand response, reserves."""

import numpy as np

from compute.switching.inputs import DemandCharge, DrEvent, Site, TakeOrPay
from compute.switching.sheet import INFINITE, Places, Sheet
from compute.switching.unit_rows import UnitColumns


def demand_charge_rows(sheet: Sheet, site: Site, charge: DemandCharge, imported: Places) -> None:
    """excess >= import - peak so far, in every step of the window."""
    at = np.flatnonzero(charge.in_window)
    excess = sheet.columns(1, gain=-charge.usd_per_mw, upper=INFINITE)
    rows = sheet.rows(len(at), upper=charge.peak_so_far_mw)
    sheet.put(rows, imported[at], 1.0)
    sheet.put(rows, excess, -1.0)


def take_or_pay_rows(sheet: Sheet, site: Site, block: TakeOrPay, imported: Places) -> Places:
    """shortfall >= energy of the block - energy taken. Returns the row."""
    shortfall = sheet.columns(1, gain=-block.price_usd_mwh, upper=INFINITE)
    row = sheet.rows(1, lower=block.mwh)
    sheet.put(row, imported, site.hours)
    sheet.put(row, shortfall, 1.0)
    return row


def dr_rows(sheet: Sheet, site: Site, event: DrEvent, imported: Places) -> None:
    """paid <= cap and paid <= baseline - import, or nothing where the import is above the baseline."""
    at = imported[event.step]
    pay = event.pay_usd_mwh * site.hours[event.step]
    paid = sheet.columns(1, gain=pay, upper=event.cap_mw)
    beyond_mw = max(0.0, site.grid.import_limit_mw - event.baseline_mw)
    row = sheet.rows(1, upper=event.baseline_mw + beyond_mw)
    sheet.put(row, np.array([at]), 1.0)
    sheet.put(row, paid, 1.0)
    if not beyond_mw:
        return
    takes_part = sheet.columns(1, upper=1.0, whole=True)
    sheet.put(row, takes_part, beyond_mw)
    only_then = sheet.rows(1, upper=0.0)
    sheet.put(only_then, paid, 1.0)
    sheet.put(only_then, takes_part, -event.cap_mw)


def reserve_rows(sheet: Sheet, site: Site, units: tuple[UnitColumns, ...]) -> None:
    """ready <= cap; what stands ready in all reserves that some units serve <= the load of those units."""
    ready = [
        sheet.columns(site.steps, gain=reserve.usd_per_mw_h * site.hours, upper=reserve.cap_mw)
        for reserve in site.reserves
    ]
    for serving in {reserve.units for reserve in site.reserves}:
        rows = sheet.rows(site.steps, upper=0.0)
        for reserve, columns in zip(site.reserves, ready, strict=True):
            if reserve.units <= serving:
                sheet.put(rows, columns, 1.0)
        for unit, places in zip(site.units, units, strict=True):
            if unit.id in serving:
                sheet.put(rows, places.modes, -unit.facility_mw[:, None])
