"""Loan cases worked by hand: day counts, triggers, repayments."""

import pytest

from tests.treasury.cases.asking import TERMS, ask, picked


def loan(as_of, *events, **terms):
    names = ("date", "seq", "type")
    rows = [dict(zip(names, told[:3], strict=True)) | told[3] for told in events]
    return ask("loan", terms=TERMS | terms, as_of=as_of, events=rows)


def test_capitalised_interest_bears_interest_from_the_first_of_the_month():
    found = loan("2025-02-28", ("2025-01-30", 1, "draw", {"usd": "3600000.00"}), interest="capitalised_monthly")

    # Two nights at 1,000.00; then 28 nights at 3,602,000 x 10 % / 360 = 1,000.5556.
    assert [row["interest_usd"] for row in found["monthly_interest"]] == ["2000.00", "28015.56"]
    assert picked(found, "principal_usd", "billed_unpaid_interest_usd", "accrued_unbilled_interest_usd") == (
        "3630015.56", "0.00", "0.00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day_count", "nights"),
    [
        # 366,000 a year: one night of 2023, 31 of January and 29 of February 2024.
        ("ACT/ACT", ["1002.74", "31000.00", "29000.00"]),
        ("ACT/365F", ["1002.74", "31084.93", "29079.45"]),
        ("ACT/360", ["1016.67", "31516.67", "29483.33"]),
    ],
)
def test_each_day_count_over_the_end_of_a_year_and_a_leap_day(day_count, nights):
    found = loan("2024-02-29", ("2023-12-31", 1, "draw", {"usd": "3660000.00"}), day_count=day_count)

    assert [row["interest_usd"] for row in found["monthly_interest"]] == nights
    assert [row["month"] for row in found["monthly_interest"]] == ["2023-12", "2024-01", "2024-02"]


@pytest.mark.parametrize(("trigger", "status", "top_up"), [("gt", "ok", 0), ("gte", "margin_call", 14_285_715)])
def test_at_the_threshold_itself_the_trigger_decides(trigger, status, top_up):
    found = loan(
        "2025-01-10",
        ("2025-01-10", 1, "pledge", {"sat": 100_000_000}),
        ("2025-01-10", 2, "draw", {"usd": "8000.00"}),
        ("2025-01-10", 3, "mark", {"price_usd": "10000.00"}),
        trigger=trigger,
    )

    # 8,000 / (0.7 x 10,000) = 1.142857142857 BTC, rounded up to the satoshi.
    assert found["marks"] == [
        {
            "date": "2025-01-10", "seq": 3, "price_usd": "10000.00", "debt_usd": "8000.00",
            "collateral_sat": 100_000_000, "collateral_value_usd": "10000.00", "ltv_pct": "80.0000", "status": status,
            "margin_call_price_usd": "10000.00", "liquidation_price_usd": "8888.89",
            "top_up_to_initial_sat": top_up, "releasable_sat": 0,
        }
    ]  # fmt: skip


def test_a_loan_far_from_its_call_may_release_what_is_above_its_first_ltv():
    found = loan(
        "2025-01-10",
        ("2025-01-10", 1, "pledge", {"sat": 100_000_000}),
        ("2025-01-10", 2, "draw", {"usd": "8000.00"}),
        ("2025-01-10", 3, "mark", {"price_usd": "20000.00"}),
        ("2025-01-10", 4, "release", {"sat": 42_857_142}),
        ("2025-01-10", 5, "mark", {"price_usd": "20000.00"}),
    )

    # 57,142,857.14 sat are needed, so 57,142,858 stay.
    assert [mark["releasable_sat"] for mark in found["marks"]] == [42_857_142, 0]
    assert found["collateral_sat"] == 57_142_858


