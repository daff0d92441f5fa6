"""Units whose modes are power limits: worked by hand, and random small ones against every plan there is.

The walk below knows the rules a second time, module by module: a module keeps its limit while it is off, is moved only
while it is on before and afterwards, and a lowered one is not raised within the least time.
"""

from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pytest

from compute.switching.inputs import Limits, Mode, Unit
from compute.switching.later import later
from compute.switching.merit_order import merit_order
from compute.switching.plan import Plan
from compute.switching.planning import Source, plan_site
from compute.switching.reprice import reprice
from compute.switching.solve import Outcome
from tests.compute.switching.worlds import MACHINE, MODULE, battery, site

# 60 % of the power for 70 % of the hash: the last 0.4 MW earn 30 USD an hour, 75 USD/MWh; the first 0.6 earn 117.
EASED, FULL = Mode("60 %", 0.6, 70.0, limit_w=2100), Mode("full", 1.0, 100.0, limit_w=3500)


def limited(count=1.0, eased=0.0, asleep=0.0, **more):
    """Modules of 1 MW and 100 PH/s of which some stand under the lower limit; the asleep ones have the full one."""
    costs = {name: more.pop(name) for name in ("cost_usd", "least_h", "lowered", "least", "most") if name in more}
    limits = Limits((eased, count - eased), (eased, count - eased - asleep), **costs)
    given = {"switching": MACHINE, "count": count, "on_before": count - asleep, "pue": 1.0} | more
    return Unit("S21", (EASED, FULL), limits=limits, **given)


def eased(found):
    return found.plan.modules["S21"][0].tolist()


def test_machines_are_limited_where_the_last_megawatts_cost_more_than_they_earn():
    found = plan_site(site([limited()], 40.0, 90.0, 40.0))

    assert found.outcome is Outcome.OPTIMAL
    assert eased(found) == pytest.approx([0, 1, 0])
    # 100 - 40, 70 - 54, 100 - 40.
    assert found.priced.profit_usd == pytest.approx(60 + 16 + 60)


def test_an_order_costs_what_is_not_hashed_meanwhile():
    # The two orders cost 8, the dear hour would save 6.
    found = plan_site(site([limited(cost_usd=4.0)], 40.0, 90.0, 40.0))
    assert eased(found) == pytest.approx([0, 0, 0])
    # One order is enough where the dear hour is the last one.
    last = plan_site(site([limited(cost_usd=4.0)], 40.0, 90.0))
    assert eased(last) == pytest.approx([0, 1])
    assert last.priced.money.limits == pytest.approx(-4.0)


def test_a_lowered_limit_stays_for_its_least_time():
    # 6 USD of the first hour are less than the 14 that the second would lose.
    short = plan_site(site([limited(least_h=2.0)], 90.0, 40.0, 40.0))
    assert eased(short) == pytest.approx([0, 0, 0])
    # Lowered an hour ago, it stays so for one hour more.
    held = plan_site(site([limited(eased=1.0, least_h=2.0, lowered=((1.0, 1, 1.0),))], 40.0, 40.0, 40.0))
    assert eased(held) == pytest.approx([1, 0, 0])


def test_what_sleeps_wakes_under_the_limit_that_it_has():
    # It is off under its full limit: at 90 USD/MWh waking pays, and limiting only an hour later.
    found = plan_site(site([limited(asleep=1.0)], 90.0, 90.0))
    assert found.plan.modules["S21"].tolist() == [[0, pytest.approx(1)], [pytest.approx(1), 0]]


def test_nobody_is_moved_that_may_not_be():
    # One of three is stuck at full power, one was limited by hand and keeps that.
    stuck = limited(3.0, eased=1.0, least=(3.0, 1.0), most=(3.0, 2.0))
    dear, cheap = plan_site(site([stuck], 90.0)), plan_site(site([stuck], 40.0))
    assert (eased(dear), eased(cheap)) == (pytest.approx([2]), pytest.approx([1]))


