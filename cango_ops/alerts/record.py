"""Writes what became of one alert: by compare-and-set, with a line of its timeline, in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from cango_ops.alerts import silencing
from cango_ops.alerts.machine import FIRING, Standing, news
from cango_ops.alerts.models import Alert, AlertEvent, Silence
from cango_ops.alerts.rules import Finding

# A price that moved by less is no news to a browser.
PRICE_SHARE: Final = Decimal("0.1")


def standing(alert: Alert) -> Standing:
    return Standing(
        alert.state, alert.severity, alert.held_since, alert.judged_at, alert.clear_since, alert.resolved_at,
        alert.reopened,
    )  # fmt: skip


def said(finding: Finding) -> dict[str, Any]:
    """The columns that the finding fills."""
    return {
        "sentence": finding.sentence[:300], "action": finding.action[:60], "url": finding.url[:200],
        "usd_per_h": finding.usd_per_h, "usd_why": finding.usd_why[:100], "value": finding.value,
        "shown": asdict(finding.shown) if finding.shown else {},
    }  # fmt: skip


def begin(finding: Finding, after: Standing, now: datetime, silences: Iterable[Silence]) -> int:
    alert = Alert(
        rule=finding.rule, subject=finding.subject, scope=finding.place.scope, site_id=finding.place.site_id,
        operator_id=finding.place.operator_id, place=finding.place.name[:60], since=finding.since or now,
        state=after.state, severity=after.severity, held_since=after.held_since, judged_at=after.judged_at,
        **said(finding),
    )  # fmt: skip
    alert.silenced_until = silencing.until(alert, silences)
    if after.state == FIRING:
        alert.fired_at, alert.round_at, alert.round = now, now, 1
    alert.save(force_insert=True)
    if after.state == FIRING:
        note(alert, now, "fired", finding.sentence)
    return 1


def is_only_later(alert: Alert, finding: Finding, before: Standing | None, after: Standing) -> bool:
    """Nothing but the time has changed."""
    if before is None or news(before, after) or (before.state, before.severity) != (after.state, after.severity):
        return False
    same = all(getattr(alert, name) == value for name, value in said(finding).items())
    return same and (before.clear_since, before.held_since) == (after.clear_since, after.held_since)


def move(
    alert: Alert,
    finding: Finding | None,
    before: Standing | None,
    after: Standing | None,
    now: datetime,
    silences: Iterable[Silence],
) -> int:
    """1 where people see it differently now. Where a person was first, nothing moves: the next round sees to it."""
    assert before is not None
    rows = Alert.objects.filter(pk=alert.pk, state=before.state)
    if after is None:
        return rows.delete()[0] and 1
    word = news(before, after)
    values: dict[str, Any] = said(finding) if finding else {}
    values |= {
        "state": after.state, "severity": after.severity, "held_since": after.held_since, "judged_at": after.judged_at,
        "clear_since": after.clear_since, "resolved_at": after.resolved_at, "reopened": after.reopened,
    }  # fmt: skip
    values |= anew(alert, word, now, finding, silences)
    if rows.update(**values) != 1:
        return 0
    if word:
        note(alert, now, word, values.get("sentence") or alert.sentence)
    return int(bool(word) or before.state != after.state or is_other_price(alert.usd_per_h, values))


def anew(
    alert: Alert, word: str, now: datetime, finding: Finding | None, silences: Iterable[Silence]
) -> dict[str, Any]:
    """What a new round brings: people are told once more, and whoever had taken it has not taken this."""
    if word not in ("fired", "reopened", "worsened"):
        return {"covered_by": None} if word == "resolved" else {}
    values: dict[str, Any] = {
        "round": alert.round + 1, "round_at": now, "acknowledged_by": None, "acknowledged_at": None,
        "silenced_until": silencing.until(alert, silences),
    }  # fmt: skip
    if word != "worsened":
        values |= {"fired_at": now, "since": (finding.since if finding else None) or alert.held_since}
    return values


def is_other_price(before: Decimal | None, values: dict[str, Any]) -> bool:
    after = values.get("usd_per_h", before)
    if before is None or after is None:
        return before is not after
    return abs(after - before) > PRICE_SHARE * max(abs(before), Decimal(1))


def note(alert: Alert, at: datetime, kind: str, words: str, actor: str = "") -> None:
    AlertEvent.objects.create(alert=alert, at=at, kind=kind, words=words[:300], actor=actor[:200])