def test_a_repayment_settles_bills_then_principal_and_leaves_the_accrual():
    events = [
        ("2025-01-01", 1, "pledge", {"sat": 1_000_000_000}),
        ("2025-01-01", 2, "draw", {"usd": "360000.00"}),
        ("2025-02-10", 1, "mark", {"price_usd": "50000"}),
        ("2025-02-10", 2, "repay", {"usd": "5000.00"}),
        ("2025-02-10", 3, "mark", {"price_usd": "50000"}),
    ]

    found = loan("2025-02-10", *events[::-1])

    # 100.00 a night: 3,100.00 billed for January, 900.00 accrued before the 10th; 1,900.00 go to the principal.
    assert [mark["debt_usd"] for mark in found["marks"]] == ["364000.00", "359000.00"]
    assert picked(found, "principal_usd", "billed_unpaid_interest_usd", "accrued_unbilled_interest_usd") == (
        "358100.00", "0.00", "999.47",
    )  # fmt: skip


def test_without_debt_all_coins_may_come_back():
    found = loan(
        "2025-01-10",
        ("2025-01-10", 1, "pledge", {"sat": 100}),
        ("2025-01-10", 2, "draw", {"usd": "8000.00"}),
        ("2025-01-10", 3, "repay", {"usd": "8000.00"}),
        ("2025-01-10", 4, "mark", {"price_usd": "10000.00"}),
    )

    assert picked(found["marks"][0], "status", "ltv_pct", "top_up_to_initial_sat", "releasable_sat") == (
        "no_debt", "0.0000", 0, 100,
    )  # fmt: skip


def test_without_collateral_nothing_is_divided_by():
    found = loan(
        "2025-01-10",
        ("2025-01-10", 2, "draw", {"usd": "8000.00"}),
        ("2025-01-10", 4, "mark", {"price_usd": "10000.00"}),
    )

    mark = found["marks"][0]
    assert picked(mark, "status", "ltv_pct", "margin_call_price_usd", "liquidation_price_usd") == (
        "uncollateralised", None, None, None,
    )  # fmt: skip
    assert picked(mark, "top_up_to_initial_sat", "releasable_sat", "collateral_value_usd") == (0, 0, "0.00")


def test_a_top_up_a_new_rate_and_a_repayment_in_coins():
    found = loan(
        "2025-01-12",
        ("2025-01-10", 1, "pledge", {"sat": 100_000_000}),
        ("2025-01-10", 2, "draw", {"usd": "36000.00"}),
        ("2025-01-11", 1, "top_up", {"sat": 20_000_000}),
        ("2025-01-11", 2, "rate_reset", {"rate": "0.20"}),
        ("2025-01-12", 1, "repay_in_coins", {"sat": 10_000_000, "price_usd": "60000.00"}),
        ("2025-01-12", 2, "mark", {"price_usd": "60000.00"}),
    )

    # Nights: 10.00 at 10 %, 20.00 at 20 %; 0.1 BTC repays 6,000.00; the last night is 30,000 x 20 % / 360.
    assert picked(found, "principal_usd", "accrued_unbilled_interest_usd", "collateral_sat") == (
        "30000.00", "46.67", 110_000_000,
    )  # fmt: skip
    assert picked(found["marks"][0], "debt_usd", "ltv_pct") == ("30030.00", "45.5000")


def test_events_after_the_day_are_left_out():
    found = loan("2025-01-09", ("2025-01-10", 2, "draw", {"usd": "8000.00"}))

    assert found == {
        "monthly_interest": [], "principal_usd": "0.00", "billed_unpaid_interest_usd": "0.00",
        "accrued_unbilled_interest_usd": "0.00", "collateral_sat": 0, "marks": [],
    }  # fmt: skip


def test_a_call_moves_nothing_and_a_liquidation_keeps_collateral_at_its_price():
    found = loan(
        "2025-01-12",
        ("2025-01-10", 1, "pledge", {"sat": 100_000_000}),
        ("2025-01-10", 2, "draw", {"usd": "36000.00"}),
        ("2025-01-11", 1, "call", {"sat": 5}),
        ("2025-01-11", 2, "liquidation", {"sat": 30_000_000, "price_usd": "60000.00"}),
    )

    # 0.3 BTC repay 18,000.00: one night at 10.00, two at 5.00.
    assert picked(found, "principal_usd", "accrued_unbilled_interest_usd", "collateral_sat") == (
        "18000.00", "20.00", 70_000_000,
    )  # fmt: skip
