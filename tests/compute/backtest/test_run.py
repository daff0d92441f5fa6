"""Policies on real prices. Figures of the year are those of the case's README."""

import json
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from compute.backtest.history import expected_prices
from compute.backtest.run import POLICIES, run, walk
from compute.management.commands.backtest import bar
from tests.compute.backtest.worlds import CASE, hub, needs_data, random_year, small_series, small_site, west_2024

MONTH = 31 * 24
HUBS = [
    ("ercot_dam_hubs_2021_usd_per_mwh.csv", "interval_start_central", "HB_WEST", "HB_WEST"),
    ("ercot_dam_hubs_2022_usd_per_mwh.csv", "interval_start_central", "HB_HOUSTON", "HB_HOUSTON"),
    ("ercot_hourly_dam_rtm_as_2024.csv", "hour_start_central", "dam_HB_HOUSTON", "rtm_HB_HOUSTON"),
    ("ercot_hourly_dam_rtm_as_2025.csv", "hour_start_central", "dam_HB_WEST", "rtm_HB_WEST"),
]


def million(result):
    return result.money.total / 1e6, (result.money.total - result.money.ai) / 1e6


@pytest.mark.parametrize(
    ("policy", "total", "without_ai"), [("always", 64.83, 30.76), ("threshold", 66.28, 32.28), ("merit", 70.24, 36.62)]
)
def test_a_rule_earns_in_the_year_what_is_known_of_it(policy, total, without_ai):
    result = run(west_2024(), policy)

    assert result.broken == ()
    assert million(result) == (pytest.approx(total, rel=1e-3), pytest.approx(without_ai, rel=2e-3))


@pytest.mark.long
def test_the_rolling_plan_earns_in_the_year_what_is_known_of_it():
    result = run(west_2024(), "mpc")

    assert result.broken == ()
    assert million(result) == (pytest.approx(70.91, rel=1e-3), pytest.approx(37.21, rel=1e-3))


@pytest.mark.long
@needs_data
@pytest.mark.parametrize("prices", HUBS, ids=lambda each: each[2] + each[0][-20:-16])
@pytest.mark.parametrize("lag", [0, 1])
def test_the_rolling_plan_is_at_no_hub_and_in_no_year_under_the_merit_order(prices, lag):
    history = hub(*prices)

    by_rule, planned = run(history, "merit", lag), run(history, "mpc", lag)

    assert by_rule.broken == planned.broken == ()
    assert planned.money.total > 0.999 * by_rule.money.total


@pytest.mark.parametrize("lag", [0, 1])
def test_in_a_month_the_rolling_plan_earns_more_than_each_rule_before_it(lag):
    month = west_2024().first(MONTH)

    results = [run(month, policy, lag) for policy in ("always", "threshold", "merit", "mpc")]

    totals = [result.money.total for result in results]
    assert [result.broken for result in results] == [()] * 4
    assert totals == sorted(totals)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("policy", ["always", "threshold", "merit", "mpc"])
def test_no_policy_breaks_a_rule_whatever_the_prices(policy, seed):
    result = run(random_year(seed), policy, lag=seed % 2)

    assert result.broken == ()
    assert np.isfinite(result.money.total)


def test_no_policy_sees_prices_that_are_not_known_yet():
    month = west_2024().first(MONTH)
    known = 100
    later = month.real_time_usd_mwh.copy()
    later[known + 1 :] += 500.0
    other = replace(month, real_time_usd_mwh=later)

    for at, lag in ((known, 0), (known + 1, 1), (known, 1)):
        seen = expected_prices(month, at, at + 24, lag)
        assert np.array_equal(seen, expected_prices(other, at, at + 24, lag))


def test_no_policy_sees_which_hour_became_the_peak():
    month = west_2024().first(200)
    hit = np.zeros(200)
    hit[50] = 16_750.0
    grid = replace(month.truth.grid, coincident_usd_per_mw=hit)
    other = replace(month, truth=replace(month.truth, grid=grid))

    deeds, others = (walk(each, POLICIES["mpc"](), 0, None) for each in (month, other))

    for one, two in zip(deeds, others, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one.modules, two.modules, strict=True))


def test_what_is_left_of_a_price_gap_halves_each_hour_and_a_hole_in_the_data_counts_as_hours():
    history = replace(
        west_2024().first(4),
        clock_h=np.array([0.0, 1.0, 2.0, 12.0]),
        day_ahead_usd_mwh=np.array([30.0, 30.0, 30.0, 30.0]),
        real_time_usd_mwh=np.array([130.0, 0.0, 0.0, 0.0]),
    )

    assert expected_prices(history, 0, 4, 0) == pytest.approx([130.0, 90.0, 60.0, 30.0], abs=0.1)
    assert expected_prices(history, 1, 4, 1) == pytest.approx([90.0, 60.0, 30.0], abs=0.1)


def test_the_command_prints_what_a_policy_earned(tmp_path, capsys):
    """2 MW earn 200 USD an hour, 50 nodes 100 USD; at 95 USD/MWh nothing stops, at 105 the ASICs do."""
    (tmp_path / "small.csv").write_text(small_series("2024-01-01T00:00,30,90,24,50", "2024-01-01T01:00,30,100,24,50"))
    (tmp_path / "site.json").write_text(json.dumps(small_site()))

    call_command("backtest", str(tmp_path / "site.json"), policy="threshold")

    told = json.loads(capsys.readouterr().out)
    components = {name: usd for name, usd in told["components"].items() if usd}
    assert components == {"mining_usd": 200.0, "ai_usd": 200.0, "energy_usd": -290.0}
    assert (told["total_usd"], told["without_ai_usd"], told["steps"]) == (110.0, -90.0, 2)
    assert told["broken"] == []


@pytest.mark.parametrize(
    ("text", "words"), [("{", "cannot be back-tested: the file ends before its JSON does"), (None, "cannot be read")]
)
def test_the_command_says_what_is_wrong_with_a_site(tmp_path, text, words):
    path = tmp_path / "site.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(CommandError, match=words):
        call_command("backtest", str(path), policy="mpc")


def test_the_command_can_stop_after_some_steps(capsys):
    call_command("backtest", str(CASE / "west-2024.json"), policy="mpc", steps=30, lag=1)

    told = json.loads(capsys.readouterr().out)
    assert told["steps"] == 30
    assert told["ms_per_step"] > 0


def test_a_terminal_sees_how_far_the_run_is():
    seen = StringIO()
    draw = bar(OutputWrapper(seen))

    draw(50, 100)
    draw(100, 100)

    half, whole = "=" * 20 + " " * 20, "=" * 40
    assert seen.getvalue() == f"\r[{half}] 50/100\r[{whole}] 100/100\n"
