"""Energy, cost and GPU-hours of a month out of the days of its sites, worked by hand; and the rows they open to."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from compute.models import Device, Hindsight
from sites.models import Operator, PowerContract, Role
from tests.treasury.closing.worlds import people
from tests.treasury.earnings.worlds import DAY, HOUR, contract, draw, hash_for, network, nodes, pecos, serve
from tests.treasury.web.worlds import member
from tests.web.callers import by_session
from treasury.books.post import post
from treasury.earnings.days import tell_day
from treasury.earnings.span import Month
from treasury.ledger.facts import Acquired, Origin
from treasury.models import CostAmount, SiteDay
from treasury.reports import from_days
from treasury.reports.files import freeze
from treasury.reports.gather import gathered

pytestmark = pytest.mark.django_db

D = Decimal
NOVEMBER = date(2025, 11, 1)
SPAN = Month(NOVEMBER)
SITE = "/treasury/reports/2025-11/sites/PECOS/"


def whole_month(site, **changed):
    """Thirty days told: 1 EH/s and 18,000 kWh an hour, that is 18 MW, at 50 dollars a MWh."""
    day = {
        "hash_hours": 24, "ph_days": D(1000), "worth_hours": 24, "expected_sat": 45_000_000, "mined_usd": D(45_000),
        "energy_hours": 24, "energy_kwh": D(432_000), "power_hours": 24, "power_kwh": D(432_000),
        "power_usd": D(21_600), "joint_hours": 24, "joint_ph_days": D(1000), "joint_sat": 45_000_000,
        "joint_mined_usd": D(45_000), "joint_power_usd": D(21_600), "gpu_minutes_observed": 0,
        "gpu_minutes_installed": 0, "gpu_minutes_available": 0, "gpu_minutes_busy": 0, "made_at": DAY,
    } | changed  # fmt: skip
    SiteDay.objects.bulk_create(SiteDay(site=site, day=NOVEMBER + timedelta(days=place), **day) for place in range(30))


def tell(item, kind, usd):
    CostAmount.objects.create(
        source_id=f"nov/{item}", month=NOVEMBER, item=item, kind=kind, amount_usd=D(usd), actor="ted"
    )


def mine(sat=1_350_000_000):
    fact = Acquired(DAY, 0, "m", Origin.MINED, "hot", "m", sat, D("1350000.00"))
    assert not post([fact], "test").refused


def test_a_month_that_was_metered_and_priced_whole():
    whole_month(pecos())
    mine()
    tell("staff", "cash", "52000.00")
    tell("credits", "credit", "40000.00")
    tell("depreciation", "all_in", "270000.00")

    found = from_days.facts(SPAN)

    # 12,960 MWh; 12,960 MWh x 3.6e9 J / (1e6 TH/s x 2,592,000 s); 648,000 $ less 40,000 over 12,960,000 kWh.
    # 648,000 + 52,000 - 40,000 = 660,000 $ over 13.5 BTC; over 30,000 PH-days; with 270,000 $ more all in.
    shown = {code: found[code].shown for code in (
        "energy_mwh", "fleet_j_per_th", "power_cost_usd_per_kwh", "power_credits_usd", "cash_cost_per_btc_usd",
        "all_in_cost_per_btc_usd", "hashcost_usd_per_ph_day",
    )}  # fmt: skip
    assert shown == {
        "energy_mwh": D(12_960), "fleet_j_per_th": D("18.0"), "power_cost_usd_per_kwh": D("0.0469"),
        "power_credits_usd": D(40_000), "cash_cost_per_btc_usd": D(48_889), "all_in_cost_per_btc_usd": D(68_889),
        "hashcost_usd_per_ph_day": D("22.00"),
    }  # fmt: skip
    assert found["energy_mwh"].lineage == ("days:PECOS/2025-11",)
    assert found["cash_cost_per_btc_usd"].lineage[0] == "days:PECOS/2025-11"
    assert set(found["cash_cost_per_btc_usd"].lineage[1:]) == {
        "cost:nov/staff",
        "cost:nov/credits",
        "cost:nov/depreciation",
    }
    assert found["gpu_hours_available"].reason == "no GPU was observed in the month"


def test_power_alone_is_not_the_cost_of_a_bitcoin():
    whole_month(pecos())
    mine()

    found = from_days.facts(SPAN)

    assert found["power_cost_usd_per_kwh"].shown == D("0.0500")
    assert found["cash_cost_per_btc_usd"].reason == ("no cost of revenue beside power is written down for the month")
    assert found["power_credits_usd"].reason == "no credit for power is written down"


def test_without_depreciation_there_is_a_cash_cost_and_no_all_in_cost():
    whole_month(pecos())
    mine()
    tell("staff", "cash", "27000.00")

    found = from_days.facts(SPAN)

    assert found["cash_cost_per_btc_usd"].shown == D(50_000)
    assert found["all_in_cost_per_btc_usd"].reason == "no depreciation is written down for the month"


def test_a_sum_needs_nearly_every_hour_and_a_quotient_says_how_many_it_knows():
    site = pecos()
    hash_for(site, 4, ths=1_000_000.0)
    draw(site, 2)
    network()
    PowerContract.objects.create(site=site, valid_from=date(2025, 1, 1), price_usd_per_mwh=D("50.00"))
    tell_day(site, DAY.date(), DAY + 4 * HOUR)

    found = from_days.facts(SPAN)

    assert found["energy_mwh"].reason == "the meters were read in 2 of 720 site-hours"
    assert found["power_cost_usd_per_kwh"].shown == D("0.0500")
    assert found["power_cost_usd_per_kwh"].note.startswith("0.28 % of the site-hours known")
    assert found["fleet_j_per_th"].reason == "no whole day of a site that only mines was both metered and hashed"
    assert found["cash_cost_per_btc_usd"].reason == ("power measured in 2 of 720 hours, and no bill tells the rest")


def test_the_energy_of_gpus_is_not_put_down_to_hashes():
    whole_month(pecos(), gpu_minutes_installed=1440)

    found = from_days.facts(SPAN)

    assert found["energy_mwh"].shown == D(12_960)
    assert found["fleet_j_per_th"].value is None


def test_gpu_hours_contracts_and_what_a_year_of_them_brings():
    site = pecos()
    box = nodes(site, 4)
    Device.objects.filter(container=box).update(nameplate_w=10_000.0)
    deal = contract(site, 2, price="16")
    serve(box, range(600), up=3)
    tell_day(site, DAY.date(), DAY + 24 * HOUR)

    found = from_days.facts(SPAN)

    # 3 nodes of 8 GPUs for 10 h; 2 nodes of them sold; 2 x 10 kW; 2 x 16 $ x 720 h x 12.
    assert found["gpu_hours_available"].shown == D(240)
    assert found["gpu_hours_sold"].shown == D(160)
    assert found["gpu_utilisation_pct"].shown == D("66.7")
    assert found["ai_contracted_mw"].value == D("0.020000")
    assert found["ai_arr_usd"].shown == D(276_480)
    assert found["ai_arr_usd"].lineage == (f"gpu-contract:{deal.pk}",)


def test_a_node_without_a_nameplate_leaves_the_megawatts_unreported():
    site = pecos()
    nodes(site, 2)
    contract(site, 2)

    found = from_days.facts(SPAN)

    assert found["ai_contracted_mw"].reason == "no nameplate of a GPU node is kept for PECOS"
    assert found["ai_arr_usd"].value is not None


def test_a_month_without_anything_says_why_of_each_figure():
    pecos()
    found = from_days.facts(SPAN)

    assert all(cell.value is None and cell.reason for cell in found.values())
    assert len(found) == 12


@pytest.fixture
def cast():
    return people()


def test_a_figure_opens_to_the_days_hours_and_minutes_it_came_of(cast):
    site = pecos()
    hash_for(site, 30, ths=1_000_000.0)
    draw(site, 24)
    network()
    PowerContract.objects.create(site=site, valid_from=date(2025, 1, 1), price_usd_per_mwh=D("50.00"))
    tell_day(site, DAY.date(), DAY + 24 * HOUR)
    Hindsight.objects.create(
        site=site, day=DAY.date(), hours=24, earned_usd=D("700.00"), always_on_usd=D("600.00"), made_at=DAY
    )
    mine()
    freeze(gathered("2025-11"), cast["ines"])
    client = by_session(cast["ted"])

    figure = client.get("/treasury/reports/2025-11/1/figures/power_cost_usd_per_kwh/").content.decode()
    assert f'href="{SITE}"' in figure
    days = client.get(SITE).content.decode()
    assert "PECOS: 2 of 30 days of November 2025 observed" in days
    row = days[days.index(">10 Nov 2025<") :].partition("</tr>")[0]
    assert [cell for cell in ("1,440", "1.0000", "9.600", "480.00", "100.00") if f">{cell}</td>" not in row] == []
    hours = client.get(f"{SITE}2025-11-10/").content.decode()
    assert "24 of 24 hours of 10 Nov 2025 observed" in hours
    assert 'href="/sites/PECOS/?from=2025-11-10T23:00:00Z&amp;to=2025-11-11T00:00:00Z"' in hours


@pytest.mark.parametrize("address", ["2025-11-31/", "2025-10-01/", "x/", "../NOSUCH/"])
def test_days_that_are_not_of_the_month_are_not_there(cast, address):
    pecos()

    assert by_session(cast["ted"]).get(f"{SITE}{address}").status_code == 404


def test_the_rows_are_for_those_who_see_the_books(cast):
    pecos()
    partner = Operator.objects.create(code="other", name="Other Mining")

    assert by_session(cast["vic"]).get(SITE).status_code == 403
    assert by_session(member("Cy", Role.TREASURER, operator=partner)).get(SITE).status_code == 403


def test_a_month_is_told_by_utc():
    assert SPAN.start_at == datetime(2025, 11, 1, tzinfo=UTC)
