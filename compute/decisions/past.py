"""What the machines of a site did lately: who woke and who fell asleep, and how often the site was started.

Taken from what was seen, never from what a plan had wanted: a wake counts once telemetry confirmed it (for its minimum
time since it was told, while it warms up), a sleeping machine since it says so, whoever told it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from django.db.models import F, Q

from compute.decisions.standing import ASLEEP, WORKING
from compute.decisions.tiers import tier_of
from compute.models import Command, DeviceNow, Order, Verb
from compute.switching.inputs import Unit
from compute.telemetry.verdict import WAKING
from sites.models import Site

Past: TypeAlias = tuple[tuple[float, float], ...]
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)
# Machines of one wave count as one start.
GRAIN: Final = timedelta(minutes=5)


# GPU nodes of whatever model are one pool, as in the snapshot.
NODES: Final = ""


@dataclass(frozen=True)
class Switched:
    """By tier, NODES for those with GPUs: (hours before the moment, machines) of wakes and of falling asleep."""

    woke: dict[str, Past]
    slept: dict[str, Past]


def switched(site: Site, at: datetime, least_h: float) -> Switched:
    """Of the hours before `at` that a minimum time may still hold; machines that have left that state since are out."""
    since = at - timedelta(hours=least_h)
    seen = Q(state=Command.State.CONFIRMED, device__now__state__in=WORKING)
    told = Q(device__now__reason=WAKING) & ~Q(state=Command.State.FAILED)
    woken = Command.objects.filter(seen | told, order__site=site, order__verb=Verb.WAKE, sent_at__gte=since)
    asleep = DeviceNow.objects.filter(site=site, reason=ASLEEP, since__gte=since)
    names = ("device__model", "device__language", "device__is_gpu")
    return Switched(
        woke=by_key(woken.values_list(*names, "sent_at"), at), slept=by_key(asleep.values_list(*names, "since"), at)
    )


def by_key(rows: Iterable[tuple[str, str, bool, datetime]], at: datetime) -> dict[str, Past]:
    counted: dict[str, Counter[int]] = {}
    for model, language, is_gpu, moment in rows:
        key = NODES if is_gpu else tier_of(model, language)
        counted.setdefault(key, Counter())[max(0, (at - moment) // GRAIN)] += 1
    return {
        key: tuple((grains * (GRAIN / HOUR), float(count)) for grains, count in sorted(ages.items()))
        for key, ages in counted.items()
    }


def share_of(past: Past, most: float) -> tuple[Past, Past]:
    """The newest of the switchings, of `most` modules together, and those that are left."""
    taken: list[tuple[float, float]] = []
    left: list[tuple[float, float]] = []
    for age_h, modules in past:
        own = min(modules, max(0.0, most - sum(count for _, count in taken)))
        taken += [(age_h, own)] if own else []
        left += [(age_h, modules - own)] if modules > own else []
    return tuple(taken), tuple(left)


def entering(units: Iterable[Unit], lately: Switched) -> list[Unit]:
    """The units with what a minimum time may still hold. Of nodes that the hour buys the past comes first."""
    woke, slept, found = dict(lately.woke), dict(lately.slept), []
    for unit in reversed(list(units)):
        key = NODES if unit.ai is not None else unit.id
        started, woke[key] = share_of(woke.get(key, ()), unit.on_before)
        stopped, slept[key] = share_of(slept.get(key, ()), unit.count - unit.on_before)
        held_on, held_off = newer(started, unit.min_up_h), newer(stopped, unit.min_down_h)
        found.append(replace(unit, started=held_on, stopped=held_off))
    return found[::-1]


def newer(past: Past, least_h: float) -> Past:
    return tuple((age_h, modules) for age_h, modules in past if age_h < least_h)


def starts_h(site: Site, now: datetime) -> tuple[float, ...]:
    """Hours (of Unix time) at which machines of the site were really woken, or their limits raised, in the last day:
    one for each decision, or for each order that people made themselves."""
    raised = Q(verb=Verb.POWER_LIMIT, commands__limit_before_w__lt=F("limit_w"))
    orders = Order.objects.filter(
        Q(verb=Verb.WAKE) | raised,
        site=site, requested_at__gte=now - DAY, commands__state=Command.State.CONFIRMED,
    ).distinct()  # fmt: skip
    begun: dict[str, datetime] = {}
    for source, pk, at in orders.order_by("pk").values_list("source", "pk", "requested_at"):
        begun.setdefault(source if source.startswith("decision/") else f"order/{pk}", at)
    return tuple(sorted(at.timestamp() / 3600 for at in begun.values()))
