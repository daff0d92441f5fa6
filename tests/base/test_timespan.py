"""The time control, read from an address."""

from datetime import UTC, datetime, timedelta

import pytest

from cango_ops.base.timespan import WrongSpan, parse

NOW = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


def test_without_parameters_it_is_the_last_day_in_my_zone():
    span = parse({}, NOW, mine="Europe/Vienna")

    assert (span.start, span.end) == (datetime(2026, 3, 7, 12, tzinfo=UTC), NOW)
    assert span.zone_name == "Europe/Vienna"
    assert span.is_moving


def test_a_page_of_a_site_speaks_the_sites_time():
    span = parse({}, NOW, site="Asia/Muscat")

    assert span.zone_name == "Asia/Muscat"
    assert span.zone_label == "+04"


def test_the_sites_zone_without_a_site_is_mine():
    assert parse({"zone": "site"}, NOW, mine="Europe/Vienna").zone_name == "Europe/Vienna"


def test_a_time_without_an_offset_is_in_the_zone_chosen():
    span = parse({"from": "2026-03-08T01:30", "to": "2026-03-08T03:30", "zone": "site"}, NOW, site="America/Chicago")

    # Clocks in Chicago jumped from 02:00 CST to 03:00 CDT that night: one hour, not two.
    assert span.start == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert span.end - span.start == timedelta(hours=1)
    assert not span.is_moving


def test_a_missing_end_is_now_and_a_missing_start_a_day_before():
    assert parse({"from": "2026-03-08T10:00Z"}, NOW).end == NOW
    assert parse({"to": "2026-03-08T10:00Z"}, NOW).start == datetime(2026, 3, 7, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "params",
    [
        {"range": "2h"},
        {"zone": "moon"},
        {"from": "yesterday"},
        {"from": "2026-03-08T10:00Z", "to": "2026-03-08T09:00Z"},
        {"from": "2024-01-01T00:00Z", "to": "2026-03-01T00:00Z"},
        {"from": "1999-01-01T00:00Z", "to": "1999-01-02T00:00Z"},
        {"from": "0001-01-01T00:00", "zone": "site"},
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(params):
    with pytest.raises(WrongSpan, match=r"\.$"):
        parse(params, NOW, site="Asia/Muscat")


@pytest.mark.parametrize(("preset", "resolution_s"), [("1h", 60), ("6h", 60), ("24h", 60), ("7d", 900), ("30d", 3600)])
def test_the_resolution_keeps_a_chart_below_1500_points(preset, resolution_s):
    assert parse({"range": preset}, NOW).resolution_s == resolution_s


def test_links_keep_what_the_address_said_and_nothing_else():
    assert parse({"range": "7d", "zone": "utc", "sort": "worst"}, NOW).query == "range=7d&zone=utc"
    assert parse({}, NOW).query == ""


def test_moving_half_a_span_earlier_and_widening_keep_the_middle():
    span = parse({"range": "6h"}, NOW)

    assert span.moved(-0.5) == {"from": "2026-03-08T03:00:00Z", "to": "2026-03-08T09:00:00Z"}
    assert span.wider() == {"from": "2026-03-08T03:00:00Z", "to": "2026-03-08T15:00:00Z"}
