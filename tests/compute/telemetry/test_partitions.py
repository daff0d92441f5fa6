from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from cango_ops.base import clock
from compute.telemetry import partitions
from compute.telemetry.partitions import CHUNK, DAY, HOT, ROLLUP_QUARTER

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 31, 12, tzinfo=UTC)


def test_it_makes_today_and_the_days_ahead_once():
    made = partitions.keep(NOON, days_ahead=1).made

    assert made == [
        "telemetry_chunk_p20261231", "telemetry_chunk_p20270101",
        "telemetry_hot_p20261231", "telemetry_hot_p20270101",
        "telemetry_rollup_60_p20261231", "telemetry_rollup_60_p20270101",
        "telemetry_rollup_900_p202612", "telemetry_rollup_900_p202701",
    ]  # fmt: skip
    assert partitions.keep(NOON, days_ahead=1).made == []


def test_it_drops_what_is_expired_and_nothing_else():
    days = [datetime(2025, 12, day, tzinfo=UTC) for day in (27, 28, 29)]
    partitions.ensure([HOT], days)

    kept = partitions.keep(NOON.replace(year=2025), days_ahead=0)

    assert kept.dropped == ["telemetry_hot_p20251227"]
    assert kept.waiting == []
    assert {"telemetry_hot_p20251228", "telemetry_hot_p20251229"} <= set(partitions.existing(HOT))


@pytest.mark.parametrize("table", partitions.TABLES, ids=lambda table: table.table)
def test_the_database_drops_what_the_table_need_not_keep_any_longer_and_nothing_younger(table):
    now = clock.now()
    partitions.ensure([table], [now - table.keep_days * DAY, now - (table.keep_days + 40) * DAY])
    young, old = sorted(partitions.existing(table))[::-1]

    assert partitions.drop(old)
    with pytest.raises(DatabaseError, match="is still to be kept"), transaction.atomic():
        partitions.drop(young)


@pytest.mark.parametrize("name", ["treasury_report", "telemetry_hot", "telemetry_rollup_3600", "x; DROP TABLE x", ""])
def test_what_is_no_partition_is_not_dropped(name):
    with pytest.raises(DatabaseError, match="is no partition of telemetry"), transaction.atomic():
        partitions.drop(name)


def test_a_table_that_is_not_telemetry_gets_no_partition():
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT telemetry_make_partition('treasury_posting', now())")


def test_a_month_ends_where_the_next_begins():
    assert ROLLUP_QUARTER.end_of("telemetry_rollup_900_p202612") == datetime(2027, 1, 1, tzinfo=UTC)
    assert ROLLUP_QUARTER.end_of("telemetry_rollup_900_p202602") == datetime(2026, 3, 1, tzinfo=UTC)


def test_frames_of_a_partition_lie_uncompressed_in_their_row():
    partitions.ensure([HOT, CHUNK], [NOON])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage, reloptions FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE relname = 'telemetry_hot_p20261231' AND attname = 'frame'"
        )
        assert cursor.fetchone() == ("e", ["toast_tuple_target=8160"])
