"""Ledger cases worked by hand: every method, scope and refusal."""

import pytest

from tests.treasury.cases.asking import ask, picked


def event(type, day, seq, **fields):
    return {"type": type, "at": f"2025-{day}T00:00:00Z", "seq": seq} | fields


def test_the_pool_pays_a_fee_in_coins_a_sale_in_usdt_and_rolls_forward():
    found = ask(
        "ledger",
        settings={"cost_method": "average"},
        events=[
            event("opening", "01-01", 1, lot="O1", sat=100_000_000, cost_usd="90000.00", wallet="a"),
            event("bought", "02-01", 2, lot="B1", sat=50_000_000, cost_usd="50000.01", wallet="a"),
            event("transfer", "03-01", 3, id="T1", **{"from": "a", "to": "b"}, sat=80_000_000,
                  network_fee_sat=10_000, price_usd="100000"),
            event("sale", "04-01", 4, id="S1", wallet="b", sat=74_995_000, price_usd="120000", fee_usd="100",
                  settlement="USDT"),
        ],
        close={"price_usd": "110000", "opening_fair_value_usd": "95000.00"},
    )  # fmt: skip

    # The pool: 140,000.01 on 150,000,000 sat. 10,000 of them cost 9.33 and were worth 10.00; half the rest goes.
    assert picked(found, "network_fee_sat", "network_fee_expense_usd", "network_fee_gain_usd") == (
        10_000, "10.00", "0.67",
    )  # fmt: skip
    assert found["disposals"] == [
        {
            "id": "S1",
            "consumed": [{"lot": "pool", "sat": 74_995_000, "basis_usd": "69995.34"}],
            "basis_usd": "69995.34",
            "net_proceeds_usd": "89894.00",
            "realised_gain_usd": "19898.66",
        }
    ]
    assert found["settlement"] == {"USDT": "89894.00"}
    assert found["wallets_sat"] == {"a": 69_990_000, "b": 5_005_000}
    assert found["rollforward"] == {
        "opening_fair_value_usd": "95000.00",
        "additions_usd": "50000.01",
        "dispositions_usd": "89904.00",
        "net_gain_loss_usd": "27398.49",
        "closing_fair_value_usd": "82494.50",
        "cost_basis_usd": "69995.34",
        "unrealised_cumulative_usd": "12499.16",
    }
    assert picked(found, "mined_sat", "mining_revenue_usd") == (0, "0.00")


def test_no_cent_of_a_lot_is_lost_however_it_is_cut():
    sales = [event("sale", f"02-0{n}", n, id=f"S{n}", wallet="w", sat=1, price_usd="0") for n in (1, 2, 3)]

    found = ask("ledger", events=[event("bought", "01-01", 1, lot="B", sat=3, cost_usd="0.10", wallet="w"), *sales])

    # A third of 0.10 is 0.03; half of the 0.07 left is 0.035, which rounds up; the last takes what is left.
    assert [sale["basis_usd"] for sale in found["disposals"]] == ["0.03", "0.04", "0.03"]
    assert picked(found, "remaining_cost_basis_usd", "realised_gain_usd") == ("0.00", "-0.10")


def test_half_a_cent_is_a_cent_for_and_against():
    mined = event("mined", "01-01", 1, lot="M", sat=1, price_usd="500000", wallet="w")
    sale = event("sale", "01-02", 2, id="S", wallet="w", sat=1, price_usd="0", fee_usd="0.00")

    found = ask("ledger", events=[sale, mined])

    assert picked(found, "mining_revenue_usd", "realised_gain_usd") == ("0.01", "-0.01")


def test_parts_of_a_cent_are_rounded_where_they_are_posted():
    found = ask(
        "ledger",
        events=[
            event("bought", "01-01", 1, lot="B", sat=3, cost_usd="1.005", wallet="w"),
            event("sale", "02-01", 2, id="S", wallet="w", sat=1, price_usd="1.5", fee_usd="0.005"),
        ],
        close={"price_usd": "0", "opening_fair_value_usd": "10.005"},
    )

    # The lot cost 1.01, of which a third is 0.336...; the fee is 0.01.
    assert picked(found, "sale_fees_usd", "net_proceeds_usd", "cost_basis_sold_usd", "remaining_cost_basis_usd") == (
        "0.01", "-0.01", "0.34", "0.67",
    )  # fmt: skip
    assert found["rollforward"]["opening_fair_value_usd"] == "10.01"


def test_what_is_not_covered_is_refused_whole_and_the_rest_goes_on():
    found = ask(
        "ledger",
        events=[
            event("mined", "01-01", 1, lot="M", sat=100, price_usd="100000000", wallet="a"),
            event("sale", "01-02", 1, id="S-from-nowhere", wallet="b", sat=1, price_usd="1"),
            event("transfer", "01-02", 2, id="T-fee-short", **{"from": "a", "to": "b"}, sat=95, network_fee_sat=6,
                  price_usd="1"),
            event("pledge", "01-02", 3, id="P1", wallet="a", loan="A", sat=60),
            event("release", "01-02", 4, id="R-too-much", wallet="a", loan="A", sat=61),
            event("release", "01-02", 5, id="R-other-loan", wallet="a", loan="B", sat=1),
            event("sale", "01-02", 6, id="S-pledged", wallet="a", sat=41, price_usd="1"),
            event("release", "01-03", 1, id="R1", wallet="c", loan="A", sat=10),
        ],
    )  # fmt: skip

    assert found["rejected"] == ["S-from-nowhere", "T-fee-short", "R-too-much", "R-other-loan", "S-pledged"]
    assert picked(found, "held_total_sat", "held_unpledged_sat", "pledged_sat", "network_fee_sat", "sold_sat") == (
        100, 50, {"A": 50}, 0, 0,
    )  # fmt: skip
    assert found["wallets_sat"] == {"a": 40, "c": 10}
    assert picked(found, "remaining_cost_basis_usd", "disposals", "settlement") == ("100.00", [], {})


