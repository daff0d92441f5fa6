"""An alert as it stands in lists and fragments, ready to print."""

from dataclasses import dataclass

from django.http import HttpRequest

from cango_ops.alerts import queries
from cango_ops.alerts.models import Alert
from cango_ops.alerts.queries import Calling
from cango_ops.alerts.rules import DECISION
from cango_ops.alerts.topics import TOPIC
from cango_ops.base.models import User
from cango_ops.live.queries import newest
from cango_ops.web.alerts.seen import seen
from cango_ops.web.alerts.table import title_of
from cango_ops.web.navigation import held
from cango_ops.web.shared import shared

MOST_NEEDS = 8
SHARED_S = 1.0


@dataclass(frozen=True)
class Row:
    """One alert. mark: which of the six states draws it; empty for what waits for a decision.

    standing: in a word what people have done about it.
    """

    alert: Alert
    title: str
    mark: str
    standing: str
    usd_per_h: float | None
    may_act: bool = False

    @property
    def is_decision(self) -> bool:
        return not self.mark


def row(alert: Alert, *, may_act: bool = False) -> Row:
    usd = None if alert.usd_per_h is None else float(alert.usd_per_h)
    return Row(alert, title_of(alert.rule), mark_of(alert), standing_of(alert), usd, may_act)


def mark_of(alert: Alert) -> str:
    if alert.state == Alert.State.RESOLVED:
        return "ok"
    if alert.state == Alert.State.PENDING:
        return "unknown"
    return "" if alert.severity == DECISION else alert.severity


def standing_of(alert: Alert) -> str:
    if alert.state == Alert.State.ACKNOWLEDGED:
        return f"{alert.acknowledged_by} has it"
    if alert.state in (Alert.State.PENDING, Alert.State.RESOLVED):
        return alert.get_state_display().lower()
    if alert.silenced_until:
        return "silent"
    if alert.covered_by_id:
        return "part of another"
    return "to decide" if alert.severity == DECISION else "nobody has it"


def calling(request: HttpRequest) -> Calling:
    """What calls for the person who asks, the worst of it; read once a request."""
    found: Calling | None = getattr(request, "alerts_calling", None)
    if found is None:
        user = request.user
        found = calling_for(user, held(request)) if isinstance(user, User) else Calling()
        request.alerts_calling = found  # type: ignore[attr-defined]
    return found


def calling_for(user: User, roles: list[tuple[str, int | None, int | None]]) -> Calling:
    """Shared for a second by all of the same memberships, where this process is told of every change within it."""
    number = newest(TOPIC)
    if not number or user.token_site_ids is not None or not user.is_active:
        return queries.calling(seen(user, roles), MOST_NEEDS)
    same = sorted(map(repr, roles))
    return shared(SHARED_S, "calling", number, same, make=lambda: queries.calling(seen(user, roles), MOST_NEEDS))
