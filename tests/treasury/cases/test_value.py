"""Cases of what the company is worth, worked by hand."""

import pytest

from tests.treasury.cases.asking import ask, picked


def test_dilution_by_options_warrants_units_and_notes():
    found = ask(
        "nav", btc_sat=100_000_000_000, btc_price_usd="100000", cash_usd="10000000", debt_usd="60000000",
        preferred_usd="5000000", other_usd="1000000", shares_basic="40000000", share_price_usd="2.50",
        options=[{"n": "1000000", "strike": "2.00"}, {"n": "9000000", "strike": "2.50"}],
        warrants=[{"n": "500000", "strike": "1.25"}], rsus=[{"n": "300000"}],
        converts=[{"principal_usd": "20000000", "conversion_price": "2.00"},
                  {"principal_usd": "30000000", "conversion_price": "2.50"}],
    )  # fmt: skip

    # 40m + 1m x 0.5 / 2.5 + 0.5m x 1.25 / 2.5 + 0.3m + 20m / 2 = 50.75m shares; debt falls to 40m.
    assert found == {
        "btc_nav_usd": "100000000.00",
        "diluted_shares": "50750000.00",
        "market_cap_usd": "126875000.00",
        "enterprise_value_usd": "161875000.00",
        "net_asset_value_usd": "66000000.00",
        "nav_per_share_usd": "1.3005",
        "sats_per_share": "1970.44",
        "mnav_market_cap": "1.2688",
        "mnav_ev": "1.6188",
        "mnav_net": "1.9223",
        "net_debt_to_btc_pct": "30.0000",
    }


def test_without_bitcoin_or_shares_there_is_no_ratio():
    found = ask("nav", btc_sat=0, btc_price_usd="100000", cash_usd="5", shares_basic="0", share_price_usd="2.50")

    assert picked(found, "mnav_market_cap", "mnav_ev", "net_debt_to_btc_pct") == (None, None, None)
    assert picked(found, "nav_per_share_usd", "sats_per_share", "mnav_net") == (None, None, "0.0000")


def test_a_yield_falls_when_shares_outgrow_coins():
    opening = {"btc_sat": 300_000_000_000, "shares_basic": "1000000", "share_price_usd": "2"}
    closing = {"btc_sat": 330_000_000_000, "shares_basic": "1150000", "share_price_usd": "2",
               "options": [{"n": "100000", "strike": "1"}]}  # fmt: skip

    # 300,000 sat a share, then 330,000,000,000 / 1,200,000 = 275,000: a twelfth less, 25,000,000,000 sat.
    assert ask("btc_yield", opening=opening, closing=closing) == {
        "opening_sats_per_share": "300000.00",
        "closing_sats_per_share": "275000.00",
        "btc_yield_pct": "-8.3333",
        "btc_gain_sat": -25_000_000_000,
    }
    assert ask("btc_yield", opening=opening | {"btc_sat": 0}, closing=closing)["btc_yield_pct"] is None


def test_each_currency_is_rounded_before_the_sum():
    balances = [
        {"currency": "USD", "amount": "100.00"}, {"currency": "USDT", "amount": "1000.01"},
        {"currency": "CNY", "amount": "10.03"}, {"currency": "CNY", "amount": "0.02"},
    ]  # fmt: skip

    # 1,000.01 x 0.9995 = 999.509995; 10.05 x 0.1 = 1.005, half up.
    found = ask("fx", balances=balances, closing_rates=[{"currency": "USDT", "rate": "0.9995"},
                                                        {"currency": "CNY", "rate": "0.1"}])  # fmt: skip

    assert found == {"converted_usd": {"USD": "100.00", "USDT": "999.51", "CNY": "1.01"}, "total_usd": "1100.52"}


@pytest.mark.parametrize(("first", "last"), [("opening", "closing"), ("start", "end"), ("from", "to")])
def test_a_period_may_name_its_moments_in_several_ways(first, last):
    stakes = ({"btc_sat": 100_000_000, "diluted_shares": "1000"}, {"btc_sat": 126_000_000, "diluted_shares": "1200"})
    flat = {f"{name}_{word}": told for word, stake in zip((first, last), stakes, strict=True)
            for name, told in stake.items()}  # fmt: skip

    for fields in (dict(zip((first, last), stakes, strict=True)), flat):
        assert picked(ask("btc_yield", **fields), "btc_yield_pct", "btc_gain_sat") == ("5.0000", 5_000_000)


def test_rates_are_found_whatever_they_are_called_and_each_is_rounded_before_it_is_added():
    found = ask("fx", balances=[{"currency": "CNY", "balance": "100.05"}, {"currency": "USDT", "balance": "0.005"}],
                rates_to_usd={"CNY": "0.1401", "USDT": "1"}, rate_source="ECB")  # fmt: skip

    assert found == {"converted_usd": {"CNY": "14.02", "USDT": "0.01"}, "total_usd": "14.03"}
