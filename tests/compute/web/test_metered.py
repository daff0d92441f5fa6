"""The meters of a site against what its machines say."""

from datetime import UTC, datetime, timedelta

import pytest

from compute.telemetry.answers import Totals
from compute.web.site.metered import metered
from sites.models import Meter

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
MACHINES = Totals(power_w=100_000.0)


@pytest.fixture(autouse=True)
def _sweeps_of_20_s(settings):
    settings.SWEEP_S = 20  # so that a number is live for 45 s


def meter(power_w: float | None, age_s: int | None = 5, **more) -> Meter:
    at = None if age_s is None else NOW - timedelta(seconds=age_s)
    return Meter(name=more.pop("name", "main"), power_w=power_w, observed_at=at, **more)


def test_the_difference_is_what_the_machines_do_not_say():
    found = metered([meter(104_000.0)], MACHINES, NOW)
    assert (found.power_w, found.difference_w, found.over_machines) == (104_000.0, 4_000.0, 0.04)


def test_two_meters_are_compared_together():
    found = metered([meter(60_000.0), meter(41_000.0, name="second")], MACHINES, NOW)
    assert (found.power_w, found.over_machines, found.reason) == (101_000.0, 0.01, "")


def test_a_meter_that_was_not_read_for_46_s_is_stale_and_its_power_not_live():
    found = metered([meter(104_000.0, 46)], MACHINES, NOW)
    assert (found.power_w, found.difference_w, found.reason) == (None, None, "main: stale")
    assert [(one.power_w, one.state, one.reason) for one in found.meters] == [(None, "stale", "not read")]


def test_a_meter_that_fails_says_why_and_since_when():
    found = metered([meter(104_000.0, 60, failing_since=NOW, failing_reason="deadline")], MACHINES, NOW)
    assert (found.meters[0].state, found.meters[0].reason, found.meters[0].since) == ("critical", "deadline", NOW)
    assert found.reason == "main: deadline since 12:00 UTC"


def test_a_meter_never_read_is_unknown():
    found = metered([meter(None, None)], MACHINES, NOW)
    assert (found.meters[0].state, found.reason) == ("unknown", "main: never read")


def test_nothing_is_compared_with_machines_that_say_nothing():
    found = metered([meter(104_000.0)], Totals(), NOW)
    assert (found.power_w, found.difference_w, found.over_machines) == (104_000.0, None, None)
