"""What follows from a month's facts, how it is rounded, compared and rolled forward."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury.reports import months, published
from treasury.reports.compose import Material, compose
from treasury.reports.figures import Cell, Facts, change, derived, known, missing
from treasury.reports.rollforward import Ties, printed
from treasury.reports.snapshot import Restated, canonical, read

D = Decimal


def btc(code: str, value: str, places: int = 2) -> Cell:
    return known(code, D(value), places=places)


def test_ratio_average_and_sale_price_follow_from_the_facts():
    facts: Facts = {
        "btc_produced": btc("btc_produced", "602.6"),
        "operating_avg_ehs": btc("operating_avg_ehs", "46.09"),
        "deployed_end_ehs": btc("deployed_end_ehs", "50"),
        "btc_sold": btc("btc_sold", "475"),
        "sale_proceeds_usd": known("sale_proceeds_usd", D(38_800_000)),
    }

    found = derived(facts, 31)

    assert found["btc_per_day"].shown == D("19.44")
    assert found["operating_ratio_pct"].shown == D("92.18")
    assert found["sale_price_usd"].shown == D("81684")


def test_nothing_follows_from_what_is_not_known():
    found = derived({"operating_avg_ehs": btc("operating_avg_ehs", "46.09"), "btc_sold": missing("not published")}, 31)

    assert "operating_ratio_pct" not in found
    assert "btc_per_day" not in found
    assert "sale_price_usd" not in found


def test_efficiency_follows_from_averages_of_what_was_observed_and_says_so():
    seen = "35 sites, 99.97 % of the minutes observed"
    facts = {
        "operating_avg_ehs": known("operating_avg_ehs", D("46.09"), note=seen),
        "deployed_avg_ehs": known("deployed_avg_ehs", D(50), note=seen),
    }

    found = derived(facts, 31)["operating_ratio_pct"]

    assert (found.shown, found.note) == (D("92.18"), seen)


def test_efficiency_does_not_follow_from_what_was_deployed_at_the_months_end_alone():
    facts = {
        "operating_avg_ehs": known("operating_avg_ehs", D(30)),
        "deployed_end_ehs": known("deployed_end_ehs", D(50), note="at month end"),
    }

    assert "operating_ratio_pct" not in derived(facts, 30)


def test_time_weighted_deployment_counts_where_it_is_known():
    facts = {
        "operating_avg_ehs": btc("operating_avg_ehs", "30"),
        "deployed_end_ehs": btc("deployed_end_ehs", "50"),
        "deployed_avg_ehs": btc("deployed_avg_ehs", "40"),
    }

    assert derived(facts, 30)["operating_ratio_pct"].shown == D("75.00")


def test_figures_in_per_cent_move_by_points():
    assert change("operating_ratio_pct", btc("operating_ratio_pct", "92.18"), btc("operating_ratio_pct", "89.70")) == D(
        "2.5"
    )
    assert change("btc_produced", btc("btc_produced", "602.6"), btc("btc_produced", "616.6")) == D("-2.3")
    assert change("btc_sold", btc("btc_sold", "5"), btc("btc_sold", "0")) is None


@pytest.mark.parametrize(
    ("month", "per_day", "ratio"),
    [
        ("2025-07", "20.98", "81.82"), ("2025-08", "21.41", "87.48"), ("2025-09", "20.55", "89.70"),
        ("2025-10", "19.44", "92.18"), ("2025-11", "18.22", "88.76"), ("2025-12", "18.35", "86.72"),
        ("2026-01", "16.01", "74.04"),
    ],
)  # fmt: skip
def test_published_months_come_out_as_published(month, per_day, ratio):
    snapshot = compose(published.material(month))

    assert snapshot.line("btc_per_day").this.shown == D(per_day)
    assert snapshot.line("operating_ratio_pct").this.shown == D(ratio)


@pytest.mark.parametrize(
    ("month", "ties"),
    [
        ("2025-04", "exactly"), ("2025-08", "exactly"), ("2025-09", "exactly"), ("2025-10", "exactly"),
        ("2025-11", "exactly"), ("2025-12", "exactly"), ("2026-01", "with rounding"), ("2026-02", "cannot be checked"),
        ("2025-06", "cannot be checked"),
    ],
)  # fmt: skip
def test_the_roll_forward_of_published_months_ties_as_far_as_it_can(month, ties):
    assert compose(published.material(month)).roll_forward.ties == ties


def test_january_2026_prints_the_rounding_of_a_december_with_fewer_decimals():
    roll = compose(published.material("2026-01")).roll_forward

    assert [(step.code, step.sign, step.value.shown) for step in roll.steps] == [
        ("opening", 1, D("7528.3")), ("btc_produced", 1, D("496.35")), ("btc_sold", -1, D("550.03")),
    ]  # fmt: skip
    assert roll.rounding == D("0.05")
    assert roll.closing.shown == D("7474.67")


def test_a_roll_forward_that_rounding_cannot_explain_does_not_tie():
    before = {"btc_held": btc("btc_held", "100.00")}
    now = {
        "btc_produced": btc("btc_produced", "10.00"), "btc_sold": btc("btc_sold", "0.00"),
        "btc_held": btc("btc_held", "109.90"),
    }  # fmt: skip

    roll = printed(before, now)

    assert roll.ties == Ties.NOT
    assert roll.words == "off by -0.10 BTC"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(opening=st.integers(0, 10**13), produced=st.integers(0, 10**11), sold=st.integers(0, 10**11))
def test_an_exact_ledger_always_ties_at_the_printed_precision(opening, produced, sold):
    def sat(code: str, amount: int) -> Cell:
        return known(code, D(amount) / 10**8)

    now = {
        "btc_produced": sat("btc_produced", produced), "btc_sold": sat("btc_sold", sold),
        "btc_held": sat("btc_held", opening + produced - sold),
    }  # fmt: skip
    roll = printed({"btc_held": sat("btc_held", opening)}, now)

    assert roll.ties in (Ties.EXACTLY, Ties.WITH_ROUNDING)
    shown = sum(step.sign * step.cell.shown for step in roll.steps)
    assert shown + roll.rounding == roll.closing.shown


def test_a_snapshot_is_read_back_whole_and_spelt_one_way():
    snapshot = compose(published.material("2025-10"))

    assert read(canonical(snapshot)) == snapshot
    assert canonical(read(canonical(snapshot))) == canonical(snapshot)
    with pytest.raises(Garbled):
        read(b'{"format": 1}')


def test_a_changed_comparative_is_starred_with_old_new_and_reason():
    told = published.material("2025-10")
    late = Restated("2025-09", "btc_produced", D("616.6"), D("616.9"), "a payout came late", "ir@cango.example")
    snapshot = compose(Material(told.month, told.facts, told.basis, told.source, restatements=[late]))

    assert snapshot.line("btc_produced").restated == "2025-09 restated from 616.6 to 616.9: a payout came late"
    assert snapshot.line("btc_held").restated == ""


def test_months_are_counted_over_the_new_year():
    assert months.back("2026-01") == "2025-12"
    assert months.back("2025-12", -1) == "2026-01"
    assert months.until("2026-02", 3) == ["2025-12", "2026-01", "2026-02"]
    assert months.days_in("2024-02") == 29
    with pytest.raises(Garbled, match="no month"):
        months.first_day("2025-13")
