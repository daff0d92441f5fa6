"""Periodic work against its schedule: what ran last, how it ended, what is late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count

from cango_ops import schedule
from cango_ops.base.models import JobRun

LOOK_BACK: Final = timedelta(hours=24)
LATE_AFTER_RUNS: Final = 3
MOST_FAILURES: Final = 10
Outcome = JobRun.Outcome


@dataclass(frozen=True)
class Job:
    """One kind of periodic work. state, reason: the console's verdict on it. took_s: of the last finished run."""

    name: str
    why: str
    every_s: float | None
    state: str
    reason: str
    last_at: datetime | None
    took_s: float | None
    said: str
    failed: int


@dataclass(frozen=True)
class Failure:
    """One failed run."""

    name: str
    at: datetime
    why: str


def jobs(now: datetime) -> list[Job]:
    """Every row of the schedule, then what else ran within the last day."""
    last = last_runs(now)
    failed = failures_by_name(now)
    planned = {name_of(row): row for row in schedule.table(settings.SWEEP_S, settings.COLLECTOR_SLOTS)}
    others = sorted({name for name, _ in last} - planned.keys())
    return [
        job(name, planned.get(name), {outcome: run for (one, outcome), run in last.items() if one == name},
            failed.get(name, 0), now)
        for name in [*planned, *others]
    ]  # fmt: skip


def name_of(row: schedule.Periodic) -> str:
    return "/".join([row.task, *(str(arg) for arg in row.args)])


def last_runs(now: datetime) -> dict[tuple[str, str], JobRun]:
    recent = JobRun.objects.filter(started_at__gt=now - LOOK_BACK)
    rows = recent.order_by("name", "outcome", "-started_at").distinct("name", "outcome")
    return {(row.name, row.outcome): row for row in rows}


def failures_by_name(now: datetime) -> dict[str, int]:
    failed = JobRun.objects.filter(outcome=Outcome.FAILED, started_at__gt=now - LOOK_BACK)
    return dict(failed.order_by().values_list("name").annotate(runs=Count("pk")))


def job(name: str, row: schedule.Periodic | None, runs: dict[str, JobRun], failed: int, now: datetime) -> Job:
    done, every_s = runs.get(Outcome.DONE), row.every_s if row else None
    newest = max(runs.values(), key=lambda run: run.started_at, default=None)
    state, reason = verdict(runs, every_s, now)
    return Job(
        name=name, why=row.why if row else "", every_s=every_s, state=state, reason=reason,
        last_at=newest.started_at if newest else None,
        took_s=seconds(done),
        said=in_words(done.detail) if done else "", failed=failed,
    )  # fmt: skip


def seconds(run: JobRun | None) -> float | None:
    return (run.finished_at - run.started_at).total_seconds() if run and run.finished_at else None


def verdict(runs: dict[str, JobRun], every_s: float | None, now: datetime) -> tuple[str, str]:
    """ok, or critical: the newest ended run failed, stale: none was done in time, unknown: none ran yet; and why."""
    done, failed = runs.get(Outcome.DONE), runs.get(Outcome.FAILED)
    if not done and not failed:
        if Outcome.RUNNING in runs:
            return "ok", "running"
        skipped = runs.get(Outcome.SKIPPED)
        return "unknown", str(skipped.detail.get("why", "skipped"))[:120] if skipped else "has not run yet"
    if failed and (not done or failed.started_at > done.started_at):
        return "critical", str(failed.detail.get("why", "failed"))[:120]
    late_s = (now - done.started_at).total_seconds() if done else 0.0
    if every_s is not None and late_s > LATE_AFTER_RUNS * every_s + 5:
        return "stale", "late"
    return "ok", ""


def in_words(detail: dict[str, object]) -> str:
    """The run's counters: "polled 1,204, failed 3"."""
    return ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in numbers(detail.items()))


def numbers(pairs: Iterable[tuple[str, object]]) -> Iterable[tuple[str, int]]:
    return ((name, value) for name, value in pairs if isinstance(value, int) and not isinstance(value, bool))


def failures(now: datetime) -> list[Failure]:
    rows = JobRun.objects.filter(outcome=Outcome.FAILED, started_at__gt=now - LOOK_BACK)[:MOST_FAILURES]
    return [Failure(row.name, row.started_at, str(row.detail.get("why", ""))[:200]) for row in rows]
