"""Judges every rule, moves the alerts accordingly, and puts down who is to be told.

Each set of rules is judged and written in a transaction of its own, so that one check that fails leaves the alerts of
the others right and its own as they were. Run twice, or late, it comes to the same.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from cango_ops.alerts import covering, notify, record, silencing
from cango_ops.alerts.machine import OPEN, REOPEN, RESOLVED, Standing, Timing, holds, is_gone
from cango_ops.alerts.models import Alert, AlertSetting, Silence
from cango_ops.alerts.rules import Context, Finding, Key, Rule, Setting, Verdicts
from cango_ops.alerts.table import RuleSet, Table
from cango_ops.alerts.topics import TOPIC
from cango_ops.base import jobs, leases
from cango_ops.base.clock import database_now
from cango_ops.base.jobs import Job
from cango_ops.base.models import Lease
from cango_ops.live.publish import publish

log = logging.getLogger(__name__)

LEASE: Final = "alerts/evaluate"
LEASE_S: Final = 120.0
NAME: Final = "alerts.evaluate"


def evaluate(table: Table) -> None:
    """One round over all rules; a second one at the same time does nothing."""
    with jobs.run(NAME) as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another process evaluates")
            return
        settings = settings_by_rule()
        failed = [one.name for one in table.sets if not judge(one, settings, lease, job)]
        finish(table, lease, job)
        if failed:
            job.fail(f"not judged: {', '.join(failed)}")


def judge(one: RuleSet, settings: dict[tuple[str, int | None], Setting], lease: Lease, job: Job) -> bool:
    """False where the check failed; then nothing of its alerts has moved."""
    now = database_now()
    standing = standing_of(one, now)
    firing = frozenset(key for key, alert in standing.items() if alert.state in OPEN)
    context = Context(now, {rule.name: rule for rule in one.rules}, settings, firing)
    try:
        with transaction.atomic():
            verdicts = one.check(context)
    except Exception:  # of one check; the others are judged all the same
        log.exception("The check of %s failed; its alerts stay as they are.", one.name)
        return False
    with transaction.atomic():
        leases.hold(lease)
        # Asked only now: a silence may have been placed while the rules were checked.
        changed = write(context, verdicts, standing, silencing.standing(database_now()))
        if changed:
            publish(TOPIC)
    job.count(judged=len(verdicts.judged), holding=len(verdicts.found), moved=changed)
    return True


def settings_by_rule() -> dict[tuple[str, int | None], Setting]:
    return {
        (row.rule, row.site_id): Setting(row.limit, row.hold_s, row.is_on) for row in AlertSetting.objects.iterator()
    }


def standing_of(one: RuleSet, now: datetime) -> dict[Key, Alert]:
    """The alert of each subject that is open, or was resolved lately enough to come back."""
    lately = Q(state=RESOLVED, resolved_at__gt=now - REOPEN)
    rows = Alert.objects.filter(~Q(state=RESOLVED) | lately, rule__in=[rule.name for rule in one.rules])
    found: dict[Key, Alert] = {}
    for alert in rows.order_by("pk"):
        before = found.get((alert.rule, alert.subject))
        if before is None or before.state == RESOLVED:
            found[alert.rule, alert.subject] = alert
    return found


def write(context: Context, verdicts: Verdicts, standing: dict[Key, Alert], silences: list[Silence]) -> int:
    """Moves what is to move; how many alerts people see differently now."""
    changed, same = 0, []
    found = {finding.key: finding for finding in verdicts.found if context.is_on(finding.rule, finding.place.site_id)}
    for key, finding in found.items():
        alert = standing.get(key)
        before = record.standing(alert) if alert else None
        rule = context.rules[finding.rule]
        after = holds(before, finding.severity or rule.severity, context.now, timing(context, rule, finding))
        if alert is None:
            changed += record.begin(finding, after, context.now, silences)
        elif record.is_only_later(alert, finding, before, after):
            same.append(alert.pk)
        else:
            changed += record.move(alert, finding, before, after, context.now, silences)
    gone = [alert for key, alert in standing.items() if key not in found and is_judged(key, verdicts)]
    changed += sum(let_go(alert, context, context.rules[alert.rule]) for alert in gone if alert.state != RESOLVED)
    Alert.objects.filter(pk__in=same).update(judged_at=context.now)
    return changed


def timing(context: Context, rule: Rule, finding: Finding) -> Timing:
    return Timing(context.hold_s(rule.name, finding.place.site_id), rule.clear_s)


def is_judged(key: Key, verdicts: Verdicts) -> bool:
    return key[0] in verdicts.judged and key not in verdicts.unknown


def let_go(alert: Alert, context: Context, rule: Rule) -> int:
    before = record.standing(alert)
    timed = Timing(context.hold_s(rule.name, alert.site_id), rule.clear_s)
    after: Standing | None = is_gone(before, context.now, timed)
    return record.move(alert, None, before, after, context.now, [])


def finish(table: Table, lease: Lease, job: Job) -> None:
    """What follows from all rules together: what is part of what, silences that ended, who is told."""
    rules = table.rules
    with transaction.atomic():
        leases.hold(lease)
        now = database_now()
        changed = covering.cover(names(rules.values(), "covers"), names(rules.values(), "under_link"))
        changed += silencing.end_due(now)
        queued = notify.queue(table.seen, now)
        if changed:
            publish(TOPIC)
    job.count(told=queued)


def names(rules: Iterable[Rule], what: str) -> list[str]:
    return [rule.name for rule in rules if getattr(rule, what)]
