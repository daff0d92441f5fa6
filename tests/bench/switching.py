"""Seconds of CPU to plan a company of 42 sites for 48 hours, beside PuLP and the merit order.

    python -m tests.bench.switching [--sites 42] [--pulp 6]

Sites of 5 to 50 MW: three tiers of ASIC containers with three power modes, GPU modules under contract and for spot
demand, start costs, minimum times, batteries, solar power, demand charges; modules switch as one. 66 steps: 6 hours by
quarters, then by the hour. The company is planned to a gap of 20 USD a site and day. PuLP gets the same rows, as
expressions, and the same solver.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
import pulp

from compute.switching.counterfactual import blocks, without_block
from compute.switching.explain import explain
from compute.switching.horizon import onto_steps, steps_h
from compute.switching.inputs import (
    Ai,
    Battery,
    DemandCharge,
    Floats,
    Grid,
    Limits,
    Mode,
    Site,
    Sla,
    Switching,
    Unit,
)  # fmt: skip
from compute.switching.merit_order import merit_order
from compute.switching.model import add_site
from compute.switching.planning import Planned, plan_site
from compute.switching.reprice import reprice
from compute.switching.sheet import Arrays, Sheet
from compute.switching.solve import Effort, solve

DAYS = 2
EFFORT = Effort(time_limit_s=3.0, gap_usd=20.0 * DAYS, gap_share=0.0)
QUARTERS = 192
TIERS = ((17.5, 57.142857), (21.5, 46.511628), (29.5, 33.898305))


def curve(dice: Random, low: float, high: float, noise: float) -> Floats:
    """A day's swing twice over, by quarter hours."""
    hour = np.arange(QUARTERS) / 4 % 24
    swing = (1 - np.cos((hour - 4) / 24 * 2 * np.pi)) / 2
    return low + (high - low) * swing + np.array([dice.gauss(0, noise) for _ in range(QUARTERS)])


def company(count: int) -> list[Site]:
    dice = Random(1)
    return [one_site(dice, at) for at in range(count)]


def one_site(dice: Random, at: int) -> Site:
    hours, size = steps_h(), dice.uniform(5, 50)
    steps = len(hours)
    price = onto_steps(curve(dice, dice.uniform(10, 35), dice.uniform(60, 140), 8), hours)
    charge = DemandCharge(dice.uniform(200, 900), size * 0.7, hours > 0)
    return Site(
        id=f"site {at}",
        hours=hours,
        hashprice_usd_per_ph_day=np.full(steps, 48.0),
        base_load_mw=np.full(steps, 0.02 * size),
        limit_mw=np.full(steps, size),
        grid=Grid(size, 0.2 * size, price, price - 6, (charge,) if at % 3 == 0 else ()),
        solar_mw=np.maximum(onto_steps(curve(dice, -0.1 * size, 0.2 * size, 0), hours), 0) * (at % 4 == 0),
        units=tuple(units(dice, size, hours)),
        battery=battery(size) if at % 2 else None,
    )


def units(dice: Random, size: float, hours: Floats) -> list[Unit]:
    found = [asic(f"ASIC {name}", max(1, round(size * 0.27)), hash_ph) for name, hash_ph in TIERS]
    blocks = max(1, round(size * 0.06))
    for name, low, high, sla in (("committed", 14.0, 16.0, True), ("spot", 0.3, 1.2, False)):
        demand = onto_steps(np.maximum(curve(dice, 20, 49, 4) * blocks, 0), hours)
        found.append(gpu(name, blocks, onto_steps(curve(dice, low, high, 0.05), hours), demand, has_sla=sla))
    return found


def asic(name: str, count: int, hash_ph: float) -> Unit:
    modes = (Mode("60 %", 0.6, hash_ph * 0.7), Mode("80 %", 0.8, hash_ph * 0.87), Mode("full", 1.0, hash_ph))
    return Unit(name, modes, 1.05, 12.0, 2.0, 0.5, 0.25, float(count), Switching.MODULE, on_before=float(count))


def gpu(name: str, count: int, price: Floats, demand: Floats, *, has_sla: bool) -> Unit:
    ai = Ai(price, demand, Sla(demand * 0.5, 40.0) if has_sla else None)
    modes = (Mode("on", 0.5, nodes=49.0),)
    return Unit(name, modes, 1.25, 25.0, 0.0, 1.0, 0.5, float(count), Switching.MODULE, on_before=float(count), ai=ai)


def live(site: Site) -> Site:
    """As live plans are: machines by themselves, whose limits are orders that cost ten minutes and hold an hour."""
    return replace(site, units=tuple(live_unit(unit) for unit in site.units))


def live_unit(unit: Unit) -> Unit:
    machines = replace(unit, switching=Switching.MACHINE)
    if unit.ai is not None:
        return machines
    standing = (*[0.0] * (len(unit.modes) - 1), unit.count)
    return replace(machines, limits=Limits(standing, standing, cost_usd=8.0, least_h=1.0))


def battery(size: float) -> Battery:
    return Battery(0.4 * size, 0.2 * size, 0.2 * size, 0.2 * size, 0.2 * size, 0.94, 0.94, 8.0)


def model(site: Site) -> Arrays:
    sheet = Sheet()
    add_site(sheet, site)
    return sheet.arrays()


