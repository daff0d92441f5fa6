"""The red Hold: from the moment it is committed nothing leaves that was not approved since.

It is a row that the sender's own statement looks at when it writes `sent`; no message has to arrive anywhere, so it
holds with Redis away just as well.
"""

import uuid
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from cango_ops.live.publish import publish
from compute.commands.refusal import Refused
from compute.commands.topics import HOLD, QUEUE
from compute.models import Hold
from sites import rights
from sites.models import Operator, Site

# In the sender's statements: "command" is compute_command, "placed" its order, "place" its site.
NOT_HELD: Final = """NOT EXISTS (
    SELECT 1 FROM compute_hold AS hold
    WHERE hold.lifted_at IS NULL
      AND (hold.site_id = place.id OR hold.operator_id = place.operator_id
           OR (hold.site_id IS NULL AND hold.operator_id IS NULL))
      AND (placed.is_automatic OR placed.approved_at IS NULL OR placed.approved_at <= hold.placed_at)
)"""
EVERYWHERE: Final = Q(site=None, operator=None)


def press(
    request_id: uuid.UUID, actor: User, *, site: Site | None = None, operator: Operator | None = None, reason: str = ""
) -> Hold:
    """Places the hold; pressed again, it is the one that stands. Neither site nor operator: every site."""
    if not may_press(actor, site, operator):
        raise Refused("your role there does not allow a hold", is_right=True)
    try:
        with transaction.atomic():
            hold, is_new = Hold.objects.get_or_create(
                request_id=request_id,
                defaults={
                    "site": site, "operator": operator, "reason": reason.strip()[:300], "placed_by": actor,
                    "placed_at": database_now(),
                },
            )  # fmt: skip
            if is_new:
                publish(QUEUE, HOLD)
                audit.record(actor, "hold.placed", target_of(hold), {"reason": hold.reason})
                # As late as can be: the record may have waited its turn, and nobody saw the hold meanwhile.
                hold.placed_at = database_now()
                Hold.objects.filter(pk=hold.pk).update(placed_at=hold.placed_at)
            return hold
    except IntegrityError:
        return Hold.objects.get(site=site, operator=operator, lifted_at=None)


def lift(hold: Hold, actor: User) -> bool:
    """Ends the hold; what was held goes on where its time has not passed. False where somebody was first."""
    if not may_lift(actor, hold):
        raise Refused("to lift a hold takes somebody who may approve there", is_right=True)
    with transaction.atomic():
        lifted = move(hold, "lifted_at", None, database_now(), lifted_by=actor)
        if lifted:
            publish(QUEUE, HOLD)
            audit.record(actor, "hold.lifted", target_of(hold))
    return lifted


def target_of(hold: Hold) -> str:
    return f"site/{hold.site.code}" if hold.site else f"operator/{hold.operator.code}" if hold.operator else "sites"


def may_press(actor: User, site: Site | None, operator: Operator | None) -> bool:
    return has(actor, rights.OPERATE, site, operator)


def may_lift(actor: User, hold: Hold) -> bool:
    return has(actor, rights.APPROVE, hold.site, hold.operator)


def has(actor: User, right: str, site: Site | None, operator: Operator | None) -> bool:
    if site is not None:
        return rights.may(actor, right, site)
    return rights.may_for(actor, right, operator) if operator is not None else rights.may(actor, right)


def standing() -> QuerySet[Hold]:
    return Hold.objects.filter(lifted_at=None).select_related("site", "operator", "placed_by")


def over(site: Site) -> QuerySet[Hold]:
    """The holds that a site is under."""
    return standing().filter(Q(site=site) | Q(operator=site.operator_id) | EVERYWHERE)


def is_held(site: Site) -> bool:
    return over(site).exists()
