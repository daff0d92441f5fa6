"""An approved decision becomes orders to machines; the commands' own rules hold for each of them.

Order ids follow from the decision's: carried out twice, it makes the same orders. Those who approved the decision
approve its orders with the same word; what an order needs beyond that it waits for on its own page.
"""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from cango_ops.live.publish import publish
from compute.commands import policies
from compute.commands.approve import approve as approve_order
from compute.commands.policy import ADVISE
from compute.commands.refusal import Refused
from compute.commands.request import Wanted, request
from compute.decisions.asking import Ask, refuse, source_of
from compute.decisions.load import load_now
from compute.decisions.relimit import free, of_limits, told_limits
from compute.decisions.ruling import judged_again
from compute.decisions.setpoints import setpoints_of
from compute.decisions.standing import ASLEEP, WORKING
from compute.decisions.states import close
from compute.decisions.tiers import machines_of
from compute.decisions.topics import topics_of
from compute.models import Decision, Device, Order, Verb
from compute.switching.inputs import BATTERY
from sites import rights
from sites.models import Site

D = Decision.State
EXECUTOR: Final = "decisions"


def execute_approved() -> int:
    """Carries on decisions that were approved and then forgotten by a process that ended; how many."""
    waiting = list(Decision.objects.filter(state=D.APPROVED).select_related("site"))
    for decision in waiting:
        execute(decision)
    return len(waiting)


def execute_automatic() -> int:
    """Lets those run that need nobody's word; how many."""
    free = Decision.objects.filter(state=D.PROPOSED, approvals_needed=0, is_automatic=True, not_after__gt=clock.now())
    count = 0
    for found in free.select_related("site"):
        decision = by_itself(found)
        if decision is not None:
            execute(decision)
            count += 1
    return count


def by_itself(found: Decision) -> Decision | None:
    """The decision, approved by nobody; None where the policy of now asks for somebody, or somebody was first."""
    with transaction.atomic():
        decision = Decision.objects.select_for_update(of=("self",)).select_related("site", "plan").get(pk=found.pk)
        target = f"decision/{decision.pk}"
        if judged_again(decision):
            publish(*topics_of(decision.site.code))
            audit.record(EXECUTOR, "decision.needs_approval", target, {"ruling": decision.ruling})
            return None
        if not move(decision, "state", D.PROPOSED, D.APPROVED, decided_at=clock.now()):
            return None
        audit.record(EXECUTOR, "decision.automatic", target, {"ruling": decision.ruling})
    return decision


def execute(decision: Decision) -> None:
    """approved -> ordered, or failed with the reasons where no order could be made."""
    words = standing_words(decision)
    actor = orderer(decision, words)
    orders, refused = [], []
    for one in decision.moves:
        for ask in asked_by(decision, one):
            try:
                orders.append(approved_by(ask(actor), actor, words, decision.decided_at))
            except Refused as why:
                refused.append(f"{one['unit']}: {why}")
    finish(decision, orders, "; ".join(refused))


def orderer(decision: Decision, words: list[User]) -> User | None:
    """The console, or where it may only advise the first who approved."""
    advises = policies.limits_of(decision.site, None).mode == ADVISE
    return words[0] if advises and words else None


def standing_words(decision: Decision) -> list[User]:
    """Those who said yes and still may: a word does not outlive the right to it."""
    words = [word.approver for word in decision.approvals.select_related("approver")]
    return [person for person in words if rights.may(person, rights.APPROVE, decision.site)]


def approved_by(order: Order, actor: User | None, words: list[User], said_at: datetime | None) -> Order:
    """With the same word of those who approved the decision, as of then: a hold placed since holds it. What the order
    needs beyond that it waits for. Raises Refused."""
    for person in words:
        if person != actor and order.state == Order.State.REQUESTED:
            order = approve_order(order, person, said_at)
    return order


