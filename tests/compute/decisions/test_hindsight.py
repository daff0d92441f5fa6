"""A day that is over: what was earned, and what other ways would have earned at the true prices."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from compute.decisions import hindsight
from compute.decisions.frozen import digest, frozen_site
from compute.decisions.queries import days, months
from compute.models import Hindsight, Plan
from sites.feeds.price import Price
from sites.models import PowerContract
from sites.prices.save import save
from tests.compute.decisions.test_round import site as small_site
from tests.compute.decisions.worlds import MARKET, read_network
from tests.worlds import make_world

DAY = date(2026, 7, 1)
MIDNIGHT = datetime(2026, 7, 1, 5, tzinfo=UTC)  # in Chicago
HOUR = timedelta(hours=1)


def told(price: float, *, on: float = 100.0) -> hindsight.HourTold:
    """An hour in which 100 machines of 0.5 PH/s and 10 kW ran at 48 USD/PH/day: 100 USD of revenue with 1 MW."""
    return hindsight.HourTold(price, 48.0, 100.0 - price, 90.0 - price, small_site([price], on=on))


def test_the_other_ways_are_worked_out_at_the_true_prices():
    sums = hindsight.summed([told(40.0), told(40.0), told(300.0), told(300.0)])

    assert sums["earned_usd"] == Decimal("-280.00")  # 60 + 60 - 200 - 200
    assert sums["promised_usd"] == Decimal("-320.00")
    assert sums["always_on_usd"] == Decimal("-280.00")
    assert sums["perfect_usd"] == Decimal("120.00")  # two hours on, two off
    assert sums["merit_usd"] == Decimal("120.00")


def test_a_day_of_which_nothing_is_known_has_no_dollars():
    assert set(hindsight.summed([]).values()) == {None}


@pytest.fixture
def pecos(db):
    world = make_world()
    PowerContract.objects.filter(site=world.pecos).update(kind="index", market=MARKET, price_usd_per_mwh=0)
    return world.pecos


def plan(site, at: datetime) -> None:
    data = frozen_site(small_site([40.0] * 4))
    Plan.objects.create(
        site=site, made_at=at, begin_at=at, inputs=data, digest=digest(data), source="solver", hour_usd=Decimal(60)
    )


def test_hours_without_a_plan_a_price_or_a_reading_are_left_out_and_said(pecos):
    plan(pecos, MIDNIGHT + timedelta(minutes=2))
    save([Price(MARKET, "real_time", MIDNIGHT, 60, Decimal(40))], "test", MIDNIGHT)
    read_network(48.0, MIDNIGHT)

    assert hindsight.tell_day(pecos, DAY, MIDNIGHT + 30 * HOUR) == 1

    row = Hindsight.objects.get()
    assert (row.hours, row.missing) == (0, {"not measured": 1, "no plan": 23})
    assert row.earned_usd is None


def test_an_hour_is_earned_by_hashrate_less_metered_power(pecos):
    plan(pecos, MIDNIGHT)
    save([Price(MARKET, "real_time", MIDNIGHT, 60, Decimal(40))], "test", MIDNIGHT)
    read_network(48.0, MIDNIGHT)
    row = Plan.objects.get()
    prices = hindsight.known([MARKET], MIDNIGHT, MIDNIGHT + HOUR)

    found = hindsight.hour_told(
        pecos, MIDNIGHT, {"hashrate_ths": 40_000.0, "power_w": 9e5, "meter_power_w": 1e6}, row, prices
    )

    # 40 PH/s * 48 / 24 - 1 MW * 40
    assert found.earned_usd == pytest.approx(40.0)
    assert found.promised_usd == 60.0


def test_the_running_day_is_told_so_far_and_again_once_it_is_over(pecos):
    plan(pecos, MIDNIGHT)

    assert hindsight.tell_day(pecos, DAY, MIDNIGHT + timedelta(minutes=59)) == 0
    assert hindsight.tell_day(pecos, DAY, MIDNIGHT + timedelta(minutes=150)) == 1
    assert Hindsight.objects.get().missing == {"not measured": 1, "no plan": 1}
    assert [day.is_over for day in days(pecos, 3)] == [False]
    assert not hindsight.is_told(pecos, DAY)

    hindsight.tell_day(pecos, DAY, MIDNIGHT + 25 * HOUR)
    assert Hindsight.objects.get().missing == {"not measured": 1, "no plan": 23}
    assert [day.is_over for day in days(pecos, 3)] == [True]
    assert hindsight.is_told(pecos, DAY)


def test_what_was_earned_beside_the_merit_order_may_be_missed(pecos):
    Hindsight.objects.create(site=pecos, day=DAY, hours=24, earned_usd=100, merit_usd=130, made_at=MIDNIGHT)
    (day,) = days(pecos, 3)
    assert day.besides_usd == Decimal(-30)


def test_days_that_no_plan_was_made_on_are_not_told(pecos):
    assert hindsight.tell_day(pecos, DAY, MIDNIGHT + 30 * HOUR) == 0
    assert not Hindsight.objects.exists()


def test_months_add_up_days(pecos):
    for day, usd in ((1, 100), (2, 50)):
        Hindsight.objects.create(
            site=pecos, day=date(2026, 7, day), hours=24, earned_usd=usd, perfect_usd=200, made_at=MIDNIGHT
        )
    (month,) = months([pecos.pk])
    assert (month.days, month.hours, month.earned_usd, month.of_perfect) == (2, 48, Decimal(150), 0.375)


def test_a_longer_day_keeps_what_units_may_sell():
    unit = small_site([40.0], demand=5.0).units[1]
    assert np.array_equal(hindsight.lengthened(unit, 3).ai.demand_nodes, [5.0, 5.0, 5.0])
