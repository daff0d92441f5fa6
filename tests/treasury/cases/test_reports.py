"""Cases of restated months and of reconciliation, worked by hand."""

from tests.treasury.cases.asking import ask, picked


def payout(name, version, sat, earned, recorded):
    return {"payout_id": name, "version": version, "sat": sat, "earned_for_end": earned, "recorded_at": recorded}


def test_months_are_local_closed_ones_keep_their_figure_and_later_versions_win():
    found = ask(
        "report", reporting_tz="America/New_York", months=["2025-09", "2025-10", "2025-11"],
        closed_at={"2025-09": "2025-10-02T00:00:00Z", "2025-10": "2025-11-03T00:00:00Z",
                   "2025-11": "2025-12-04T00:00:00Z"},
        as_of="2025-12-03T00:00:00Z", adjustment_period="2025-11",
        payouts=[
            payout("night", 1, 100_000_000, "2025-11-01T03:30:00Z", "2025-11-01T04:00:00Z"),
            payout("dawn", 1, 50_000_000, "2025-11-01T04:00:00Z", "2025-11-01T05:00:00Z"),
            payout("late", 1, 7, "2025-09-15T00:00:00Z", "2025-10-05T00:00:00Z"),
            payout("moved", 2, 30, "2025-10-20T00:00:00Z", "2025-11-05T00:00:00Z"),
            payout("moved", 1, 10, "2025-09-20T00:00:00Z", "2025-09-21T00:00:00Z"),
            payout("unseen", 1, 1_000, "2025-10-20T00:00:00Z", "2025-12-03T00:00:01Z"),
            payout("at-the-close", 1, 200, "2025-10-21T00:00:00Z", "2025-11-03T00:00:00Z"),
        ],
    )  # fmt: skip

    months = found["months"]
    assert picked(months["2025-09"], "as_published_sat", "current_sat", "restatement_sat", "restated") == (
        10, 7, -3, True,
    )  # fmt: skip
    assert picked(months["2025-10"], "as_published_sat", "current_sat", "restatement_sat") == (
        100_000_200, 100_000_230, 30,
    )  # fmt: skip
    assert picked(months["2025-11"], "status", "as_published_sat", "current_sat", "average_daily_btc") == (
        "open", None, 50_000_000, "0.02",
    )  # fmt: skip
    assert picked(found, "ledger_adjustment_period", "adjustment_total_sat") == ("2025-11", 27)


def test_the_chain_counts_what_is_deep_enough_and_the_pool_what_was_posted_once():
    found = ask(
        "recon", min_confirmations=6,
        wallets={
            "w": {"tip": 1000, "utxos": [
                {"sat": 1, "height": 995}, {"sat": 2, "height": 996}, {"sat": 4, "height": 901, "coinbase": True},
                {"sat": 8, "height": 902, "coinbase": True}, {"sat": 16, "height": 0}, {"sat": 32, "height": None},
                {"sat": 64, "height": 1001},
            ]},
            "empty": {"tip": 1000, "utxos": []},
        },
        ledger=[
            {"wallet": "w", "sat": 12, "ref": "twice"}, {"wallet": "w", "sat": -6, "ref": "twice"},
            {"wallet": "w", "sat": -1, "ref": "less"}, {"wallet": "w", "sat": 0, "ref": "ours"},
        ],
        pool_payouts=[{"ref": "twice", "sat": 6}, {"ref": "less", "sat": 1}, {"ref": "b", "sat": 1},
                      {"ref": "a", "sat": 2}],
    )  # fmt: skip

    assert found == {
        "wallets": {
            "w": {"chain_confirmed_sat": 5, "ledger_sat": 5, "difference_sat": 0, "status": "matched"},
            "empty": {"chain_confirmed_sat": 0, "ledger_sat": 0, "difference_sat": 0, "status": "matched"},
        },
        "payouts_missing_in_ledger": ["a", "b"],
        "ledger_without_payout": ["ours"],
        "duplicate_postings": ["twice"],
        "amount_mismatches": ["less"],
    }