def test_order_is_by_instant_across_offsets_and_then_by_number():
    late = {"type": "sale", "id": "S1", "at": "2025-07-01T01:00:00+02:00", "seq": 9, "wallet": "w", "sat": 1,
            "price_usd": "1"}  # fmt: skip
    mined = {"type": "mined", "lot": "M", "at": "2025-06-30T18:00:00-05:00", "seq": 8, "wallet": "w", "sat": 1,
             "price_usd": "1"}  # fmt: skip

    assert ask("ledger", events=[late, mined])["rejected"] == []
    assert ask("ledger", events=[late | {"seq": 7}, mined])["rejected"] == ["S1"]


def test_basis_goes_to_the_lender_and_back_oldest_first_with_lots_by_wallet():
    found = ask(
        "ledger",
        settings={"cost_method": "fifo", "lot_scope": "wallet"},
        events=[
            event("mined", "01-01", 1, lot="L1", sat=100, cost_usd="1.00", wallet="a"),
            event("mined", "01-02", 2, lot="L2", sat=100, cost_usd="5.00", wallet="a"),
            event("mined", "01-03", 3, lot="L3", sat=100, cost_usd="9.00", wallet="b"),
            event("pledge", "01-04", 4, wallet="a", loan="A", sat=150),
            event("sale", "01-05", 5, id="S1", wallet="a", sat=50, price_usd="0"),
            event("release", "01-06", 6, wallet="b", loan="A", sat=120),
            event("sale", "01-07", 7, id="S2", wallet="b", sat=130, price_usd="0"),
        ],
    )

    # L1 and half of L2 are pledged; L1 and 20 sat of that half (40 % of 2.50) come back, before L3 in time.
    assert [sale["consumed"] for sale in found["disposals"]] == [
        [{"lot": "L2", "sat": 50, "basis_usd": "2.50"}],
        [
            {"lot": "L1", "sat": 100, "basis_usd": "1.00"},
            {"lot": "L2", "sat": 20, "basis_usd": "1.00"},
            {"lot": "L3", "sat": 10, "basis_usd": "0.90"},
        ],
    ]
    assert picked(found, "pledged_sat", "remaining_cost_basis_usd") == ({"A": 30}, "9.60")


def test_with_lots_of_the_company_a_pledge_changes_no_order():
    found = ask(
        "ledger",
        settings={"cost_method": "fifo", "lot_scope": "entity"},
        events=[
            event("mined", "01-01", 1, lot="L1", sat=100, cost_usd="1.00", wallet="a"),
            event("mined", "01-02", 2, lot="L2", sat=100, cost_usd="5.00", wallet="b"),
            event("pledge", "01-03", 3, wallet="a", loan="A", sat=100),
            event("sale", "01-04", 4, id="S1", wallet="b", sat=100, price_usd="0"),
        ],
    )

    assert found["disposals"][0]["consumed"] == [{"lot": "L1", "sat": 100, "basis_usd": "1.00"}]


@pytest.mark.parametrize("lots", [{"L2": 40}, [{"lot": "L2", "sat": 40}], ["L2"], "L2"])
def test_specific_lots_may_be_named_in_several_ways(lots):
    found = ask(
        "ledger",
        settings={"cost_method": "specific"},
        events=[
            event("mined", "01-01", 1, lot="L1", sat=100, cost_usd="1.00", wallet="a"),
            event("mined", "01-02", 2, lot="L2", sat=40, cost_usd="5.00", wallet="a"),
            event("sale", "01-04", 4, id="S1", wallet="a", sat=40, price_usd="0", lots=lots),
        ],
    )

    assert found["disposals"][0]["consumed"] == [{"lot": "L2", "sat": 40, "basis_usd": "5.00"}]


def test_nothing_that_came_is_no_lot_and_nothing_that_was_sold_takes_none():
    mined = event("mined", "01-01", 1, lot="L0", sat=0, price_usd="100000", wallet="w")
    bought = event("bought", "01-01", 1, lot="L1", sat=10, cost_usd="1.00", wallet="w")
    sales = [event("sale", "01-02", n, id=f"S{n}", wallet="w", sat=sat, price_usd="2e7") for n, sat in ((2, 0), (3, 5))]

    found = ask("ledger", events=[mined, bought, *sales])

    assert [sale["consumed"] for sale in found["disposals"]] == [[], [{"lot": "L1", "sat": 5, "basis_usd": "0.50"}]]
    assert picked(found, "mined_sat", "sold_sat", "net_proceeds_usd", "rejected") == (0, 5, "1.00", [])
