"""Sets how a rule judges at a site, or at every site, and takes it back; on record."""

import math

from django.db import transaction

from cango_ops.alerts.models import AlertSetting
from cango_ops.alerts.refusal import Refused
from cango_ops.alerts.rules import Rule, Setting
from cango_ops.base import audit
from cango_ops.base.models import User

LONGEST_HOLD_S = 86_400.0


def set_rule(rule: Rule, site_id: int | None, place: str, wanted: Setting, actor: User) -> None:
    """site_id None: every site that has none of its own. All of it None: as the code has it. Raises Refused.

    Who may do so is asked by the caller.
    """
    check(rule, site_id, wanted)
    values = {"limit": wanted.limit, "hold_s": wanted.hold_s, "is_on": wanted.is_on}
    with transaction.atomic():
        if wanted == Setting():
            AlertSetting.objects.filter(rule=rule.name, site_id=site_id).delete()
        else:
            AlertSetting.objects.update_or_create(rule=rule.name, site_id=site_id, defaults=values)
        audit.record(actor, "alert_rule.set", f"site/{place}" if site_id else "sites", {"rule": rule.name, **values})


def check(rule: Rule, site_id: int | None, wanted: Setting) -> None:
    if site_id is not None and not rule.of_sites:
        raise Refused("this rule is one for all sites")
    if wanted.limit is not None and (rule.limit is None or not math.isfinite(wanted.limit) or wanted.limit <= 0):
        raise Refused("the limit is a number above nought" if rule.limit is not None else "this rule has no limit")
    if wanted.hold_s is not None and not 0 <= wanted.hold_s <= LONGEST_HOLD_S:
        raise Refused("it holds from nothing to a day")
