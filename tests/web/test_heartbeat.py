"""The word to the outside that somebody judges the rules here."""

from datetime import timedelta

import pytest

from cango_ops.alerts import evaluate
from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import JobRun
from cango_ops.web import heartbeat
from cango_ops.wire import NoAnswer
from tests.alerts.receiver import ok, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def watcher(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8", "::1/128"]
    with receiving() as one:
        settings.HEARTBEAT_URL = one.url
        yield one


def rules_were_judged(seconds_ago: int = 5, outcome: str = "done") -> None:
    at = database_now() - timedelta(seconds=seconds_ago)
    JobRun.objects.create(name=evaluate.NAME, started_at=at, finished_at=at, outcome=outcome)


def last_run() -> tuple[str, dict]:
    return JobRun.objects.filter(name=heartbeat.NAME).values_list("outcome", "detail").latest("started_at")


def test_the_watcher_gets_the_head_of_the_record(watcher):
    event = audit.record("collector", "look", "site/PECOS")
    rules_were_judged()

    heartbeat.beat()

    assert len(watcher.came) == 1
    assert f'"audit_head":"1:{event.hash}"'.encode() in watcher.came[0]
    assert last_run() == ("done", {"head": f"1:{event.hash}"})


@pytest.mark.parametrize(("seconds_ago", "outcome"), [(300, "done"), (5, "failed"), (5, "running")])
def test_while_the_rules_stand_still_nothing_is_said(watcher, seconds_ago, outcome):
    rules_were_judged(seconds_ago, outcome)

    heartbeat.beat()

    assert watcher.came == []
    assert last_run()[0] == "failed"


def test_a_watcher_that_does_not_take_it_is_a_failed_run(watcher):
    watcher.answers = [ok(500)]
    rules_were_judged()

    with pytest.raises(NoAnswer):
        heartbeat.beat()

    assert last_run()[0] == "failed"


def test_without_an_address_nobody_is_told(settings):
    settings.HEARTBEAT_URL = ""

    heartbeat.beat()

    assert last_run() == ("skipped", {"why": "CANGO_HEARTBEAT_URL is not set"})
