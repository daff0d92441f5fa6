"""Whether the power moved: the load at the meter after a decision's orders against what it promised."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from compute.commands.settling import Rest, rest_of
from compute.decisions.execute import EXECUTOR
from compute.decisions.load import Load, load_now
from compute.decisions.states import close
from compute.models import Command, Decision, Order
from compute.switching.words import power_text

D = Decision.State
ENOUGH: Final = 0.7
# A site that nothing measures is judged, as not known, when its sweeps had time to come back.
UNSEEN_FOR: Final = timedelta(minutes=5)
PATIENCE: Final = timedelta(hours=2)
OVER: Final = (Order.State.DONE, Order.State.STOPPED, Order.State.REFUSED, Order.State.EXPIRED)


def verify(now: datetime) -> int:
    """Judges decisions whose orders are over and whose machines have settled; how many."""
    done = 0
    for decision in Decision.objects.filter(state=D.ORDERED).select_related("site"):
        orders = list(Order.objects.filter(pk__in=decision.order_ids))
        load = load_now(decision.site)
        rest = rest_of_all(orders)
        if is_ripe(decision, rest, load, now):
            with transaction.atomic():
                done += judge(decision, load, orders, rest, now)
    return done


def rest_of_all(orders: list[Order]) -> Rest | None:
    """From when on the load tells what all of them did; None while one is under way."""
    rests = [rest_of(order, order.ended_at) for order in orders if order.state in OVER and order.ended_at is not None]
    return max(rests, key=lambda rest: rest.at) if rests and len(rests) == len(orders) else None


def is_ripe(decision: Decision, rest: Rest | None, load: Load, now: datetime) -> bool:
    """The machines have settled and the load was read since, or nobody waits for them any longer."""
    if decision.decided_at is not None and now - decision.decided_at > PATIENCE:
        return True
    if rest is None:
        return False
    unseen = load.mw is None or load.at is None
    return now > rest.at + UNSEEN_FOR if unseen else load.at is not None and load.at > rest.at


def judge(decision: Decision, load: Load, orders: list[Order], rest: Rest | None, now: datetime) -> bool:
    words, has_moved = verdict(decision.before_mw, load.mw, decision.change_mw)
    if rest is not None and load.mw is not None and load.at is not None:
        words += f", {(load.at - rest.last_sent_at).total_seconds():.0f} s after the last command: {rest.words}"
        words = did_not(decision) + words
    never = [order for order in orders if order.state in (Order.State.REFUSED, Order.State.EXPIRED)]
    if never and len(never) == len(orders):
        words, has_moved = f"no order left: {never[0].end_reason or never[0].get_state_display().lower()}", False
    Decision.objects.filter(pk=decision.pk).update(after_mw=load.mw, verified_at=now, verdict=words[:200])
    if has_moved is None:
        return close(decision, D.DONE, EXECUTOR, words)
    return close(decision, D.DONE if has_moved else D.FAILED, EXECUTOR, words)


def did_not(decision: Decision) -> str:
    """How many machines refused, failed, or are not known of, where any are."""
    told = Command.objects.filter(order__in=decision.order_ids)
    bad = told.filter(state__in=(Command.State.FAILED, Command.State.UNKNOWN)).count()
    return f"{bad} of {told.count()} machines did not do it; " if bad else ""


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
