import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury.pools.reconcile import Break, Figures, Mismatch, Posted, figure_breaks, payout_breaks
from treasury.pools.statements import lists_days, parse_csv, parse_days


def test_a_csv_statement_is_read_and_its_bad_line_named():
    good = b"ref,sat,paid_at\nab,5,2025-10-01T00:00:00+02:00\n"

    assert parse_csv(good)[0].paid_at == datetime(2025, 9, 30, 22, tzinfo=UTC)
    with pytest.raises(Garbled, match="line 3: sat is no whole number"):
        parse_csv(good + b"cd,0.5,2025-10-01T00:00:00Z\n")
    with pytest.raises(Garbled, match="no column paid_at"):
        parse_csv(b"ref,sat\n")


def test_a_csv_of_days_is_told_apart_by_its_columns():
    body = b"day,sat\n2025-10-01,5\n2025-10-02,0\n"

    assert (lists_days(body), lists_days(b"ref,sat,paid_at\n")) == (True, False)
    assert parse_days(body) == [(date(2025, 10, 1), 5), (date(2025, 10, 2), 0)]
    with pytest.raises(Garbled, match="line 2: day is no day"):
        parse_days(b"day,sat\n1 Oct,5\n")


@given(st.binary(max_size=300) | st.text(max_size=80).map(lambda text: b"ref,sat,paid_at\n" + text.encode()))
def test_parsers_raise_one_error(data):
    for parse in (lists_days, parse_days, parse_csv):
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
