"""Rules of the console itself: tasks that fail or are late, room on the disk, partitions made ahead and dropped."""

import shutil
from datetime import timedelta
from typing import Final

from django.conf import settings

from cango_ops.alerts.rules import CONSOLE, CRITICAL, WARNING, Context, Finding, Place, Rule, Verdicts
from cango_ops.alerts.table import RuleSet
from cango_ops.web.system.jobs import jobs
from compute.telemetry import partitions

JOBS: Final = Rule(
    name="console.tasks", title="Tasks fail", severity=WARNING, hold_s=180, of_sites=False,
    why="periodic work that fails or is late: what it keeps fresh grows old",
)  # fmt: skip
DISK: Final = Rule(
    name="console.disk", title="Disk nearly full", severity=CRITICAL, hold_s=60, limit=0.9, clear_limit=0.88,
    unit="ratio", of_sites=False, why="share of the console's disk that is in use; a full one stops everything",
)  # fmt: skip
PARTITIONS: Final = Rule(
    name="console.partitions", title="Partitions not kept", severity=WARNING, hold_s=7200, of_sites=False,
    why="tomorrow's partition is missing, or an expired one still stands",
)  # fmt: skip
RULES: Final = (JOBS, DISK, PARTITIONS)
HERE: Final = Place(CONSOLE, "Console")
NO_PRICE: Final = "what it will cost depends on how long it lasts"
# A partition that expired today may still wait for a quiet moment.
GRACE: Final = timedelta(days=1)


def check(context: Context) -> Verdicts:
    return Verdicts([*tasks(context), *disk(context), *kept(context)], {rule.name for rule in RULES})


def finding(rule: Rule, subject: str, sentence: str) -> Finding:
    return Finding(
        rule=rule.name, subject=subject, place=HERE, sentence=sentence, action="Look at the system", url="/system/",
        usd_why=NO_PRICE,
    )  # fmt: skip


def tasks(context: Context) -> list[Finding]:
    wrong = [job for job in jobs(context.now) if job.every_s is not None and job.state in ("critical", "stale")]
    if not wrong:
        return []
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    word = "late" if wrong[0].state == "stale" else wrong[0].reason
    return [finding(JOBS, "tasks", f"{wrong[0].name}: {word}{more}")]


def disk(context: Context) -> list[Finding]:
    room = shutil.disk_usage(settings.RUN_DIR if settings.RUN_DIR.exists() else settings.BASE_DIR)
    share = 1 - room.free / room.total
    if share < context.limit(DISK.name, "disk"):
        return []
    return [finding(DISK, "disk", f"The disk is {100 * share:.0f} % full; {room.free / 1e9:,.0f} GB are free")]


def kept(context: Context) -> list[Finding]:
    found = []
    for table in partitions.TABLES:
        there = set(partitions.existing(table))
        if table.name(context.now + partitions.DAY) not in there:
            found.append(finding(PARTITIONS, table.table, f"{table.table}: no partition for tomorrow"))
        elif partitions.expired(table, context.now - GRACE):
            found.append(finding(PARTITIONS, table.table, f"{table.table}: expired partitions still stand"))
    return found


SETS: Final = (RuleSet("console", RULES, check),)
