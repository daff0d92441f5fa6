"""Whose alerts a person sees, and at which of them the person may act. Sites pass their own gate, `visible_to`."""

from collections.abc import Sequence

from django.db.models import Q

from cango_ops.alerts.models import Alert
from cango_ops.alerts.rules import CONSOLE, EVERYONE, OPERATOR, SITE, TREASURY
from cango_ops.base.models import User
from sites import rights
from sites.models import Membership, Operator, Site
from treasury.models.insider import is_admitted

# A membership as (role, operator, site); neither named: every site.
Held = tuple[str, int | None, int | None]
# What one must hold at every site.
OF_ALL = {CONSOLE: rights.SEE_SYSTEM, TREASURY: rights.SEE_TREASURY}


def held_by(user: User) -> list[Held]:
    return list(Membership.objects.filter(user=user).values_list("role", "operator_id", "site_id"))


def seen(user: User, held: Sequence[Held] | None = None) -> Q:
    """The condition on Alert. held: the person's memberships, where somebody has read them already."""
    roles = held_by(user) if held is None else held
    found = Q(scope=SITE, site_id__in=Site.objects.visible_to(user).values("pk"))
    if user.token_site_ids is not None or not user.is_active:
        return found
    everywhere = [role for role, operator_id, site_id in roles if operator_id is None and site_id is None]
    for scope, right in OF_ALL.items():
        if any(right in rights.RIGHTS[role] for role in everywhere) and rights.token_allows(user, right, None):
            found |= Q(scope=scope) if scope != TREASURY or is_admitted(user) else Q()
    if roles:
        found |= Q(scope=EVERYONE)
    operators = {operator_id for _, operator_id, _ in roles if operator_id is not None}
    return found | (Q(scope=OPERATOR) if everywhere else Q(scope=OPERATOR, operator_id__in=operators))


def may_act(user: User, alert: Alert) -> bool:
    """Acknowledge, note, silence: whoever operates the place; of the treasury, who closes its months."""
    return has(user, alert, rights.OPERATE)


def may_silence_site(user: User, alert: Alert) -> bool:
    return alert.scope == SITE and has(user, alert, rights.APPROVE)


def has(user: User, alert: Alert, right: str) -> bool:
    if alert.scope == SITE and alert.site_id is not None:
        site = Site.objects.filter(pk=alert.site_id).first()
        return site is not None and rights.may(user, right, site)
    if alert.scope == OPERATOR and alert.operator_id is not None:
        operator = Operator.objects.filter(pk=alert.operator_id).first()
        return operator is not None and rights.may_for(user, right, operator)
    return rights.may(user, rights.CLOSE_MONTHS if alert.scope == TREASURY else right)