def test_a_plan_is_held_against_the_rules_of_limits():
    def broken(standing, running, unit):
        nothing = np.zeros(len(running[0]))
        plan = Plan({"S21": np.array(running, dtype=float)}, nothing, nothing, nothing,
                    {"S21": np.array(standing, dtype=float)})  # fmt: skip
        return [words.partition(",")[0] for words in reprice(site([unit], *[40.0] * len(running[0])), plan).broken]

    assert broken([[0, 1], [1, 0]], [[0, 1], [1, 0]], limited()) == []
    assert broken([[0], [1]], [[1], [0]], limited()) == ["S21: more modules run in a mode than have it"]
    assert broken([[0], [2]], [[0], [1]], limited())[0] == "S21: limits of more or fewer modules than there are"
    assert broken([[1], [0]], [[1], [0]], limited(asleep=1.0)) == ["S21: a limit of what is off is changed"]
    assert broken([[1, 0], [0, 1]], [[1, 0], [0, 1]], limited(least_h=2.0)) == [
        "S21: a limit is raised before its least time"
    ]
    assert broken([[1], [0]], [[1], [0]], limited(least=(1.0, 1.0))) == ["S21: modules are moved that nobody may move"]


def test_the_merit_order_limits_too_and_keeps_the_rules():
    dear = site([limited(4.0, cost_usd=1.0, least_h=1.0)], 90.0, 90.0, 90.0)
    plan = merit_order(dear)
    assert not reprice(dear, plan).broken
    assert plan.modules["S21"][0].tolist() == [4, 4, 4]


def test_a_plan_that_says_nothing_of_limits_keeps_them():
    one = site([limited(2.0, eased=1.0)], 40.0)
    nothing = np.zeros(1)
    assert not reprice(one, Plan({"S21": np.array([[1.0], [1.0]])}, nothing, nothing, nothing)).broken
    assert reprice(one, Plan({"S21": np.array([[0.0], [2.0]])}, nothing, nothing, nothing)).broken


def test_the_last_plan_is_moved_on_with_its_limits():
    first = site([limited(4.0)], 90.0, 90.0, 90.0)
    plan = plan_site(first).plan
    second = site([limited(4.0, eased=4.0)], 90.0, 90.0, 90.0)

    moved = later(plan, first.hours, second, 1.0)

    assert reprice(second, moved).broken == ()
    assert moved.modules["S21"][0].tolist() == pytest.approx([4, 4, 4])


# Against every plan there is


HOURS = np.array([0.25, 0.25, 0.5, 1.0])


def random_unit(dice, name, modes):
    powers = [*sorted(dice.sample([0.4, 0.5, 0.6, 0.7, 0.8], modes - 1)), 1.0]
    rates = [power ** dice.choice([0.6, 0.8, 1.0]) * 100 for power in powers]
    at, is_on = dice.randrange(modes), dice.random() < 0.7
    standing = tuple(float(mode == at) for mode in range(modes))
    lowered = ((dice.choice([0.0, 0.25]), dice.randrange(at + 1, modes), 1.0),) if at + 1 < modes else ()
    return Unit(
        name,
        tuple(Mode(f"{power}", power, rate) for power, rate in zip(powers, rates, strict=True)),
        pue=1.0,
        start_cost_usd=dice.choice([0.0, 6.0]),
        min_up_h=dice.choice([0.0, 0.5]),
        min_down_h=dice.choice([0.0, 0.5]),
        switching=MODULE,
        on_before=float(is_on),
        limits=Limits(
            standing,
            tuple(have * is_on for have in standing),
            cost_usd=dice.choice([0.0, 1.0, 4.0]),
            least_h=dice.choice([0.0, 0.5, 1.0]),
            lowered=lowered if dice.random() < 0.5 else (),
            most=tuple([1.0] * (modes - 1) + [dice.choice([float(at == modes - 1), 1.0])]),
        ),
    )


def ways(unit):
    """Every sequence of (mode, on) of one module that keeps the rules."""
    states = list(product(range(len(unit.modes)), (False, True)))
    return [way for way in product(states, repeat=len(HOURS)) if keeps(unit, way)]


def keeps(unit, way):
    limits = unit.limits
    mode, is_on = limits.standing.index(1.0), bool(unit.on_before)
    lowered = {at: -age for age, at, _ in limits.lowered}
    switched, now = {True: -9.0, False: -9.0}, 0.0
    for (new, turns_on), hours in zip(way, HOURS, strict=True):
        if new != mode and not (is_on and turns_on):
            return False
        if any(now - lowered.get(level, -9.0) < limits.least_h - 1e-9 for level in range(mode + 1, new + 1)):
            return False
        if new > mode and limits.most[new] < 1.0:
            return False
        lowered |= dict.fromkeys(range(new + 1, mode + 1), now)
        if turns_on != is_on:
            least = unit.min_up_h if is_on else unit.min_down_h
            if now - switched[is_on] < least - 1e-9:
                return False
            switched[turns_on] = now
        mode, is_on, now = new, turns_on, now + float(hours)
    return True


