"""The board: order, columns, and what is shown of a site that is not heard."""

from dataclasses import replace
from datetime import UTC, datetime

from cango_ops.web.overview.board import Row, board, row, worst_first
from compute.decisions.money_now import SiteMoney
from compute.telemetry.answers import Totals
from sites.models import Region, Site

NOON = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
MUSCAT = Site(
    code="MUSCAT", name="Muscat", region=Region(code="gulf", name="Middle East"), time_zone="Asia/Muscat",
    latitude=23.6, longitude=58.5,
)  # fmt: skip
HEARD = Totals(
    devices=10, reporting=9, state="ok", reason="", hashrate_ths=1_800.0, deployed_ths=2_000.0, operating_ratio=0.9,
    power_w=35_000.0, swept_at=NOON,
)  # fmt: skip
PLAIN = SiteMoney({"mining": 0.035, "idle": 0.004}, "mining on S21", 61.5, 2.15)


def site(code: str, state: str = "ok", region: str = "North America", **more) -> Row:
    made = row(MUSCAT, HEARD, 0.9, PLAIN, NOON)
    return replace(made, code=code, state=state, region=region, region_code=region.lower(), **more)


def codes(rows) -> list[str]:
    return [one.code for one in rows]


def test_a_row_shows_the_time_of_its_place_and_whether_the_sun_is_up():
    shown = row(MUSCAT, HEARD, 0.9, PLAIN, NOON)

    assert (shown.local_time, shown.is_day) == ("16:00", True)
    assert row(MUSCAT, HEARD, 0.9, PLAIN, NOON.replace(hour=22)).is_day is False


def test_what_is_missing_is_deployed_without_operating():
    assert row(MUSCAT, HEARD, None, PLAIN, NOON).missing_ths == 200.0


def test_a_stale_site_shows_none_of_its_old_numbers_and_all_of_it_is_unseen():
    shown = row(MUSCAT, replace(HEARD, state="stale"), 0.9, PLAIN, NOON)

    assert (shown.hashrate_ths, shown.ratio, shown.power_w, shown.gpu_utilisation_pct) == (None, None, None, None)
    assert shown.missing_ths == 2_000.0
    assert shown.needs_you


def test_the_meter_is_believed_before_the_machines():
    assert row(MUSCAT, replace(HEARD, meter_power_w=36_000.0), None, PLAIN, NOON).power_w == 36_000.0


def test_worst_first_is_by_state_then_by_what_it_costs():
    rows = [
        site("FINE"), site("BIG", "warning", missing_ths=900.0), site("DOWN", "critical", missing_ths=1.0),
        site("SMALL", "warning", missing_ths=10.0), site("LOST", "stale"), site("WORKS", "maintenance"),
    ]  # fmt: skip

    assert codes(worst_first(rows)) == ["DOWN", "LOST", "BIG", "SMALL", "WORKS", "FINE"]


def test_the_lowest_uptime_comes_first_and_the_unknown_last():
    rows = [site("A", uptime=0.9), site("B", uptime=None), site("C", uptime=0.5)]

    assert codes(board(rows, "uptime").columns[0][0].rows) == ["C", "A", "B"]


def test_by_money_the_site_that_earns_most_an_hour_comes_first_and_the_unplanned_last():
    rows = [site("A", money=SiteMoney()), site("B", money=replace(PLAIN, usd_per_h=-3.0)), site("C")]

    assert codes(board(rows, "money").columns[0][0].rows) == ["C", "B", "A"]


def test_megawatts_of_a_site_that_is_not_heard_are_not_shown():
    assert row(MUSCAT, HEARD, 0.9, PLAIN, NOON).uses == [("mining", 0.035), ("idle", 0.004)]
    assert row(MUSCAT, replace(HEARD, state="stale"), 0.9, PLAIN, NOON).uses == []


def test_few_sites_stand_in_one_column():
    assert len(board([site(f"S{number}") for number in range(12)], "region").columns) == 1


def test_many_sites_stand_in_two_columns_of_equal_length_and_a_cut_region_says_so():
    rows = [site(f"N{number:02}") for number in range(10)] + [site(f"S{n}", region="South America") for n in range(4)]

    left, right = board(rows, "region").columns

    assert [(one.heading, len(one.rows), one.continued) for one in left] == [("North America", 8, False)]
    assert [(one.heading, len(one.rows), one.continued) for one in right] == [
        ("North America", 2, True), ("South America", 4, False),
    ]  # fmt: skip


def test_no_row_is_lost_or_doubled_for_any_mix_of_regions():
    for many in range(13, 60):
        rows = [site(f"S{number}", region=f"R{number % 5}") for number in range(many)]
        columns = board(rows, "region").columns
        shown = [one.code for column in columns for group in column for one in group.rows]
        lengths = [sum(len(group.rows) + 1 for group in column) for column in columns]
        assert sorted(shown) == sorted(codes(rows))
        assert abs(lengths[0] - lengths[1]) <= 2


def test_one_unit_holds_for_the_whole_column():
    rows = [site("A", deployed_ths=900.0), site("B", deployed_ths=28_000.0)]

    assert board(rows, "region").hashrate_unit == "PH/s"