def by_pulp(arrays: Arrays) -> tuple[float, float, float]:
    """(seconds to build, seconds to solve, profit) of the same rows through PuLP."""
    began = time.process_time()
    kinds = [pulp.LpInteger if whole else pulp.LpContinuous for whole in arrays.whole]
    columns = [
        pulp.LpVariable(
            f"x{at}", float(arrays.lower[at]), None if np.isinf(arrays.upper[at]) else float(arrays.upper[at]), kind
        )
        for at, kind in enumerate(kinds)
    ]
    problem = pulp.LpProblem("site", pulp.LpMaximize)
    problem += pulp.lpSum(float(gain) * column for gain, column in zip(arrays.gain, columns, strict=True) if gain)
    for row, (low, high) in enumerate(zip(arrays.row_lower, arrays.row_upper, strict=True)):
        at = range(arrays.starts[row], arrays.starts[row + 1])
        side = pulp.lpSum(float(arrays.values[each]) * columns[arrays.columns[each]] for each in at)
        if low == high:
            problem += side == float(low)
            continue
        if not np.isinf(low):
            problem += side >= float(low)
        if not np.isinf(high):
            problem += side <= float(high)
    built = time.process_time()
    problem.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0, mip_abs_gap=EFFORT.gap_usd, timeLimit=20))
    return built - began, time.process_time() - built, float(pulp.value(problem.objective)) + arrays.offset


def seconds(call: Callable[[], object]) -> float:
    """Of CPU, so that what else runs on the machine does not count."""
    began = time.process_time()
    call()
    return time.process_time() - began


def plan_all(sites: list[Site]) -> tuple[list[Planned], list[float], float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    plans: list[Planned] = []
    each = [seconds(lambda s=site: plans.append(plan_site(s, EFFORT))) for site in sites]
    return plans, each, time.perf_counter() - wall, time.process_time() - cpu


def explained(site: Site, planned: Planned) -> float:
    """Milliseconds to explain the first block of a plan."""
    assert planned.plan is not None
    present = {unit.id: np.array([0.0] * (len(unit.modes) - 1) + [unit.on_before]) for unit in site.units}
    found = blocks(site, planned.plan, present)
    began = time.process_time()
    counter = without_block(site, planned.plan, found[0], present)
    if counter.gain_usd is not None:
        explain(site, planned.plan, counter)
    return 1000 * (time.process_time() - began)


def tell(name: str, value: str) -> None:
    print(f"{name:58} {value}")


def tell_company(sites: list[Site]) -> list[Planned]:
    plans, each, wall, cpu = plan_all(sites)
    gaps = [planned.gap_usd / DAYS for planned in plans if planned.gap_usd is not None]
    tell("whole company, build, solve, re-price", f"{wall:.2f} s wall, {cpu:.2f} s CPU")
    tell("a site: median, worst", f"{1000 * statistics.median(each):.0f} ms, {1000 * max(each):.0f} ms")
    tell("gap a site and day: worst", f"{max(gaps):.2f} USD of {len(gaps)} sites")
    tell("sources", ", ".join(sorted({planned.source.value for planned in plans if planned.source})))
    return plans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=42)
    parser.add_argument("--pulp", type=int, default=6, help="sites given to PuLP")
    options = parser.parse_args()
    sites = company(options.sites)
    modules = sum(unit.count for site in sites for unit in site.units)
    tell("sites, modules, steps", f"{len(sites)}, {modules:.0f}, {sites[0].steps}")
    plans = tell_company(sites)
    profit = sum(planned.priced.profit_usd for planned in plans if planned.priced)
    machines = [replace(s, units=tuple(replace(u, switching=Switching.MACHINE) for u in s.units)) for s in sites]
    _, _, wall, cpu = plan_all(machines)
    tell("the same with every machine switched by itself", f"{wall:.2f} s wall, {cpu:.2f} s CPU")
    _, _, wall, cpu = plan_all([live(site) for site in sites])
    tell("the same with power limits as orders", f"{wall:.2f} s wall, {cpu:.2f} s CPU")
    what_if = [replace(site, hashprice_usd_per_ph_day=site.hashprice_usd_per_ph_day * 1.1) for site in sites]
    each = [seconds(lambda s=site: plan_site(s, EFFORT)) for site in what_if]
    tell("what-if of one site: median, worst", f"{1000 * statistics.median(each):.0f} ms, {1000 * max(each):.0f} ms")
    told = [explained(site, planned) for site, planned in zip(sites, plans, strict=True)]
    tell("explanation of a block: median, worst", f"{statistics.median(told):.0f} ms, {max(told):.0f} ms")
    rules = []
    took = seconds(lambda: rules.extend(reprice(site, merit_order(site)) for site in sites))
    by_rule = sum(priced.profit_usd for priced in rules)
    tell("merit order of all sites", f"{took:.2f} s, {100 * (by_rule / profit - 1):+.2f} % profit")
    tell("largest memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    tell_pulp(sites[: options.pulp])


def tell_pulp(sites: list[Site]) -> None:
    arrays = [model(site) for site in sites]
    build = sum(seconds(lambda s=site: model(s)) for site in sites)
    ours = sum(seconds(lambda a=each: solve(a, EFFORT)) for each in arrays)
    theirs = [by_pulp(each) for each in arrays]
    profits = sum(solve(each, EFFORT).profit_usd for each in arrays)
    tell(f"build of {len(sites)} sites: arrays", f"{1000 * build:.0f} ms, solve {ours:.2f} s, profit {profits:,.0f}")
    tell(
        f"build of {len(sites)} sites: PuLP",
        f"{1000 * sum(each[0] for each in theirs):.0f} ms, solve {sum(each[1] for each in theirs):.2f} s, "
        f"profit {sum(each[2] for each in theirs):,.0f}",
    )


if __name__ == "__main__":
    main()
