"""What the schema of the cases does not hold (modules, ramps, shares of nodes, steps of different lengths, several
demand charges, coincident peaks, a past in hours), against every plan there is, priced by `reprice`."""

from itertools import product
from random import Random

import numpy as np
import pytest

from compute.switching.inputs import DemandCharge, DrEvent, Ramp, Reserve, Site
from compute.switching.plan import Plan, load_mw
from compute.switching.planning import plan_site
from compute.switching.reprice import reprice
from compute.switching.solve import Outcome
from tests.compute.switching.worlds import MODULE, asic, gpu, grid

HOURS = np.array([0.25, 0.25, 1.0])
STEPS = len(HOURS)


def random_site(seed):
    """Two units of one or two modules with one mode each, so that everything can be tried."""
    dice = Random(seed)
    prices = [round(dice.uniform(-60, 200), 1) for _ in range(STEPS)]
    contracts = {
        "demand_charges": tuple(charge(dice) for _ in range(dice.choice([0, 1, 2]))),
        "coincident_usd_per_mw": np.array([0.0, dice.choice([0.0, 30.0]), 0.0]),
        "import_limit_mw": dice.choice([2.5, 9.0]),
    }
    return Site(
        id=f"modules {seed}",
        hours=HOURS,
        hashprice_usd_per_ph_day=np.array([dice.choice([10.0, 24.0, 40.0]) for _ in range(STEPS)]),
        base_load_mw=np.array([0.3, 0.0, dice.choice([0.0, 0.5])]),
        limit_mw=np.array([dice.choice([2.0, 9.0]) for _ in range(STEPS)]),
        grid=grid(*prices, **contracts),
        solar_mw=np.array([dice.choice([0.0, 1.0]) if price > 0 else 0.0 for price in prices]),
        units=(with_past(dice, asic, "S21"), with_past(dice, gpu, "GPU", owed=dice.choice([None, 60]))),
        dr_events=(DrEvent(1, 2.0, 1.0, 90.0),) if dice.random() < 0.4 else (),
        ramp=Ramp(dice.choice([4.0, 8.0]), 1.0) if dice.random() < 0.3 else None,
        nodes_limit=np.array([dice.choice([100.0, 300.0])] * STEPS) if dice.random() < 0.4 else None,
        reserves=tuple(reserve(dice, name) for name in "ab"[: dice.choice([0, 0, 1, 2])]),
    )


def reserve(dice, name):
    serving = dice.choice([{"S21"}, {"S21", "GPU"}])
    price = np.array([dice.choice([0.0, 12.0, 60.0]) for _ in range(STEPS)])
    return Reserve(name, price, dice.choice([0.6, 1.5, 9.0]), frozenset(serving))


def charge(dice):
    window = np.array([dice.random() < 0.7 for _ in range(STEPS)])
    return DemandCharge(dice.choice([5.0, 60.0]), dice.choice([0.0, 1.5]), window)


def with_past(dice, make, name, **more):
    """One or two modules of which one may have just been switched."""
    count = dice.choice([1, 2])
    on = dice.randint(0, count)
    age = dice.choice([0.0, 0.25, 0.5])
    past = {"started": ((age, 1.0),)} if on and dice.random() < 0.5 else {}
    past |= {"stopped": ((age, 1.0),)} if on < count and dice.random() < 0.5 else {}
    if make is gpu:
        more |= {"demand": [dice.choice([0.0, 70.0, 150.0]) for _ in range(STEPS)], "price": 1.2}
    costs = {"start_cost_usd": dice.choice([0.0, 15.0]), "stop_cost_usd": dice.choice([0.0, 5.0])}
    times = {"min_up_h": dice.choice([0.0, 0.25, 0.5, 1.0]), "min_down_h": dice.choice([0.0, 0.25, 0.5])}
    return make(name, count=float(count), switching=MODULE, on_before=float(on), **costs, **times, **past, **more)


def every_plan(site):
    """All counts of modules in all steps; of the sun what the load takes, as nothing can be sold."""
    ways = [list(product(range(int(unit.count) + 1), repeat=STEPS)) for unit in site.units]
    nothing = np.zeros(STEPS)
    for choice in product(*ways):
        modules = {unit.id: np.array([way], dtype=float) for unit, way in zip(site.units, choice, strict=True)}
        load = load_mw(site, Plan(modules, nothing, nothing, nothing))
        yield Plan(modules, nothing, nothing, np.minimum(site.solar_mw, load))


@pytest.mark.parametrize("seed", range(40))
def test_no_plan_of_modules_earns_more_than_the_one_that_is_found(seed):
    site = random_site(seed)
    priced = [reprice(site, plan) for plan in every_plan(site)]
    most = max((each.profit_usd for each in priced if not each.broken), default=None)

    found = plan_site(site)

    if most is None:
        assert found.outcome is Outcome.INFEASIBLE
        return
    assert found.outcome is Outcome.OPTIMAL
    assert found.priced.profit_usd == pytest.approx(most, rel=1e-4, abs=0.01)