def plan_of(site, chosen):
    modules, standing = {}, {}
    for unit, way in zip(site.units, chosen, strict=True):
        rows = [[float(at == mode) for at, _ in way] for mode in range(len(unit.modes))]
        standing[unit.id] = np.array(rows)
        modules[unit.id] = standing[unit.id] * np.array([float(is_on) for _, is_on in way])
    return Plan(modules, np.zeros(len(HOURS)), np.zeros(len(HOURS)), np.zeros(len(HOURS)), standing)


def usd(site, chosen):
    """What the ways earn, without anything of the engine."""
    total = 0.0
    for unit, way in zip(site.units, chosen, strict=True):
        mode, is_on = unit.limits.standing.index(1.0), bool(unit.on_before)
        for step, (new, turns_on) in enumerate(way):
            total -= abs(new - mode) * unit.limits.cost_usd + (turns_on and not is_on) * unit.start_cost_usd
            if turns_on:
                hours = float(HOURS[step])
                total += unit.modes[new].hash_ph * hours
                total -= unit.modes[new].power_mw * hours * float(site.grid.import_price_usd_mwh[step])
            mode, is_on = new, turns_on
    return total


def random_site(seed):
    dice = Random(seed)
    prices = [round(dice.uniform(20, 180), 1) for _ in HOURS]
    units = [random_unit(dice, "A", dice.choice([2, 2, 3]))]
    if dice.random() < 0.5:
        units.append(random_unit(dice, "B", 2))
    return replace(site(units, *prices, limit_mw=dice.choice([1.2, 9.0])), hours=HOURS)


def within(site, chosen):
    draws = [
        sum(unit.modes[way[step][0]].power_mw * way[step][1] for unit, way in zip(site.units, chosen, strict=True))
        for step in range(len(HOURS))
    ]
    return all(draw <= limit + 1e-9 for draw, limit in zip(draws, site.limit_mw, strict=True))


def agrees(seed):
    one = random_site(seed)
    everything = [chosen for chosen in product(*(ways(unit) for unit in one.units)) if within(one, chosen)]
    best = max(everything, key=lambda chosen: usd(one, chosen), default=None)
    found = plan_site(one)
    if best is None:
        assert found.plan is None or found.source is not Source.SOLVER
        return
    assert reprice(one, plan_of(one, best)).broken == ()
    assert reprice(one, plan_of(one, best)).profit_usd == pytest.approx(usd(one, best))
    assert (found.outcome, found.source) == (Outcome.OPTIMAL, Source.SOLVER)
    assert found.priced.profit_usd == pytest.approx(usd(one, best), rel=1e-4, abs=0.01)


@pytest.mark.parametrize("seed", range(25))
def test_no_plan_of_limits_earns_more_than_the_one_that_is_found(seed):
    agrees(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 500))
def test_many_more_plans_of_limits_are_at_the_best_of_all(seed):
    agrees(seed)


@pytest.mark.parametrize("seed", range(12))
def test_fleets_with_limits_keep_the_rules_and_earn_no_less_than_the_merit_order(seed):
    dice = Random(seed)
    units = [limited(40.0, eased=10.0, asleep=5.0, cost_usd=0.5, least_h=1.0, start_cost_usd=3.0, min_up_h=1.0,
                     min_down_h=0.5, lowered=((0.25, 1, 6.0),))]  # fmt: skip
    prices = [dice.uniform(10, 200) for _ in range(24)]
    one = site(units, *prices, hours=0.5, limit_mw=30.0, battery=battery() if seed % 2 else None)

    found, rule = plan_site(one), reprice(one, merit_order(one))

    assert (found.outcome, found.source, found.priced.broken) == (Outcome.OPTIMAL, Source.SOLVER, ())
    assert rule.broken == ()
    assert found.priced.profit_usd >= rule.profit_usd - 0.01
