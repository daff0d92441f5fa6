"""Charges by the month in the cost of a bitcoin, and bills that come before and after the month is closed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from sites.models import PowerContract
from tests.treasury.earnings.worlds import DAY, draw, hash_for, network, pecos
from treasury.earnings.costs import costs
from treasury.earnings.days import tell_day
from treasury.earnings.span import Month
from treasury.models import ClosedMonth, CostAmount, PowerMonth

pytestmark = pytest.mark.django_db
D = Decimal
NOVEMBER, DECEMBER = Month(date(2025, 11, 1)), Month(date(2025, 12, 1))
AFTER = datetime(2025, 12, 2, tzinfo=UTC)
TERMS = {
    "demand_charges": [{"name": "month", "usd_per_mw": "6000"}],
    "coincident_peak": {"usd_per_mw": "2000", "hours_a_month": 20},
    "take_or_pay": {"mwh_a_month": "300", "usd_per_mwh": "40"},
}


@pytest.fixture
def site():
    """24 hours of 400 kW: 9.6 MWh for 480 $; a peak of 0.4 MW for 2,400 $; 9.6 x 100 $; 290.4 MWh untaken at 40 $."""
    one = pecos()
    draw(one, 24)
    hash_for(one, 24, ths=1_000_000.0)
    network()
    PowerContract.objects.create(site=one, valid_from=date(2025, 1, 1), price_usd_per_mwh=D(50), terms=TERMS)
    tell_day(one, DAY.date(), AFTER)
    return one


def bill(usd, at, site=None, month=NOVEMBER):
    with time_machine.travel(at, tick=False):
        CostAmount.objects.create(
            source_id=f"bill/{site}/{at}", month=month.first, site=site, item="power", kind="cash",
            amount_usd=D(usd), actor="t",
        )  # fmt: skip


def close(month=NOVEMBER, at=AFTER):
    ClosedMonth.objects.create(month=month.first, closed_at=at, closed_by="t", closed_by_id=1, proof=[])


def test_the_charges_of_the_month_are_in_its_power(site):
    company, one = costs(NOVEMBER, AFTER)

    assert (one.power.energy_usd, one.power.charges_usd) == (D("480.00"), D("14976.00"))
    assert [(line["name"], line["usd"]) for line in one.power.lines] == [
        ("Demand, month", "2400.00"), ("Coincident peak", "960.00"), ("Take or pay", "11616.00"),
    ]  # fmt: skip
    assert (one.power.usd, company.power.usd) == (D("15456.00"), D("15456.00"))
    # 15,456 $ over 9,600 kWh; 24 x 1,125,000 sat.
    assert one.sums.power_usd_per_kwh == company.sums.power_usd_per_kwh == D("1.61000")
    assert one.sums.power_usd_per_btc == D("57244.44")


def test_a_month_that_runs_owes_its_share(site):
    """235 of the 721 hours of November in Chicago are over at midnight of the 11th."""
    tell_day(site, DAY.date(), DAY + timedelta(days=1))

    (demand, _, block) = PowerMonth.objects.get().lines
    assert demand["usd"] == "782.25"
    assert block["words"] == "88.2 of 97.8 MWh untaken, of 10 % of the quarter hours"


def test_a_bill_takes_the_place_of_the_estimate(site):
    bill("15000.00", AFTER, site)

    company, one = costs(NOVEMBER, AFTER)

    assert (one.power.billed_usd, one.power.usd, one.power.estimate_usd) == (D(15000), D(15000), D("15456.00"))
    assert one.figures is not None
    assert one.figures.cash_usd == D("15000.00")
    assert company.power.usd == D("15000.00")


def test_a_bill_of_one_site_leaves_the_others_as_estimated(site):
    other = pecos("MUSCAT")
    draw(other, 24)
    PowerContract.objects.create(site=other, valid_from=date(2025, 1, 1), price_usd_per_mwh=D(50))
    tell_day(other, DAY.date(), AFTER)
    bill("15000.00", AFTER, site)

    company = costs(NOVEMBER, AFTER)[0]

    assert company.power.usd == D("15480.00")
    assert company.missing[0] == "power measured in 24 of 720 hours, and no bill tells the rest"


def test_one_bill_for_all_sites_is_the_whole(site):
    bill("15000.00", AFTER)

    company, one = costs(NOVEMBER, AFTER)

    assert (company.power.usd, one.power.usd) == (D("15000.00"), D("15456.00"))


def test_a_bill_after_the_closing_is_an_adjustment_of_the_month_in_which_it_came(site):
    close()
    bill("15000.00", AFTER + timedelta(days=9), site)

    november, december = costs(NOVEMBER, AFTER)[1], costs(DECEMBER, AFTER + timedelta(days=10))

    assert (november.power.usd, november.power.billed_usd) == (D("15456.00"), None)
    assert [one.power.late_usd for one in december] == [D("-456.00"), D("-456.00")]
    assert december[1].power.late == ("2025-11",)


def test_a_second_late_bill_adds_to_the_first(site):
    close()
    bill("15000.00", AFTER + timedelta(days=9), site)
    bill("10.00", AFTER + timedelta(days=11), site)

    assert costs(DECEMBER, AFTER + timedelta(days=12))[0].power.late_usd == D("-446.00")


def test_a_late_correction_of_a_bill_that_came_in_time_is_itself_the_difference(site):
    bill("15000.00", AFTER - timedelta(hours=1), site)
    close()
    bill("25.00", AFTER + timedelta(days=9), site)

    assert costs(NOVEMBER, AFTER)[1].power.usd == D("15000.00")
    assert costs(DECEMBER, AFTER + timedelta(days=10))[0].power.late_usd == D("25.00")


def test_a_closed_month_keeps_what_it_was_closed_with(site):
    close()
    PowerContract.objects.update(price_usd_per_mwh=D(99))
    tell_day(site, DAY.date(), AFTER)

    assert costs(NOVEMBER, AFTER)[1].power.usd == D("15456.00")


def test_a_charge_that_cannot_be_said_leaves_the_cost_unknown(site):
    PowerContract.objects.update(terms={"take_or_pay": {"mwh_a_month": "3", "usd_per_mwh": "4", "resale": True}})
    tell_day(site, DAY.date(), AFTER)

    one = costs(NOVEMBER, AFTER)[1]

    assert (one.power.charges_usd, one.power.estimate_usd, one.figures) == (None, None, None)
    assert one.power.why == "Take or pay: what is left of the block has no market's price"


def test_a_contract_that_begins_in_the_month_is_charged_for_its_days(site):
    """From the 10th on: 504 of the 721 hours of November in Chicago."""
    PowerContract.objects.update(valid_from=date(2025, 11, 10))
    draw(site, 24, start=DAY + timedelta(days=1))
    tell_day(site, (DAY + timedelta(days=1)).date(), AFTER)
    tell_day(site, DAY.date(), AFTER)

    assert PowerMonth.objects.get().lines[0]["usd"] == "1677.67"


def test_a_partners_costs_are_its_own(site):
    ghost = pecos("GHOST", is_company=False)
    draw(ghost, 24)
    PowerContract.objects.create(site=ghost, valid_from=date(2025, 1, 1), price_usd_per_mwh=D(10))
    tell_day(ghost, DAY.date(), AFTER)

    all_of_it, one = costs(NOVEMBER, AFTER, ghost.operator)

    assert (all_of_it.power.usd, one.site, one.power.usd) == (D("96.00"), ghost, D("96.00"))
    assert all_of_it.btc_sat == 0
    assert [cost.site for cost in costs(NOVEMBER, AFTER)] == [None, site]