def asked_by(decision: Decision, one: dict[str, Any]) -> list[Ask]:
    """The orders of a move, each as what asks for it and may raise Refused."""
    valid = (decision.until_at - clock.now()).total_seconds()
    if valid <= 0:
        return [partial(refuse, "its time has passed")]
    if one["unit"] == BATTERY:
        return setpoints_of(decision, one, valid)
    if one["verb"] == Verb.POWER_LIMIT:
        return limits_of(decision, one, valid)
    return [partial(sleep_or_wake, decision, one, valid)]


def sleep_or_wake(decision: Decision, one: dict[str, Any], valid: float, actor: User | None) -> Order:
    verb = Verb.SLEEP if one["to"] < one["from"] else Verb.WAKE
    rows = in_turn(decision.site, one["unit"], verb)
    if one.get("of"):
        name, devices = f"{one['unit']}/{verb}", of_limits(rows, one)
    else:
        name, devices = one["unit"], list(rows.values_list("pk", flat=True)[: round(abs(one["to"] - one["from"]))])
    return request(wanted(decision, name, valid, verb=verb, device_ids=tuple(devices)), actor)


def limits_of(decision: Decision, one: dict[str, Any], valid: float) -> list[Ask]:
    """An order for each limit: machines that are raised to their own go back to that, which may differ."""
    if made := made_of(decision, one):
        return [partial(same, order) for order in made]
    told = told_limits(decision.site, one)
    if not told:
        return [partial(refuse, "no machine stands under that limit any more that may be told another")]
    return [
        partial(
            request,
            wanted(
                decision, limit_name(one, limit_w), valid, verb=Verb.POWER_LIMIT,
                device_ids=tuple(devices), limit_w=limit_w,
            ),
        )
        for limit_w, devices in told.items()
    ]  # fmt: skip


def made_of(decision: Decision, one: dict[str, Any]) -> list[Order]:
    """Orders of the move that a process made before it ended: nothing is chosen anew beside them."""
    of_decision = Order.objects.filter(source=source_of(decision), verb=Verb.POWER_LIMIT).select_related("site")
    return [
        order
        for order in of_decision.order_by("pk")
        if order.request_id == uuid.uuid5(decision.request_id, limit_name(one, order.limit_w or 0))
    ]


def same(order: Order, actor: User | None) -> Order:
    return order


def limit_name(one: dict[str, Any], limit_w: int) -> str:
    return f"{one['unit']}/{one['from_w']}/{limit_w}"


def wanted(decision: Decision, name: str, valid: float, **more: Any) -> Wanted:
    """name: tells the orders of a decision apart."""
    return Wanted(
        request_id=uuid.uuid5(decision.request_id, name),
        site=decision.site,
        reason=f"decision {decision.pk}: {decision.sentence}"[:300],
        hours=max(0.1, (decision.until_at - decision.proposed_at) / timedelta(hours=1)),
        valid_s=min(valid, 3600.0),
        source=source_of(decision),
        **more,
    )


def in_turn(site: Site, unit: str, verb: str) -> QuerySet[Device]:
    """Machines of a unit that no order has yet, container by container so that whole ones go dark; to stop, those that
    ail go first. Two units of one decision may stand for the same nodes."""
    rows = free(site, machines_of(site, unit))
    if verb == Verb.SLEEP:
        return rows.filter(now__state__in=WORKING).order_by("-now__state", "container__code", "slot")
    return rows.filter(now__reason=ASLEEP).order_by("container__code", "slot")


def finish(decision: Decision, orders: list[Order], refused: str) -> None:
    with transaction.atomic():
        if not orders:
            close(decision, D.FAILED, EXECUTOR, f"no order could be made: {refused}")
            return
        ids = [order.pk for order in orders]
        changes = {"order_ids": ids, "before_mw": load_now(decision.site).mw, "verdict": refused[:200]}
        if move(decision, "state", D.APPROVED, D.ORDERED, **changes):
            publish(*topics_of(decision.site.code))
            detail: dict[str, object] = {"orders": ids, "refused": refused[:200]}
            audit.record(EXECUTOR, "decision.ordered", f"decision/{decision.pk}", detail)
