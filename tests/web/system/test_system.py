"""The system page: who sees what of it, and its verdicts."""

from datetime import UTC, datetime, timedelta

import pytest

from cango_ops.base import leases
from cango_ops.base.models import JobRun
from cango_ops.web.system.jobs import in_words, jobs, verdict
from sites.models import Membership, Role
from tests.worlds import make_user, make_world

NOW = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


def ran(outcome: str, ago_s: float, took_s: float | None = 2.0, **detail) -> JobRun:
    started = NOW - timedelta(seconds=ago_s)
    ended = None if took_s is None else started + timedelta(seconds=took_s)
    return JobRun(name="base.tidy", started_at=started, finished_at=ended, outcome=outcome, detail=detail)


@pytest.mark.parametrize(
    ("runs", "state", "reason"),
    [
        ([], "unknown", "has not run yet"),
        ([ran("running", 3, None)], "ok", "running"),
        ([ran("done", 20)], "ok", ""),
        ([ran("done", 66)], "stale", "late"),
        ([ran("failed", 20, why="OSError: no route")], "critical", "OSError: no route"),
        ([ran("failed", 40, why="x"), ran("done", 20)], "ok", ""),
        ([ran("done", 40), ran("failed", 20, why="x")], "critical", "x"),
        ([ran("skipped", 2), ran("done", 20)], "ok", ""),
    ],
)
def test_the_newest_ended_run_decides_and_too_long_without_one_is_late(runs, state, reason):
    assert verdict({run.outcome: run for run in runs}, 20.0, NOW) == (state, reason)


def test_counters_of_a_run_become_words():
    assert in_words({"polled": 1204, "failed": 3, "slow_site": "PECOS", "full": True}) == "polled 1,204, failed 3"


@pytest.fixture
def world(db):
    return make_world()


def page(client, user, address: str = "/system/"):
    client.force_login(user)
    return client.get(address)


def test_bo_sees_the_inside_of_the_console(client, world):
    leases.take("sweep/1", 60, holder="worker-a:7")

    text = page(client, world.bo).text

    assert all(words in text for words in ("Servers and queues", "compute.sweep_slot/0", "worker-a:7", "PECOS"))


def test_cy_sees_the_sweeps_of_the_partners_sites_and_nothing_of_the_inside(client, world):
    leases.take("sweep/1", 60, holder="worker-a:7")

    for address in ("/system/", "/system/panel/"):
        text = page(client, world.cy, address).text
        assert "GHOST" in text
        assert not any(words in text for words in ("PECOS", "worker-a", "sweep_slot", "Servers"))


def test_a_viewer_is_told_that_the_role_does_not_allow_it(client, world):
    viewer = make_user("Vi")
    Membership.objects.create(user=viewer, role=Role.VIEWER)

    refused = page(client, viewer)

    assert refused.status_code == 403
    assert "Your role does not allow this" in refused.text
    assert 'href="/system/"' not in client.get("/").text


def test_what_failed_within_a_day_is_counted_and_shown(client, world):
    now = datetime.now(UTC)
    for hours in (1, 2, 30):
        JobRun.objects.create(
            name="sites.read_meters", started_at=now - timedelta(hours=hours), finished_at=now, outcome="failed",
            detail={"why": "OSError: no route to the meter"},
        )  # fmt: skip

    meters = next(job for job in jobs(now) if job.name == "sites.read_meters")

    assert (meters.failed, meters.state) == (2, "critical")
    assert "no route to the meter" in page(client, world.bo).text


def test_redis_away_is_said_and_the_page_still_comes(client, world, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    text = page(client, world.bo).text

    assert "Redis is away" in text
    assert "not known while Redis is away" in text
