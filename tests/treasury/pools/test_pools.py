import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury.pools.reconcile import Break, Figures, Mismatch, Posted, figure_breaks, payout_breaks
from treasury.pools.statements import Payout, parse

HEAD = b"ref,sat,paid_at\n"


def test_a_csv_statement_is_read_and_every_bad_line_named():
    good = HEAD + b"ab,5,2025-10-01T00:00:00+02:00\n"

    assert parse(good).payouts == [Payout("ab", 5, datetime(2025, 9, 30, 22, tzinfo=UTC))]
    with pytest.raises(Garbled) as caught:
        parse(good + b"cd,0.5,2025-10-01T00:00:00Z\n,1,2025-10-01T00:00:00Z\nef,1,1 Oct\nab,5,2025-10-01T00:00:00Z\n")
    assert str(caught.value).split("; ") == [
        "line 3: sat is '0.5', no whole number of satoshis",
        "line 4: it names no ref of at most 120 characters",
        "line 5: paid_at is '1 Oct', no instant such as 2025-10-01T00:00:00Z",
        "line 6: ab stands in line 2 already",
    ]
    with pytest.raises(Garbled, match="no column paid_at; it has ref, sat"):
        parse(b"ref,sat\n")


def test_a_csv_of_days_is_told_apart_by_its_columns():
    body = b"day,sat\n2025-10-01,5\n2025-10-02,0\n"

    assert parse(body).days == [(date(2025, 10, 1), 5), (date(2025, 10, 2), 0)]
    with pytest.raises(Garbled, match="line 2: day is '1 Oct', no day such"):
        parse(b"day,sat\n1 Oct,5\n")
    with pytest.raises(Garbled, match="line 3: 2025-10-01 stands in line 2 already"):
        parse(b"day,sat\n2025-10-01,5\n2025-10-01,6\n")


EXPORTS = {
    "luxor_v2": (
        "Date (UTC),Subaccount,Description,Wallet,Amount (BTC),Amount (USD),TransactionId\n"
        "2024-12-03 04:26:40,cango,Payout,wallet-1,-0.00050000,-50.00,{txid}\n"
        "2024-12-03 00:00:00,cango,Miner Revenue,,0.75000000,75000.00,r1\n"
    ),
    "braiins": "time,tx_id,amount_sats,status\n2024-12-03T04:26:40Z,{txid},50000,confirmed\n2024-12-04,x,9,queued\n",
    "f2pool": "Paid time;TxID;Amount\n2024-12-03 04:26:40;{txid};0.0005\n",
    "antpool": "timestamp\tTx Hash\tamount\tstatus\n2024-12-03 04:26:40\t{txid}\t0.00050000\tPaid\n",
    "viabtc": "Time,Amount,TxID,Status\n2024-12-03 12:26:40,0.0005,{txid},success\n",
}


@pytest.mark.parametrize("provider", EXPORTS)
def test_what_a_pool_exports_is_read_by_its_columns_and_clock(provider):
    txid = "ea" * 32

    told = parse(EXPORTS[provider].format(txid=txid).encode("utf-8-sig"), provider)

    assert told.payouts == [Payout(txid, 50_000, datetime(2024, 12, 3, 4, 26, 40, tzinfo=UTC))]


def test_a_time_without_an_offset_is_no_time_where_nobody_says_whose():
    with pytest.raises(Garbled, match="line 2: paid_at names no offset"):
        parse(HEAD + b"ab,5,2025-10-01 00:00:00\n", "viabtc")
    with pytest.raises(Garbled, match="line 2: paid_at names no offset"):
        parse(b"txid,amount,time\nab,5,2025-10-01 00:00:00\n", "a pool of nobody")


def test_a_status_that_nobody_knows_is_refused():
    with pytest.raises(Garbled, match="line 2: the status 'half' is not known"):
        parse(b"txid,amount,time,status\nab,5,2025-10-01 00:00:00,half\n", "antpool")


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=80).map(lambda text: HEAD + text.encode()))
def test_parsers_raise_one_error(data):
    with contextlib.suppress(Garbled):
        parse(data, "luxor")


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
