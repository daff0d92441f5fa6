"""What a megawatt-hour is worth at the site's bus, from the duals of the model with its whole decisions held.

For strike prices and pictures only: duals do not know what a start costs, so no displayed gain comes from them.
"""

from dataclasses import dataclass, replace

import numpy as np

from compute.switching.inputs import Floats, Site
from compute.switching.model import add_site
from compute.switching.plan import Plan
from compute.switching.sheet import Sheet
from compute.switching.solve import Effort, solve


@dataclass(frozen=True, eq=False)
class BusValues:
    """usd_per_mwh: what one more MWh at the bus costs, or one less saves; where these differ, something between them.
    scarcity_usd_per_mwh: what one more MWh of load under the site limit would earn beyond its energy; 0 where the
    limit does not bind."""

    usd_per_mwh: Floats
    scarcity_usd_per_mwh: Floats


def bus_values(site: Site, plan: Plan, effort: Effort = Effort()) -> BusValues | None:  # noqa: B008 - frozen
    """The values in each step; None when the solver has none."""
    sheet = Sheet()
    layout = add_site(sheet, site)
    arrays = sheet.arrays()
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for unit, columns in zip(site.units, layout.units, strict=True):
        running = plan.modules[unit.id]
        places, values = (columns.modes, running) if columns.on is None else (columns.on, running.sum(axis=0))
        if arrays.whole[places].any():
            lower[places] = upper[places] = np.rint(values)
    held = replace(arrays, lower=lower, upper=upper, whole=np.zeros_like(arrays.whole))
    solution = solve(held, effort)
    if not len(solution.row_duals):
        return None
    return BusValues(
        usd_per_mwh=-solution.row_duals[layout.meter.balance] / site.hours,
        scarcity_usd_per_mwh=np.maximum(solution.column_duals[layout.meter.load], 0.0) / site.hours,
    )


def strike_usd_per_mwh(hash_ph: float, facility_mw: float, hashprice_usd_per_ph_day: float) -> float:
    """Price of a MWh at which a machine earns what it draws. Source: revenue an hour over facility power."""
    return hash_ph * hashprice_usd_per_ph_day / 24 / facility_mw
