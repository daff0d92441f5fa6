"""What each site's megawatts do and earn now, for pages that show many sites."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cango_ops.base import clock
from compute.decisions import propose
from compute.decisions.money_now import SiteMoney, money_now, total_uses
from tests.compute.decisions.worlds import let_console_ask, market_world

pytestmark = pytest.mark.django_db


def test_a_site_that_mines_says_its_megawatts_and_what_they_earn():
    world = market_world(usd=40.0)
    propose.plan_sites()

    found = money_now([world.pecos.pk, 0], clock.now())

    pecos = found[world.pecos.pk]
    assert pecos.uses_mw["mining"] == pytest.approx(0.084)
    # 95.24 $ a MWh at the machine, 5 % more power at the site's feed, 40 $ paid for it.
    assert pecos.best_usd_mwh == pytest.approx(95.24 / 1.05 - 40, abs=0.01)
    assert pecos.usd_per_h == pytest.approx(0.0882 * 50.703, abs=0.01)
    assert found[0] == SiteMoney()


def test_a_plan_of_twenty_minutes_ago_says_nothing_of_now():
    world = market_world(usd=40.0)
    propose.plan_sites()

    later = clock.now() + timedelta(minutes=20)

    assert money_now([world.pecos.pk], later)[world.pecos.pk].usd_per_h is None


def test_a_decision_that_waits_is_named_with_its_megawatts():
    world = market_world(usd=400.0)
    let_console_ask(world)
    propose.plan_sites()

    running = money_now([world.pecos.pk], clock.now())[world.pecos.pk].running

    assert running is not None
    assert (running.words, running.mw < 0) == ("Waiting for approval", True)


def test_more_sites_cost_no_more_queries():
    world = market_world(usd=40.0)
    propose.plan_sites()
    with CaptureQueriesContext(connection) as one:
        money_now([world.pecos.pk], clock.now())
    with CaptureQueriesContext(connection) as three:
        money_now([world.pecos.pk, world.muscat.pk, 0], clock.now())

    assert len(one) == len(three) == 3


def test_a_use_that_no_site_knows_is_not_added_up():
    sites = [SiteMoney({"mining": 1.5, "sold": 0.5}), SiteMoney({"mining": 2.0}), SiteMoney()]

    assert total_uses(sites) == {"mining": 3.5, "sold": 0.5}
