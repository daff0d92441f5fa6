"""How long machines take until they draw what they were told to: measured order by order, and waited for by the meter.

A machine that was confirmed asleep has stopped at once; one that was woken is confirmed when it hashes at all, and
climbs to its power for minutes. Where no order was measured yet, the slowest of the makers' documents holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.db.models import Max

from cango_ops.base import clock
from compute.models import Command, Order, Settling, Verb
from compute.telemetry import queries

# Whatsminers climb for 6 to 7 minutes where fast boot is off, and restart to take a limit (field notes of HashSource's
# WhatsMiner_Curtailment); LuxOS sleeps within 5 s; a machine's own reading follows within a minute.
DOCUMENTED_S: Final = {Verb.SLEEP: 60.0, Verb.WAKE: 420.0, Verb.POWER_LIMIT: 420.0, Verb.SETPOINT: 60.0}
WATCHED_FOR: Final = timedelta(minutes=20)
LOOK_BACK: Final = timedelta(hours=2)
REMEMBERED_FOR: Final = timedelta(days=90)
MOST_MACHINES, MOST_ORDERS, ENOUGH_ORDERS = 10, 5, 3
MINUTE_S: Final = 60
# Within this share of the largest power it comes to rest; less is the machines' own noise.
STILL_SHARE: Final = 0.05
SLOW_SHARE: Final = 90


@dataclass(frozen=True)
class Wait:
    """seconds after the last command left.   words: where that is from."""

    seconds: float
    words: str


def wait_for(order: Order) -> Wait:
    """The longest of the languages that the order speaks."""
    languages = order.commands.exclude(device=None).values_list("device__language", flat=True).distinct()
    waits = [of_language(language, order.verb) for language in languages]
    return max(waits, key=lambda one: one.seconds, default=documented(order.verb))


def of_language(language: str, verb: str) -> Wait:
    return measured(language, verb) or documented(verb)


def measured(language: str, verb: str) -> Wait | None:
    """Nine of ten measured orders had settled by then; None where too few were measured."""
    since = clock.now() - REMEMBERED_FOR
    rows = Settling.objects.filter(language=language, order__verb=verb, measured_at__gte=since, seconds__gte=0)
    newest = rows.order_by("-measured_at").values_list("seconds", flat=True)[:100]
    seconds = [each for each in newest if each is not None]
    if len(seconds) < ENOUGH_ORDERS:
        return None
    slow = float(np.percentile(seconds, SLOW_SHARE))
    return Wait(slow, f"{language} machines settle in {slow:.0f} s, measured on {len(seconds)} orders")


def documented(verb: str) -> Wait:
    seconds = DOCUMENTED_S[Verb(verb)]
    return Wait(seconds, f"machines may take {seconds:.0f} s by their makers' word, too few orders were measured")


def last_sent_at(order: Order) -> datetime | None:
    found: datetime | None = order.commands.aggregate(last=Max("sent_at"))["last"]
    return found


@dataclass(frozen=True)
class Rest:
    """at: from when on a reading of the load tells what an ended order did.   words: since what, and why so long."""

    at: datetime
    last_sent_at: datetime
    words: str


def rest_of(order: Order, ended_at: datetime) -> Rest:
    """Of an order that ended then; where nothing of it was sent, at once."""
    last = last_sent_at(order)
    if last is None:
        return Rest(ended_at, ended_at, "nothing was sent")
    wait = wait_for(order)
    return Rest(max(ended_at, last + timedelta(seconds=wait.seconds)), last, wait.words)


# Measuring


def measure(now: datetime) -> int:
    """Measures orders that ended lately and were watched long enough; how many."""
    done = 0
    ended = Order.objects.filter(
        ended_at__gte=now - LOOK_BACK,
        commands__state=Command.State.CONFIRMED,
        commands__device__isnull=False,
        settlings=None,
    )
    for order in ended.distinct().order_by("pk")[:MOST_ORDERS]:
        last = last_sent_at(order)
        if last is not None and now - last >= WATCHED_FOR:
            done += measure_order(order, now)
    return done


def measure_order(order: Order, now: datetime) -> int:
    """By language, of the machines of it that were told last; how many languages."""
    told: dict[str, list[tuple[int, datetime]]] = {}
    rows = order.commands.filter(state=Command.State.CONFIRMED, sent_at__isnull=False).exclude(device=None)
    for language, device, at in rows.order_by("-sent_at").values_list("device__language", "device_id", "sent_at"):
        told.setdefault(language, []).append((device, at or now))
    for language, machines in told.items():
        some = machines[:MOST_MACHINES]
        seconds = settled_s(power_w([device for device, _ in some], min(at for _, at in some)))
        Settling.objects.create(order=order, language=language, seconds=seconds, machines=len(some), measured_at=now)
    return len(told)


def power_w(devices: list[int], begin: datetime) -> list[float | None]:
    """What they drew together in each minute from then on."""
    return queries.series("device", devices, ["power_w"], begin, begin + WATCHED_FOR, MINUTE_S).columns["power_w"]


def settled_s(watts: Iterable[float | None]) -> float | None:
    """Seconds until the power came to rest, to the minute: from then on it stays near what it ends at. None where too
    little was said, or it never rested."""
    known = [(minute, value) for minute, value in enumerate(watts) if value is not None]
    if len(known) < WATCHED_FOR / timedelta(seconds=MINUTE_S) / 2:
        return None
    last = float(np.median([value for _, value in known[-3:]]))
    near = STILL_SHARE * max(value for _, value in known)
    moving = [minute for minute, value in known if abs(value - last) > near]
    minutes = moving[-1] + 1 if moving else 0
    return None if minutes >= known[-1][0] else float(minutes * MINUTE_S)
