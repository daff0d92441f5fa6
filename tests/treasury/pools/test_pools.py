import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury.pools.reconcile import Break, Figures, Mismatch, Posted, figure_breaks, payout_breaks
from treasury.pools.statements import Payout, Reward, parse_csv, parse_payouts, parse_rewards

REWARDS = {"btc": {"daily_rewards": [{"date": 1733097600, "total_reward": "0.00061081", "shares": 42}]}}
PAYOUTS = {
    "onchain": [
        {"resolved_at_ts": 1721999584, "status": "confirmed", "amount_sats": 50000, "fee_sats": 1000, "tx_id": "ab"},
        {"resolved_at_ts": 1722999584, "status": "queued", "amount_sats": 100000, "fee_sats": 0, "tx_id": None},
    ]
}


def body(fields):
    return json.dumps(fields).encode()


def test_a_daily_reward_is_satoshis_of_a_day():
    assert parse_rewards(body(REWARDS)) == [Reward(datetime(2024, 12, 2, tzinfo=UTC), 61_081, 42)]


def test_only_payouts_that_were_sent_count():
    assert parse_payouts(body(PAYOUTS)) == [
        Payout("ab", 50_000, datetime(2024, 7, 26, 13, 13, 4, tzinfo=UTC), "confirmed", 1000)
    ]


@pytest.mark.parametrize("reward", ["0.000000001", "-0.1", "nan", "1e3000", 0.5, None, "x"])
def test_a_reward_that_is_no_amount_is_refused(reward):
    with pytest.raises(Garbled, match="total_reward is no amount of bitcoin"):
        parse_rewards(body({"btc": {"daily_rewards": [{"date": 1733097600, "total_reward": reward}]}}))


def test_a_csv_statement_is_read_and_its_bad_line_named():
    good = b"ref,sat,paid_at\nab,5,2025-10-01T00:00:00+02:00\n"

    assert parse_csv(good)[0].paid_at == datetime(2025, 9, 30, 22, tzinfo=UTC)
    with pytest.raises(Garbled, match="line 3: sat is no whole number"):
        parse_csv(good + b"cd,0.5,2025-10-01T00:00:00Z\n")
    with pytest.raises(Garbled, match="no column paid_at"):
        parse_csv(b"ref,sat\n")


@given(st.binary(max_size=300) | st.text(max_size=80).map(lambda text: b"ref,sat,paid_at\n" + text.encode()))
def test_parsers_raise_one_error(data):
    for parse in (parse_rewards, parse_payouts, parse_csv):
        with contextlib.suppress(Garbled):
            parse(data)


def test_payouts_are_held_against_postings():
    postings = [Posted("a", 1), Posted("b", 2), Posted("b", 2), Posted("c", 3), Posted("x", 9)]

    breaks = payout_breaks({"a": 1, "b": 5, "c": 4, "d": 6}, postings)

    assert (breaks.missing, breaks.without_payout, breaks.duplicates) == (["d"], ["x"], ["b"])
    assert breaks.mismatches == [Mismatch("c", 4, 3)]
    assert not breaks.is_clean


def test_the_step_that_loses_coins_is_named():
    assert figure_breaks(Figures(1000, 990, 985, 985)) == []
    assert figure_breaks(Figures(1000, 979, 975, 974)) == [
        Break("expected_sat", "shares_sat", -21), Break("paid_sat", "arrived_sat", -1),
    ]  # fmt: skip
    assert figure_breaks(Figures(None, 900, None, 5)) == []
