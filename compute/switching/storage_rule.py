"""The battery by itself, beside a load that is decided: dynamic programming over levels of charge, no solver."""

import numpy as np

from compute.switching.inputs import Battery, Floats, Site

LEVELS = 41


def solar_use_mw(site: Site, net_mw: Floats, step: int) -> Floats:
    """Solar power to use beside a net draw: none at negative prices, else what load and a paid export can take."""
    grid, solar = site.grid, site.solar_mw[step]
    if grid.import_price_usd_mwh[step] < 0:
        return (net_mw - grid.import_limit_mw).clip(0.0, solar)
    room = grid.export_limit_mw if grid.export_price_usd_mwh[step] > 0 else 0.0
    return (np.maximum(net_mw, 0.0) + room).clip(0.0, solar)


def meter_usd(site: Site, net_mw: Floats, step: int, ceiling_mw: Floats) -> Floats:
    """Dollars that flow at the meter for a net draw before solar; minus infinity beyond a limit."""
    grid, hours = site.grid, site.hours[step]
    after = net_mw - solar_use_mw(site, net_mw, step)
    imported, exported = np.maximum(after, 0.0), np.maximum(-after, 0.0)
    money = (grid.export_price_usd_mwh[step] * exported - grid.import_price_usd_mwh[step] * imported) * hours
    if grid.coincident_usd_per_mw is not None:
        money = money - grid.coincident_usd_per_mw[step] * imported
    for event in site.dr_events:
        if event.step == step:
            money = money + event.pay_usd_mwh * hours * (event.baseline_mw - imported).clip(0.0, event.cap_mw)
    beyond = (imported > ceiling_mw[step] + 1e-9) | (exported > grid.export_limit_mw + 1e-9)
    return np.where(beyond, -np.inf, money)


def battery_schedule(site: Site, battery: Battery, load_mw: Floats, ceiling_mw: Floats) -> tuple[Floats, Floats]:
    """Charge and discharge that earn most beside the load with imports under the ceiling; idle where nothing fits."""
    fixed = [0.0, battery.capacity_mwh, battery.soc0_mwh, battery.soc_end_min_mwh]
    levels = np.unique(np.concatenate((np.linspace(0.0, battery.capacity_mwh, LEVELS), fixed)))
    moved = levels[None, :] - levels[:, None]
    charge_mwh = np.maximum(moved, 0.0) / battery.eta_charge
    discharge_mwh = np.maximum(-moved, 0.0) * battery.eta_discharge
    value = np.where(levels < battery.soc_end_min_mwh - 1e-9, -np.inf, levels * battery.end_value_usd_mwh)
    choices = np.zeros((site.steps, len(levels)), dtype=np.int64)
    for step in reversed(range(site.steps)):
        charge, discharge = charge_mwh / site.hours[step], discharge_mwh / site.hours[step]
        wear = battery.wear_usd_per_mwh_discharged * discharge_mwh
        money = meter_usd(site, load_mw[step] + charge - discharge, step, ceiling_mw) - wear + value[None, :]
        money[(charge > battery.charge_mw + 1e-9) | (discharge > battery.discharge_mw + 1e-9)] = -np.inf
        choices[step] = money.argmax(axis=1)
        value = money.max(axis=1)
    if not np.isfinite(value[np.searchsorted(levels, battery.soc0_mwh)]):
        return np.zeros(site.steps), np.zeros(site.steps)
    return followed(site, battery, levels, choices)


def followed(site: Site, battery: Battery, levels: Floats, choices: np.ndarray) -> tuple[Floats, Floats]:
    """Charge and discharge along the choices, from the present content."""
    charge, discharge = np.zeros(site.steps), np.zeros(site.steps)
    at = int(np.searchsorted(levels, battery.soc0_mwh))
    for step in range(site.steps):
        to = int(choices[step, at])
        moved = levels[to] - levels[at]
        charge[step] = max(moved, 0.0) / battery.eta_charge / site.hours[step]
        discharge[step] = max(-moved, 0.0) * battery.eta_discharge / site.hours[step]
        at = to
    return charge, discharge
