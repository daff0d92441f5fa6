"""What power markets say on the wire and in files."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from sites.feeds.history_csv import Column, parse_history
from sites.feeds.market_feed import parse_prices

HEAD = {"market": "X", "zone": "UTC", "currency": "USD", "unit": "USD/MWh", "interval_minutes": 5}
DATA = Path(__file__).parents[4] / "shared" / "data"
WEST = {"rtm_HB_WEST": Column("ERCOT-WEST", "real_time")}


def answer(*prices: tuple[str, object], **head: object) -> bytes:
    return json.dumps(HEAD | head | {"prices": [{"start": at, "price": usd} for at, usd in prices]}).encode()


def test_prices_are_read_in_order():
    found = parse_prices(answer(("2026-07-01T10:00:00Z", 41.5), ("2026-07-01T10:05:00Z", -3)), "X", "real_time")
    assert [(one.start_at.minute, one.usd_per_mwh) for one in found] == [(0, Decimal("41.5")), (5, Decimal("-3"))]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b"\xff", b'{"prices": ' + b"[" * 5000,
        answer(("2026-07-01T10:00:00Z", 41.5), market="Y"),
        answer(("2026-07-01T10:00:00Z", 41.5), currency="EUR"),
        answer(("2026-07-01T10:00:00Z", 4.15e6)),
        answer(("2026-07-01T10:00:00Z", None)),
        answer(("2026-07-01T10:00:00Z", True)),
        answer(("2026-07-01T10:00:00Z", "NaN")),
        answer(("2026-07-01T10:00:00", 41.5)),
        answer(("2026-07-01T10:01:00Z", 41.5)),
        answer(("2026-07-01T10:05:00Z", 1), ("2026-07-01T10:05:00Z", 2)),
        answer(("2026-07-01T10:00:00Z", 41.5), interval_minutes=0),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_refused(body):
    with pytest.raises(Garbled):
        parse_prices(body, "X", "real_time")


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_no_bytes_do_more_than_be_refused(body):
    with pytest.raises(Garbled):
        parse_prices(body, "X", "real_time")


def history(*hours: str, column: str = "rtm_HB_WEST"):
    lines = "\n".join(f"{hour},{at}" for at, hour in enumerate(hours))
    return parse_history(f"t,{column}\n{lines}\n", "t", "America/Chicago", WEST)


def test_the_hour_that_comes_twice_is_two_hours():
    found = history("2024-11-03T00:00", "2024-11-03T01:00", "2024-11-03T01:00", "2024-11-03T02:00")
    assert [one.start_at for one in found.prices] == [datetime(2024, 11, 3, hour, tzinfo=UTC) for hour in (5, 6, 7, 8)]
    assert found.said == ()


def test_the_hour_that_comes_twice_and_stands_once_is_missing():
    found = history("2024-11-03T00:00", "2024-11-03T01:00", "2024-11-03T02:00")
    assert found.said == ("1 h missing from 2024-11-03 07:00Z",)


def test_the_hour_that_never_was_is_left_out():
    found = history("2024-03-10T01:00", "2024-03-10T02:00", "2024-03-10T03:00")
    assert [one.start_at.hour for one in found.prices] == [7, 8]
    assert found.said == ("line 3: 2024-03-10T02:00 never was, the clocks went forward; left out",)


def test_an_hour_that_stands_twice_is_refused():
    with pytest.raises(Garbled, match="line 3: 2024-07-01T01:00 stands twice"):
        history("2024-07-01T01:00", "2024-07-01T01:00")


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(Garbled, match="rtm_HB_WEST"):
        history("2024-07-01T01:00", column="other")


def test_a_cell_without_a_price_stays_a_gap():
    found = parse_history("t,rtm_HB_WEST\n2024-07-01T01:00,\n2024-07-01T02:00,7\n", "t", "America/Chicago", WEST)
    assert [one.usd_per_mwh for one in found.prices] == [7]


def test_a_year_of_the_real_market_is_read_with_its_gaps_said():
    path = DATA / "ercot_hourly_dam_rtm_as_2024.csv"
    if not path.exists():
        pytest.skip("no shared data on this machine")
    found = parse_history(path.read_text(), "hour_start_central", "America/Chicago", WEST)
    # 8,615 lines; one stands for the hour that the clocks left out.
    assert len(found.prices) == 8614
    assert found.said[1:] == ("169 h missing from 2024-03-10 07:00Z", "1 h missing from 2024-11-03 07:00Z")
