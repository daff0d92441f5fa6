import numpy as np
import pytest

from compute.switching.case import read_case
from compute.switching.later import later
from compute.switching.plan import Plan
from compute.switching.planning import Source, plan_site
from compute.switching.solve import Effort
from tests.compute.switching.worlds import CASES, asic, battery, flat, site

HOURS = np.array([0.25, 0.25, 1.0])
PLAN = Plan({"S21": np.array([[1.0, 0.0, 1.0]])}, np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]), flat(0, 3))


def seen_from(elapsed_h, steps=4, **more):
    return later(PLAN, HOURS, site([asic()], *[40] * steps, hours=0.25, **more), elapsed_h)


def test_a_quarter_of_an_hour_later_the_second_step_comes_first():
    seen = seen_from(0.25, battery=battery(capacity_mwh=9.0, soc0_mwh=9.0))

    assert seen.modules["S21"].tolist() == [[0.0, 1.0, 1.0, 1.0]]
    assert seen.discharge_mw.tolist() == [0.0, 1.0, 1.0, 1.0]
    assert seen.charge_mw.tolist() == [0.0, 0.0, 0.0, 0.0]


def test_after_its_end_machines_run_on_and_the_battery_rests():
    seen = seen_from(1.0, battery=battery(capacity_mwh=9.0, soc0_mwh=9.0))

    assert seen.modules["S21"].tolist() == [[1.0, 1.0, 1.0, 1.0]]
    assert seen.discharge_mw.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_the_battery_gives_no_more_than_it_has_now():
    seen = seen_from(0.5, battery=battery(soc0_mwh=0.4))

    assert seen.discharge_mw == pytest.approx([1.0, 0.6, 0.0, 0.0])


def test_solar_power_is_used_as_it_comes_now():
    assert seen_from(0.0, solar_mw=flat(0.6, 4), battery=battery()).solar_used_mw[2] == 0.0
    assert seen_from(0.5, solar_mw=flat(0.6, 4)).solar_used_mw.tolist() == [0.6, 0.6, 0.6, 0.6]


def test_a_plan_of_the_last_window_stands_in_when_the_solver_has_no_time():
    now = read_case(CASES[0].read_bytes())
    last = plan_site(now).plan

    found = plan_site(now, Effort(time_limit_s=0.0), later(last, now.hours, now, 0.0))

    assert found.source is Source.LAST_PLAN
    assert all(np.array_equal(found.plan.modules[name], running) for name, running in last.modules.items())
