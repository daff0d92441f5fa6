from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from cango_ops.base.models import JobRun
from compute.models import MiningTerms
from sites.models import MarketPrice, PowerContract
from tests.treasury.earnings.worlds import DAY, HOUR, contract, draw, hash_for, network, nodes, pecos, serve
from treasury.earnings.days import settled_sites, tell_day, tell_days
from treasury.models import ContractDay, SiteDay

pytestmark = pytest.mark.django_db
D = Decimal
NEXT = DAY + 24 * HOUR


def told(site, now=NEXT):
    assert tell_day(site, DAY.date(), now) == 1
    return SiteDay.objects.get(site=site, day=DAY.date())


def fixed(site, usd="50.00"):
    return PowerContract.objects.create(site=site, valid_from=date(2025, 1, 1), price_usd_per_mwh=D(usd))


def test_a_whole_day_of_a_petahash():
    site = pecos()
    hash_for(site, 24)
    draw(site, 24)
    network()
    network(DAY + 12 * HOUR)
    fixed(site)

    day = told(site, NEXT + 6 * HOUR)

    # 10**15 x 3,600 / 10**24 = 3.6e-6 blocks an hour, 1,125 sat; 400 kW for 24 h at 50 $/MWh.
    # The readings of 0 and 12 o'clock hold six hours each: half of the hours have no network.
    assert (day.hash_hours, day.ph_days, day.worth_hours) == (24, D("1.000000"), 12)
    assert (day.expected_sat, day.mined_usd) == (13_500, D("13.50"))
    assert (day.energy_hours, day.energy_kwh, day.power_usd) == (24, D("9600.000"), D("480.00"))
    assert (day.joint_hours, day.joint_sat, day.joint_power_usd) == (12, 13_500, D("240.00"))
    assert day.missing == {"network not read": 12}


def test_the_pools_fee_is_taken_off():
    site = pecos()
    hash_for(site, 1)
    network()
    MiningTerms.objects.create(site=site, pool="p", fee_share=D("0.04"))

    assert told(site).expected_sat == 1_080  # 1,125 x 0.96


def test_gaps_stay_gaps_and_are_counted():
    site = pecos()
    hash_for(site, 2)
    draw(site, 1.5)
    network()
    fixed(site)

    day = told(site, DAY + 4 * HOUR)

    assert (day.hash_hours, day.energy_hours, day.joint_hours) == (2, 1, 1)
    assert day.missing == {"hashrate not measured": 2, "energy not measured": 3}


def test_without_meter_contract_or_market_price_the_reason_is_told():
    bare, unpriced, indexed = pecos("BARE"), pecos("UNPRICED"), pecos("INDEXED")
    for site in (bare, unpriced, indexed):
        hash_for(site, 2)
    for site in (unpriced, indexed):
        draw(site, 2)
    PowerContract.objects.create(
        site=indexed, kind="index", market="HB", valid_from=date(2025, 1, 1), price_usd_per_mwh=D(4),
        terms={"index": "real_time"},
    )  # fmt: skip

    now = DAY + 2 * HOUR
    assert told(bare, now).missing["no meter"] == 2
    assert told(unpriced, now).missing["no power contract"] == 2
    assert told(indexed, now).missing["the real-time price of HB is not known"] == 2


def test_an_hour_costs_the_markets_price_quarter_by_quarter():
    site = pecos()
    hash_for(site, 1)
    draw(site, 1)
    PowerContract.objects.create(
        site=site, kind="index", market="HB", valid_from=date(2025, 1, 1), price_usd_per_mwh=D(4),
        terms={"index": "real_time"},
    )  # fmt: skip
    for part, usd in enumerate((10, 20, -30, 400)):
        MarketPrice.objects.create(
            market="HB", index="real_time", start_at=DAY + part * timedelta(minutes=15), minutes=15, usd_per_mwh=usd,
            source="test", observed_at=DAY,
        )  # fmt: skip

    # 0.1 MWh a quarter at 14, 24, -26 and 404 $.
    assert told(site, DAY + HOUR).power_usd == D("41.60")


def test_gpu_minutes_and_what_contracts_were_served():
    site = pecos()
    box = nodes(site, 4)
    oldest = contract(site, 2, begin=DAY - HOUR, customer="Old")
    newer = contract(site, 2, price="10", penalty="20", begin=DAY + HOUR, customer="New")
    serve(box, range(90), up=4)
    serve(box, range(90, 120), up=3)

    day = told(site, DAY + 3 * HOUR)

    assert (day.gpu_minutes_observed, day.gpu_minutes_installed) == (120, 120 * 32)
    assert (day.gpu_minutes_available, day.gpu_minutes_busy) == (90 * 32 + 30 * 24, 90 * 16 + 30 * 12)
    assert day.missing["GPU minutes not observed"] == 60
    first, second = (ContractDay.objects.get(contract=row, day=DAY.date()) for row in (oldest, newer))
    # Two nodes for two hours at 16; the third hour was not seen.
    assert (first.served_minutes, first.unobserved_minutes, first.billed_usd) == (240, 120, D("64.00"))
    # From 1:00 on: half an hour of two nodes, half an hour of one, and one short.
    assert (second.committed_minutes, second.served_minutes) == (120, 90)
    assert (second.billed_usd, second.credit_usd, second.gpus_per_node) == (D("15.00"), D("10.00"), 8)


def test_in_a_mixed_container_nodes_are_known_by_their_gpus():
    site = pecos()
    box = nodes(site, 2, kind="mixed")
    row = contract(site, 2)
    serve(box, range(60), up=2, gpus=7)  # one GPU of each node is silent: 14 of 16 are one whole node

    told(site, DAY + HOUR)

    assert ContractDay.objects.get(contract=row, day=DAY.date()).served_minutes == 60


def test_a_day_told_again_is_the_same_day():
    site = pecos()
    hash_for(site, 3)
    network()

    first = told(site)
    again = told(site)

    assert SiteDay.objects.count() == 1
    assert (first.expected_sat, first.missing) == (again.expected_sat, again.missing)


def test_a_site_of_which_nothing_is_known_has_no_day():
    assert tell_day(pecos(), DAY.date(), NEXT) == 0
    assert not SiteDay.objects.exists()


def test_the_task_runs_and_counts():
    pecos()

    tell_days()

    assert JobRun.objects.get(name="treasury.tell_days").outcome == JobRun.Outcome.DONE


def test_a_day_stands_once_it_was_told_well_after_its_end():
    early, late = pecos("EARLY"), pecos("LATE")
    for site in (early, late):
        hash_for(site, 3)
    told(early, NEXT + 5 * HOUR)
    told(late, NEXT + 6 * HOUR)

    assert settled_sites(DAY.date()) == [late.pk]


def test_days_are_told_anew_by_hand_after_late_telemetry(capsys):
    site = pecos()
    hash_for(site, 2)
    told(site)
    hash_for(site, 1, start=DAY + 5 * HOUR)

    call_command("tell_days", "2025-11-09", "2025-11-10")

    assert capsys.readouterr().out == "1 days of sites told\n"
    assert SiteDay.objects.get().hash_hours == 3
