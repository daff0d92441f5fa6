"""What a machine of a tier that works draws and hashes, as the mean of what such machines of the site said last."""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple, TypeAlias

from compute.decisions.standing import WORKING
from compute.decisions.tiers import tier_of
from compute.models import Device
from compute.telemetry import queries

# A mean of fewer machines says little of the model; more containers of a tier than so many say little more.
ENOUGH: Final = 3
MOST_BOXES: Final = 3

Places: TypeAlias = dict[int, dict[int, float]]  # by container and slot


class Mean(NamedTuple):
    """Of one machine; None where too few said it. Stock Antminers do not say what they draw."""

    power_w: float | None
    ths: float | None


def means(works: Iterable[tuple[str, int, int]]) -> dict[str, Mean]:
    """By tier. works: (tier, container, machines at work) of those that mine; only where most of a tier work is looked
    at."""
    boxes = largest(works)
    wanted = {container for containers in boxes.values() for container in containers}
    power, ths = (queries.numbers(wanted, metric) for metric in ("power_w", "hashrate_ths"))
    rows = Device.objects.filter(container__in=wanted, is_gpu=False, now__state__in=WORKING)
    machines: dict[str, list[tuple[int, int]]] = {}
    for model, language, container, slot in rows.values_list("model", "language", "container_id", "slot"):
        tier = tier_of(model, language)
        if container in boxes.get(tier, ()):
            machines.setdefault(tier, []).append((container, slot))
    return {tier: Mean(mean(power, places), mean(ths, places)) for tier, places in machines.items()}


def largest(works: Iterable[tuple[str, int, int]]) -> dict[str, list[int]]:
    """Containers by tier, those with most machines of it first."""
    found: dict[str, list[tuple[int, int]]] = {}
    for tier, container, count in works:
        if count:
            found.setdefault(tier, []).append((-count, container))
    return {tier: [container for _, container in sorted(places)[:MOST_BOXES]] for tier, places in found.items()}


def mean(said: Places, machines: Collection[tuple[int, int]]) -> float | None:
    values = [value for box, slot in machines if (value := said.get(box, {}).get(slot)) is not None]
    return sum(values) / len(values) if len(values) >= ENOUGH else None
