"""Cases of stress, worked by hand."""

from tests.treasury.cases.asking import TERMS, ask, picked


def stress(unpledged, *loans, **fields):
    return ask(
        "stress", btc_price_usd="100000", shocks_pct=["-50", "0", "10"], unpledged_sat=unpledged, cash_usd="0",
        other_net_assets_usd="0", loans=list(loans), **fields,
    )["scenarios"]  # fmt: skip


def owed(name, usd, sat, **terms):
    return {"id": name, "terms": TERMS | terms, "principal_usd": usd, "accrued_usd": "0.00", "collateral_sat": sat}


def test_free_coins_that_are_just_enough_cover_and_one_less_does_not():
    # At 50,000: 42,000 / (0.7 x 50,000) = 1.2 BTC are wanted of a loan on 1 BTC.
    for free, is_covered in ((20_000_000, True), (19_999_999, False)):
        fall, now, rise = stress(free, owed("A", "42000.00", 100_000_000), covenant_min_equity_usd="18000.00")
        assert picked(fall, "total_top_up_sat", "unpledged_sat_after", "can_cover_in_kind") == (
            20_000_000, free - 20_000_000, is_covered,
        )  # fmt: skip
        assert fall["loans"] == {"A": {"ltv_pct": "84.0000", "status": "margin_call",
                                       "top_up_to_initial_sat": 20_000_000}}  # fmt: skip
        # 1.2 BTC x 50,000 - 42,000 is just the least that the covenant asks for; half a cent less is shown as much.
        assert picked(fall, "equity_usd", "covenant_min_equity_ok") == ("18000.00", is_covered)
        assert picked(now, "price_usd", "total_top_up_sat") == ("100000.00", 0)
        assert rise["price_usd"] == "110000.00"


def test_a_loan_without_coins_or_without_debt_is_not_called():
    scenarios = stress(0, owed("bare", "1.00", 0), owed("free", "0.00", 5))

    assert {name: loan["status"] for name, loan in scenarios[0]["loans"].items()} == {
        "bare": "uncollateralised", "free": "no_debt",
    }  # fmt: skip
    assert picked(scenarios[0], "total_top_up_sat", "can_cover_in_kind", "covenant_min_equity_ok") == (0, True, None)
