from dataclasses import replace

import numpy as np
import pytest

from compute.switching.portfolio import Caps, plan_company
from compute.switching.solve import Effort, Outcome
from tests.compute.switching.worlds import MACHINE, asic, flat, gpu, site

EFFORT = Effort()


def fleet(hash_ph, count=10.0):
    return asic(count=count, on_before=count, hash_ph=hash_ph, switching=MACHINE)


def test_without_a_cap_that_binds_each_site_is_planned_by_itself():
    company = [site([asic()], 40), site([asic()], 150)]

    plans = plan_company(company, Caps(load_mw=flat(100, 1)), EFFORT)

    assert [each.priced.profit_usd for each in plans] == [60.0, 0.0]


def test_a_cap_on_megawatts_goes_to_the_site_that_earns_most_with_them():
    company = [site([fleet(90)], 40, 40), site([fleet(110)], 40, 90)]

    plans = plan_company(company, Caps(load_mw=flat(12, 2)), EFFORT)

    load = np.array([each.priced.load_mw for each in plans])
    assert load == pytest.approx(np.array([[2.0, 10.0], [10.0, 2.0]]))
    assert sum(each.priced.profit_usd for each in plans) == pytest.approx(2 * 50 + 10 * 70 + 10 * 50 + 2 * 20)


def test_a_cap_on_nodes_is_kept_by_whole_modules_and_what_one_leaves_goes_to_the_next():
    """250 nodes: the linear shares cut a module in two, the sites may not."""
    rich, poor = gpu("rich", price=3.0), gpu("poor", price=2.0)
    company = [site([rich, replace(rich, id="rich 2")], 10), site([poor], 10)]

    plans = plan_company(company, Caps(nodes=flat(250, 1)), EFFORT)

    assert [each.priced.money.ai for each in plans] == [600.0, 0.0]
    assert [each.priced.broken for each in plans] == [(), ()]


def test_a_cap_that_no_plan_keeps_is_said_to_be_infeasible():
    company = [site([], 40, base_load_mw=flat(2, 1)), site([], 40, base_load_mw=flat(3, 1))]

    plans = plan_company(company, Caps(load_mw=flat(4, 1)), EFFORT)

    assert Outcome.INFEASIBLE in [each.outcome for each in plans]


def test_sites_with_other_steps_are_refused():
    with pytest.raises(ValueError, match="same steps"):
        plan_company([site([], 40), site([], 40, 40)], Caps(), EFFORT)
