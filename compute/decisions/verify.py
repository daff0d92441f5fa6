"""Whether the power moved: the load at the meter after a decision's orders against what it promised."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from compute.decisions.execute import EXECUTOR, load_now_mw
from compute.decisions.states import close
from compute.models import Decision, Order
from compute.switching.words import power_text

D = Decision.State
ENOUGH: Final = 0.7
SETTLE: Final = timedelta(minutes=5)
PATIENCE: Final = timedelta(hours=2)
OVER: Final = (Order.State.DONE, Order.State.STOPPED, Order.State.REFUSED, Order.State.EXPIRED)


def verify(now: datetime) -> int:
    """Judges decisions whose orders are over; how many."""
    done = 0
    for decision in Decision.objects.filter(state=D.ORDERED).select_related("site"):
        orders = list(Order.objects.filter(pk__in=decision.order_ids))
        if is_ripe(decision, orders, now):
            with transaction.atomic():
                done += judge(decision, load_now_mw(decision.site), orders, now)
    return done


def is_ripe(decision: Decision, orders: list[Order], now: datetime) -> bool:
    """All orders ended a while ago, or nobody waits for them any longer."""
    if decision.decided_at is not None and now - decision.decided_at > PATIENCE:
        return True
    ends = [order.ended_at for order in orders]
    return all(order.state in OVER for order in orders) and all(at is not None and now - at >= SETTLE for at in ends)


def judge(decision: Decision, after_mw: float | None, orders: list[Order], now: datetime) -> bool:
    words, has_moved = verdict(decision.before_mw, after_mw, decision.change_mw)
    never = [order for order in orders if order.state in (Order.State.REFUSED, Order.State.EXPIRED)]
    if never and len(never) == len(orders):
        words, has_moved = f"no order left: {never[0].end_reason or never[0].get_state_display().lower()}", False
    Decision.objects.filter(pk=decision.pk).update(after_mw=after_mw, verified_at=now, verdict=words[:200])
    if has_moved is None:
        return close(decision, D.DONE, EXECUTOR, words)
    return close(decision, D.DONE if has_moved else D.FAILED, EXECUTOR, words)


def verdict(before_mw: float | None, after_mw: float | None, promised_mw: float) -> tuple[str, bool | None]:
    """Words, and whether it moved as promised; None where nobody can say. A shift of use promises hardly any power."""
    if before_mw is None or after_mw is None:
        return "whether the power moved is not known: nothing measured it", None
    moved = after_mw - before_mw
    moved_text, promised_text = (power_text(mw, signed=True) for mw in (moved, promised_mw))
    said = f"the load moved by {moved_text} of the {promised_text} promised"
    if abs(promised_mw) < 0.01:
        return f"{said}: too little to be seen in the load", None
    return said, moved / promised_mw >= ENOUGH
