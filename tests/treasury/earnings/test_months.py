from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sites.models import PowerContract
from tests.treasury.earnings.worlds import DAY, HOUR, contract, draw, hash_for, network, nodes, pecos, serve
from treasury.books.post import post
from treasury.earnings.costs import costs
from treasury.earnings.customers import ai_sites
from treasury.earnings.days import tell_day
from treasury.earnings.operation import running
from treasury.earnings.span import Month
from treasury.ledger.facts import Acquired, Origin
from treasury.models import CostAmount

pytestmark = pytest.mark.django_db
D = Decimal
NOVEMBER = Month(date(2025, 11, 1))
# Nine whole days and four hours of November are over.
NOW = DAY + 4 * HOUR


def tell(item, kind, usd, site=None):
    CostAmount.objects.create(
        source_id=f"{item}/{site}", month=NOVEMBER.first, site=site, item=item, kind=kind, amount_usd=D(usd), actor="t"
    )


def test_the_month_ends_at_its_own_midnight():
    assert (NOVEMBER.last, NOVEMBER.before()) == (date(2025, 11, 30), Month(date(2025, 10, 1)))
    assert NOVEMBER.hours_until(NOW) == 220
    assert NOVEMBER.hours_until(datetime(2026, 1, 1, tzinfo=UTC)) == 720
    assert NOVEMBER.hours_until(datetime(2025, 1, 1, tzinfo=UTC)) == 0


def test_power_is_divided_by_hashes_of_the_same_hours_and_the_rest_is_not_known():
    site = pecos()
    hash_for(site, 4, ths=1_000_000.0)
    draw(site, 2)
    network()
    PowerContract.objects.create(site=site, valid_from=date(2025, 1, 1), price_usd_per_mwh=D("50.00"))
    tell_day(site, DAY.date(), NOW)

    company, one = costs(NOVEMBER, NOW)

    # Two hours: 800 kWh for 40 $; 2 x 1,125,000 sat; 1,000 PH/s for a twelfth of a day.
    assert (one.sums.hours, one.sums.joint_hours, one.btc_sat) == (220, 2, 4_500_000)
    assert one.sums.power_usd_per_kwh == D("0.05000")
    assert one.sums.power_usd_per_btc == D("1777.78")
    assert one.sums.power_usd_per_ph_day == D("0.4800")
    assert one.sums.hashprice_usd_per_ph_day == D("27.0000")
    assert one.figures is None
    assert one.missing == (
        "power measured in 2 of 220 hours, and no bill tells the rest",
        "hashes measured in 4 of 220 hours",
        "energy not measured: 2 hours",
    )
    assert company.sums.power_usd_per_kwh == D("0.05000")
    assert company.figures is None


def test_told_costs_give_cash_and_all_in_by_the_books_bitcoin():
    pecos()
    fact = Acquired(DAY, 0, "m", Origin.MINED, "hot", "m", 250_000_000, D("250000.00"))
    assert not post([fact], "test").refused
    tell("power", "cash", "100000.00")
    tell("hosting", "cash", "50000.00")
    tell("demand_response", "credit", "10000.00")
    tell("depreciation", "all_in", "60000.00")

    company = costs(NOVEMBER, NOW)[0]

    assert company.figures is not None
    assert (company.figures.cash_per_btc_usd, company.figures.all_in_per_btc_usd) == (D("56000.00"), D("80000.00"))
    assert company.figures.hashcost_usd_per_ph_day is None
    assert company.missing == ("hashes measured in 0 of 220 hours",)


def test_a_month_measured_in_every_hour_needs_no_told_power():
    site = pecos()
    now = DAY.replace(day=1) + 3 * HOUR
    start = DAY.replace(day=1)
    hash_for(site, 3, ths=1_000_000.0, start=start)
    draw(site, 3, start=start)
    network(start)
    PowerContract.objects.create(site=site, valid_from=date(2025, 1, 1), price_usd_per_mwh=D("50.00"))
    tell_day(site, start.date(), now)

    one = costs(NOVEMBER, now)[1]

    # 1,200 kWh for 60 $, 3,375,000 sat, 125 PH-days; 1.2 MWh x 3.6e9 J over 1e6 TH/s x 10,800 s.
    assert one.figures is not None
    assert (one.figures.cash_per_btc_usd, one.figures.hashcost_usd_per_ph_day) == (D("1777.78"), D("0.4800"))
    assert one.figures.efficiency_j_per_th == D("0.4000")
    assert one.missing == ()


def test_partners_hashes_are_not_the_companys():
    ghost = pecos("GHOST", is_company=False)
    hash_for(ghost, 4)
    tell_day(ghost, DAY.date(), NOW)

    assert [one.site for one in costs(NOVEMBER, NOW)] == [None]
    assert costs(NOVEMBER, NOW)[0].sums.hash_hours == 0


def test_gpu_hours_of_a_site_add_up_from_its_contracts_days():
    site = pecos()
    box = nodes(site, 4)
    contract(site, 3)
    serve(box, range(120), up=2)
    tell_day(site, DAY.date(), NOW)

    one = ai_sites(NOVEMBER, NOW)[0]

    # Two hours: 32 GPUs on the map, 16 answering, 24 promised; two hours more were not seen.
    assert (one.observed_h, one.gpu.installed, one.gpu.available, one.gpu.busy) == (D(2), D(64), D(32), D(16))
    assert (one.gpu.committed, one.gpu.sold, one.gpu.unobserved) == (D(48), D(32), D(48))
    assert (one.gpu.utilisation_pct, one.gpu.served_pct) == (D("100.00"), D("66.67"))
    assert (one.billed_usd, one.credit_usd, one.revenue_usd) == (D("64.00"), D("80.00"), D("-16.00"))
    day = one.customers[0].days[0]
    assert day.short_minutes == 120
    assert day.minutes_url == (
        "/api/v1/series/?scope=site&id=PECOS&metrics=gpus,gpus_reporting&resolution_s=60"
        "&from=2025-11-10T00:00:00Z&to=2025-11-11T00:00:00Z"
    )


def test_what_mining_brings_names_what_is_missing():
    found = running(NOW)

    assert found.operation is None
    assert found.reasons == (
        "no hashrate was measured in the last days", "the network was never read",
        "no costs are written down, and power is not measured at every site",
    )  # fmt: skip


def test_what_mining_brings_out_of_hashes_network_and_told_costs():
    site = pecos()
    hash_for(site, 4, ths=2_000_000.0)
    network()
    tell_day(site, DAY.date(), NOW)
    tell("power", "cash", "100000.00")
    tell("credits", "credit", "1000.00")
    tell("depreciation", "all_in", "60000.00")

    found = running(NOW)

    assert found.operation is not None
    assert (found.operation.hashrate_ph, found.operation.cash_cost_usd_per_month) == (D("2000.000"), D("99000.00"))
    assert found.words[0] == "2.00 EH/s measured at 1 sites"
