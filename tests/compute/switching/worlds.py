"""Hand-made sites and cases for the switching tests."""

import json
from pathlib import Path

import numpy as np

from compute.switching.inputs import Ai, Battery, Grid, Mode, Site, Sla, Switching, Unit

CASES = sorted((Path(__file__).parents[2] / "cases" / "switching").glob("*.json"))


def case_of(path):
    return json.loads(path.read_text())


def small_case(**changes):
    """One ASIC of 1 MW for three hours; at 24 USD/PH/day its 100 PH/s earn 100 USD an hour."""
    case = {
        "schema": "switch-case/1",
        "T": 3,
        "dt_h": 1.0,
        "hashprice_usd_per_ph_day": [24.0, 24.0, 24.0],
        "pue": 1.0,
        "base_load_mw": 0.0,
        "site_limit_mw": 10.0,
        "grid": {
            "import_limit_mw": 10.0,
            "export_limit_mw": 0.0,
            "import_price_usd_mwh": [40.0, 150.0, 40.0],
            "export_price_usd_mwh": [30.0, 140.0, 30.0],
        },
        "units": [asic_case()],
    }
    return case | changes


def asic_case(**changes):
    modes = [{"power_mw": 0.0, "hash_ph": 0.0}, {"name": "full", "power_mw": 1.0, "hash_ph": 100.0}]
    unit = {"id": "asic", "kind": "asic", "modes": modes, "start_cost_usd": 0.0, "stop_cost_usd": 0.0}
    state = {"min_up_steps": 1, "min_down_steps": 1, "initial_on": True, "initial_steps_in_state": 5}
    return unit | state | changes


def text(case):
    return json.dumps(case).encode()


def flat(value, steps):
    return np.full(steps, float(value))


def grid(*prices, import_limit_mw=100.0, export_limit_mw=0.0, **more):
    bought = np.array(prices, dtype=float)
    return Grid(import_limit_mw, export_limit_mw, bought, bought - 5.0, **more)


def site(units, *prices, hours=1.0, hashprice=24.0, limit_mw=100.0, **more):
    """A site with those prices an hour and a hashprice at which 1 PH/s earns 1 USD an hour."""
    steps = len(prices)
    given = {"grid": grid(*prices), "solar_mw": flat(0, steps), "base_load_mw": flat(0, steps)} | more
    return Site(
        id="Pecos",
        hours=flat(hours, steps),
        hashprice_usd_per_ph_day=flat(hashprice, steps),
        limit_mw=flat(limit_mw, steps),
        units=tuple(units),
        **given,
    )


def asic(name="S21", mw=1.0, hash_ph=100.0, **more):
    given = {"on_before": 1.0, "pue": 1.0} | more
    return Unit(id=name, modes=(Mode("full", mw, hash_ph=hash_ph),), **given)


def gpu(name="GPU", demand=(100.0,), price=2.0, mw=1.0, nodes=100.0, owed=None, **more):
    demand = np.array(demand, dtype=float)
    sla = Sla(np.full(len(demand), float(owed)), 10.0) if owed is not None else None
    given = {"on_before": 1.0, "pue": 1.0} | more
    return Unit(
        id=name,
        modes=(Mode("full", mw, nodes=nodes),),
        ai=Ai(np.full(len(demand), price), demand, sla),
        **given,
    )


def battery(**changes):
    given = {
        "capacity_mwh": 2.0,
        "soc0_mwh": 1.0,
        "soc_end_min_mwh": 0.0,
        "charge_mw": 1.0,
        "discharge_mw": 1.0,
        "eta_charge": 0.5,
        "eta_discharge": 1.0,
        "wear_usd_per_mwh_discharged": 2.0,
    }
    return Battery(**(given | changes))


MACHINE = Switching.MACHINE
MODULE = Switching.MODULE
