"""The table of periodic work as the scheduler gets it."""

from datetime import UTC, datetime

from celery import Celery
from celery.beat import Scheduler

from cango_ops.celery import app
from cango_ops.schedule import Periodic, beat, table

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_rare_work_is_first_done_two_minutes_after_a_console_starts() -> None:
    rows = [Periodic("a.hourly", 3600, "default", "why"), Periodic("a.often", 20, "collect", "why", (3,))]

    found = beat(rows, NOON)

    assert found["a.hourly"]["last_run_at"] == datetime(2026, 3, 1, 11, 2, tzinfo=UTC)
    assert found["a.often(3,)"] == {
        "task": "a.often", "schedule": 20, "args": (3,), "last_run_at": NOON,
        "options": {"queue": "collect", "expires": 20},
    }  # fmt: skip


def test_the_scheduler_takes_every_row() -> None:
    waiting = Celery("here", set_as_current=False)
    waiting.conf.beat_schedule = beat(table(20, 4), datetime.now(UTC))
    scheduler = Scheduler(waiting, lazy=True)
    scheduler.setup_schedule()

    planning = scheduler.schedule["compute.plan_sites"].is_due()

    assert not planning.is_due
    assert 110 < planning.next <= 120


def test_every_row_names_a_task_that_there_is() -> None:
    app.loader.import_default_modules()

    assert {row.task for row in table(20, 4)} <= set(app.tasks)
