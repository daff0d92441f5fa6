"""Old minutes of meters are forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from sites.metering.retention import forget_minutes
from sites.models import Meter, MeterMinute
from tests.worlds import make_world

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_minutes_past_their_keeping_are_forgotten_and_younger_ones_kept():
    meter = Meter.objects.create(site=make_world().pecos, name="more", address="10.9.9.9", map_name="sunspec")
    times = [NOW - timedelta(days=days) for days in (399, 400, 401, 700)]
    MeterMinute.objects.bulk_create(MeterMinute(meter=meter, minute_at=at, power_w=1.0, last_at=at) for at in times)

    assert forget_minutes(NOW) == 2
    assert forget_minutes(NOW) == 0
    assert sorted(MeterMinute.objects.filter(meter=meter).values_list("minute_at", flat=True)) == times[1::-1]
