"""Cases of cost, expected bitcoin and uptime, worked by hand."""

from tests.treasury.cases.asking import ask, picked


def test_credits_may_make_power_cost_less_than_nothing():
    found = ask(
        "cost", btc_mined_sat=0, costs={"power": "100.00", "staff": "50.00"}, cash_items=["power", "staff"],
        all_in_extra_items=[], credits={"demand_response": "300.00"}, days="1", kwh="1000",
        avg_operating_hashrate_ehs="0.001", revenue_usd="60",
    )  # fmt: skip

    # 1 PH/s for a day: -150 a PH and day; 3.6e9 J over 8.64e7 TH.
    assert found == {
        "cash_cost_usd": "-150.00",
        "all_in_cost_usd": "-150.00",
        "cash_cost_per_btc_usd": None,
        "all_in_cost_per_btc_usd": None,
        "power_cost_per_kwh_usd": "-0.20000",
        "hashcost_usd_per_ph_day": "-150.0000",
        "hashprice_usd_per_ph_day": "60.0000",
        "fleet_efficiency_j_per_th": "41.6667",
    }


# At this difficulty 1 EH/s finds a block in 1,000 s: difficulty x 2**32 = 10**21.
EASY = "232830643653.86962890625"


def test_a_halving_within_the_span_leased_hashrate_and_the_fee():
    found = ask(
        "expected", **{"from": "2024-04-20T00:00:00Z", "to": "2024-04-20T00:20:00Z"},
        hashrate=[{"from": "2024-04-19T00:00:00Z", "value": "3"}],
        leased_hashrate=[{"from": "2024-04-19T00:00:00Z", "value": "2"}],
        difficulty=[{"from": "2024-04-01T00:00:00Z", "value": EASY}],
        subsidy=[{"from": "2020-05-11T00:00:00Z", "value": "6.25"}, {"from": "2024-04-20T00:10:00Z", "value": "3.125"}],
        fee_per_block=[{"from": "2024-04-19T00:00:00Z", "value": "0.025"}],
        pool_fee="0.01", reported_sat=570_000_000, tolerance="0.02",
    )  # fmt: skip

    # 0.6 blocks x 6.275 x 0.99 and 0.6 x 3.15 x 0.99.
    assert found["segments"] == [
        {"from": "2024-04-20T00:00:00Z", "seconds": 600, "expected_blocks": "0.60000000", "btc": "3.72735000"},
        {"from": "2024-04-20T00:10:00Z", "seconds": 600, "expected_blocks": "0.60000000", "btc": "1.87110000"},
    ]
    assert picked(found, "expected_sat", "shortfall_sat", "ratio_reported_to_expected", "within_tolerance") == (
        559_845_000, -10_155_000, "1.018139", True,
    )  # fmt: skip


def test_nothing_is_expected_of_no_hashrate_and_no_ratio_of_nothing():
    found = ask(
        "expected", **{"from": "2024-04-20T00:00:00Z", "to": "2024-04-20T00:20:00Z"}, hashrate=[],
        difficulty=[{"from": "2024-04-01T00:00:00Z", "value": EASY}],
        subsidy=[{"from": "2020-05-11T00:00:00Z", "value": "6.25"}], reported_sat=5, tolerance="0.1",
    )  # fmt: skip

    assert picked(found, "expected_sat", "ratio_reported_to_expected", "within_tolerance") == (0, None, None)


def site(deployed, operating, curtailed=()):
    keys = ("from", "to", "value")
    series = {"deployed_ehs": deployed, "operating_ehs": operating, "curtailed_ehs": curtailed}
    return {name: [dict(zip(keys, row, strict=False)) for row in rows] for name, rows in series.items()}


def test_a_month_of_daylight_saving_with_curtailment_and_a_machine_that_moved():
    start, half, end = "2025-03-01T00:00:00-06:00", "2025-03-16T17:30:00Z", "2025-04-01T05:00:00Z"
    sites = {
        "A": site(
            [("2025-01-01T00:00:00Z", None, "10"), (half, None, "4")],
            [(start, half, "8"), (half, end, "3")],
            [("2025-02-01T00:00:00Z", half, "1")],
        ),
        "B": site([(half, None, "6")], [(half, "2025-05-01T00:00:00Z", "5")]),
    }

    found = ask("uptime", reporting_tz="America/Chicago", month="2025-03", sites=sites)

    # 31 days less an hour; `half` is their middle. Deployed stays 10 while 6 of it move; 8 ran, 0.5 was curtailed.
    assert found == {
        "month_seconds": 2_674_800,
        "average_deployed_ehs": "10.0000",
        "average_operating_ehs": "8.0000",
        "operational_efficiency_pct": "80.0000",
        "availability_excl_curtailment_pct": "84.2105",
        "average_curtailed_ehs": "0.5000",
    }


def test_a_month_in_which_everything_was_curtailed_has_no_availability():
    since = [("2025-01-01T00:00:00Z", None, "10")]

    found = ask("uptime", reporting_tz="UTC", month="2025-11", sites={"A": site(since, [], since)})

    assert picked(found, "operational_efficiency_pct", "availability_excl_curtailment_pct") == ("0.0000", None)
