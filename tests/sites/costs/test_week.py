"""What the last seven days would have cost: metered quarter hours under terms worked out by hand."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from sites.costs.week import drawn, week
from sites.feeds.price import Price
from sites.models import Meter, MeterMinute
from sites.prices.save import save
from sites.tariffs.terms import Block, Charge, Coincident, Contract, Period, Terms, Window
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
ZONE = "America/Chicago"
NOW = datetime(2026, 7, 8, 12, 7, tzinfo=UTC)
BEGIN = datetime(2026, 7, 1, 12, tzinfo=UTC)
ALWAYS = Window()


def dollars(text: str) -> Decimal:
    return Decimal(text)


@pytest.fixture
def pecos():
    """4 MW in the first hour of the week, 2 MW in the second, and nothing said after."""
    site = make_world().pecos
    meter = Meter.objects.get(site=site)
    MeterMinute.objects.bulk_create(
        MeterMinute(
            meter=meter, minute_at=BEGIN + timedelta(minutes=at), power_w=4e6 if at < 60 else 2e6, last_at=BEGIN
        )
        for at in range(120)
    )
    return site


def cost(site, **contract) -> object:
    said = {"kind": "fixed", "usd_per_mwh": Decimal(50), "zone": ZONE}
    return week(Contract(**(said | contract)), drawn(site, NOW))


def test_a_fixed_price_times_what_was_metered(pecos):
    found = cost(pecos)
    assert (found.energy_mwh, found.energy_usd, found.usd_per_mwh) == (Decimal(6), dollars("300.00"), Decimal(50))
    assert (found.quarters, found.not_metered, found.not_priced) == (672, 664, 0)
    assert (found.begin_at, found.end_at) == (BEGIN, datetime(2026, 7, 8, 12, tzinfo=UTC))


def test_an_index_charges_each_quarter_hour_its_own_price(pecos):
    half = [BEGIN + timedelta(minutes=60 + 5 * at) for at in range(6)]
    said = [Price("ERCOT-WEST", "real_time", at, 5, Decimal(-10)) for at in half]
    save([Price("ERCOT-WEST", "real_time", BEGIN, 60, Decimal(100)), *said], "test", NOW)
    found = cost(pecos, kind="index", usd_per_mwh=Decimal(4), market="ERCOT-WEST")

    # 4 MWh at 104, then half an hour of 2 MW at -6; the last half hour has no price.
    assert found.energy_usd == dollars("410.00")
    assert found.not_priced == 2


def test_the_clock_of_the_site_chooses_the_period(pecos):
    early = Period("early", Decimal(10), Window(begin=time(7), end=time(8)))
    found = cost(pecos, kind="tou", usd_per_mwh=Decimal(0), terms=Terms(periods=(early, Period("day", Decimal(100)))))
    assert found.energy_usd == dollars("240.00")  # 7:00 in Chicago: 4 MWh at 10, then 2 at 100


def test_charges_by_the_month_stand_beside_the_sum(pecos):
    sunday = Charge("sunday", Decimal(1), when=Window(weekdays=frozenset({6})))
    block = Block(Decimal(300), Decimal(20))
    terms = Terms(demand_charges=(Charge("month", Decimal(1000)), sunday), take_or_pay=block)
    found = cost(pecos, terms=terms)
    said = {line.name: (line.usd, line.words) for line in found.monthly}

    assert said["Demand charge, month"] == (dollars("4000.00"), "a month with this peak of 4.000 MW")
    assert said["Demand charge, sunday"] == (None, "nothing was metered in its window")
    # A week's share of 300 MWh is 70: 64 were not taken.
    assert said["Take or pay"] == (dollars("1280.00"), "64.0 of 70.0 MWh untaken")


def test_a_coincident_peak_is_expected_of_its_hours(pecos):
    found = cost(pecos, terms=Terms(coincident_peak=Coincident(Decimal(2000), ALWAYS, 20)))
    assert [(line.name, line.usd) for line in found.lines][1] == ("Coincident peak, expected", dollars("600.00"))


def test_without_a_meter_nothing_is_said(pecos):
    MeterMinute.objects.all().delete()
    found = cost(pecos)
    assert (found.energy_usd, found.usd_per_mwh) == (None, None)
    assert found.why == "no meter of the site said anything in these days"
