"""The containers of a site, each with a small drawing of its machines as they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from compute.models import Container, Device
from compute.telemetry import queries
from compute.telemetry.answers import Totals
from compute.web.freshness import is_fresh, live_totals
from compute.web.slot_map import Legend, Shade, legend, miniature
from sites.models import Site

Numbers = Mapping[int, Mapping[int, float]]


@dataclass(frozen=True)
class Box:
    """One container. picture: its machines as they stand. wrong: how many are not ok, by state, gravest first."""

    code: str
    kind: str
    is_ai: bool
    totals: Totals
    wrong: tuple[tuple[str, int], ...]
    picture: SafeString


def boxes_of(site: Site, shade: Shade, now: datetime) -> tuple[tuple[Box, ...], Legend]:
    """Every container in the order of their codes, coloured alike, so that they compare."""
    containers = list(site.containers.all())
    ids = [container.pk for container in containers]
    totals = queries.container_totals(ids)
    states = states_of(site)
    numbers: Numbers = queries.numbers(ids, shade.name) if shade.kind else {}
    key = legend(shade, (value for by_slot in numbers.values() for value in by_slot.values()))
    return tuple(
        box(container, totals[container.pk], states.get(container.pk, []), numbers.get(container.pk, {}), key, now)
        for container in containers
    ), key  # fmt: skip


def box(
    container: Container, totals: Totals, states: Sequence[tuple[int, str]], numbers: Mapping[int, float],
    key: Legend, now: datetime,
) -> Box:  # fmt: skip
    """A container that is not live shows its machines so, whatever they last were."""
    shown = states if is_fresh(totals.swept_at, now) else [(slot, totals.state) for slot, _ in states]
    drawn = [(slot, drawn_as(state, numbers.get(slot), key)) for slot, state in shown]
    wrong = tuple((state, count) for state, count in totals.by_state.items() if count and state != "ok")
    return Box(
        code=container.code,
        kind=container.get_kind_display(),
        is_ai=container.kind == Container.Kind.GPU,
        totals=live_totals(totals, now),
        wrong=wrong,
        picture=miniature(container.rows, container.columns, drawn, f"{container.code}, {words(key, totals, wrong)}"),
    )


def drawn_as(state: str, value: float | None, key: Legend) -> str:
    """The class of a machine's square."""
    if key.shade.kind is None:
        return f"is-{state}"
    heat = key.heat(value)
    return "no-heat" if heat is None else f"heat-{heat}"


def words(key: Legend, totals: Totals, wrong: Sequence[tuple[str, int]]) -> str:
    said = [f"{count} {state}" for state, count in (*wrong, ("ok", totals.by_state.get("ok", 0))) if count]
    return f"machines by {key.shade.word}: {', '.join(said) or 'none'}"


def states_of(site: Site) -> Mapping[int, list[tuple[int, str]]]:
    """(slot, state) of every machine, by container."""
    found: dict[int, list[tuple[int, str]]] = {}
    rows = Device.objects.filter(site=site).values_list("container_id", "slot", "now__state")
    for container_id, slot, state in rows.order_by("container_id", "slot"):
        found.setdefault(container_id, []).append((slot, state or "unknown"))
    return found
