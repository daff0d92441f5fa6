from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from compute.models import Device
from tests.treasury.earnings.test_months import tell
from tests.treasury.earnings.worlds import DAY, HOUR, contract, nodes, pecos, serve
from treasury.books.post import post
from treasury.closing.span import span_of
from treasury.earnings.days import tell_day
from treasury.ledger.facts import Acquired, Origin
from treasury.reports import from_earnings

pytestmark = pytest.mark.django_db
D = Decimal
NOVEMBER = span_of(date(2025, 11, 1))


def test_a_month_of_which_nothing_is_known_has_no_figures():
    pecos()

    assert from_earnings.facts(NOVEMBER) == {}


def test_told_costs_become_figures_with_their_rows():
    pecos()
    fact = Acquired(DAY, 0, "m", Origin.MINED, "hot", "m", 250_000_000, D("250000.00"))
    assert not post([fact], "test").refused
    tell("power", "cash", "150000.00")
    tell("demand_response", "credit", "10000.00")
    tell("depreciation", "all_in", "60000.00")

    found = from_earnings.facts(NOVEMBER)

    assert (found["cash_cost_per_btc_usd"].shown, found["all_in_cost_per_btc_usd"].shown) == (D(56000), D(80000))
    assert found["power_credits_usd"].shown == D(10000)
    assert "cost:power/None" in found["cash_cost_per_btc_usd"].lineage
    assert found["hashcost_usd_per_ph_day"].reason == "hashes measured in 0 of 720 hours"
    assert found["power_cost_usd_per_kwh"].value is None


def test_gpu_hours_of_contracts_become_figures():
    site = pecos()
    box = nodes(site, 4)
    Device.objects.filter(container=box).update(nameplate_w=10_000.0)
    contract(site, 3)
    serve(box, range(120), up=3)
    tell_day(site, DAY.date(), DAY + 2 * HOUR)

    found = from_earnings.facts(NOVEMBER)

    # Two hours of 24 GPUs; 3 nodes x 16 $ x 720 h x 12; 3 x 10 kW.
    assert (found["gpu_hours_sold"].shown, found["gpu_utilisation_pct"].shown) == (D(48), D("100.0"))
    assert found["ai_arr_usd"].shown == D(414_720)
    assert found["ai_contracted_mw"].value == D("0.030000")
    assert found["gpu_hours_sold"].note == ""


def test_a_contract_that_ended_in_the_month_recurs_no_more():
    site = pecos()
    contract(site, 3, end=datetime(2025, 11, 30, 23, tzinfo=UTC))
    later = contract(site, 1, begin=NOVEMBER.end_at - timedelta(minutes=1))

    found = from_earnings.facts(NOVEMBER)

    assert found["ai_arr_usd"].lineage == (f"contract:PECOS/{later.pk}",)
    assert found["ai_contracted_mw"].reason == "the nameplates of nodes under contract are not all known"


def test_a_partners_contract_is_not_the_companys():
    contract(pecos("GHOST", is_company=False), 3)

    assert from_earnings.facts(NOVEMBER) == {}
