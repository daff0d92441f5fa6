"""The machines of a site as the engine takes them: tiers of one model, of which any number may run.

Only machines that are heard and work, wake or sleep by command, are decided about. The others go on as they are: what
containers that are not heard drew last stays in the base load.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Q, Sum

from cango_ops.units import W_PER_MW
from compute.decisions.facts import OK, STALE, UNKNOWN, WARNING, Fact
from compute.decisions.measured import Mean, means
from compute.decisions.modes import Key, ladders
from compute.decisions.standing import ASLEEP, WORKING, Standing, standings
from compute.decisions.tiers import LIMITED, tier_of
from compute.models import ContainerTotals, Device, Verb
from compute.protocols.orders import verbs_of
from compute.telemetry.verdict import MAINTENANCE, WAKING, stale_after_s
from sites.metering.queries import MeterPower
from sites.models import Site

# Below this share of heard machines nothing is decided: what is not heard may do anything.
HALF: Final = 0.5
USUAL_OVERHEAD: Final = 1.05
OVERHEAD: Final = (1.0, 1.5)
NOTHING_SAID: Final = Mean(None, None)


@dataclass
class Group:
    """Machines of one tier. power_w, ths: of one machine at work, at full power. standing: under which limits they
    stand, where limits were measured. is_limited: its language takes limits."""

    id: str
    is_gpu: bool
    count: int = 0
    on: int = 0
    power_w: float = 0.0
    ths: float = 0.0
    verbs: frozenset[str] = frozenset()
    languages: set[str] = field(default_factory=set)
    standing: Standing | None = None

    @property
    def is_limited(self) -> bool:
        return Verb.POWER_LIMIT in self.verbs

    def take(self, standing: Standing) -> None:
        """Machines are counted, and measured, by what they stand under."""
        full = standing.ladder.full
        self.standing = standing
        self.count, self.on = round(sum(standing.standing)), round(sum(standing.running))
        self.power_w, self.ths = full.power_w, full.hashrate_ths


@dataclass(frozen=True)
class Fleet:
    """groups: those that are decided about.   unheard_mw: what the others are taken to draw.   overhead: facility
    power over machine power.   heard_share: of the power on the nameplates."""

    groups: tuple[Group, ...]
    unheard_mw: float
    overhead: float
    heard_share: float
    facts: tuple[Fact, ...]

    @property
    def is_enough(self) -> bool:
        return self.heard_share >= HALF


@dataclass
class Box:
    """A container: what stands in it by model, and what it says together."""

    totals: ContainerTotals | None
    is_heard: bool
    rows: list[dict] = field(default_factory=list)


def fleet_of(site: Site, meter: MeterPower, now: datetime) -> Fleet:
    boxes = boxes_of(site, now)
    heard = [box for box in boxes if box.is_heard]
    silent = [box for box in boxes if not box.is_heard]
    plated, plated_heard = plate_w(boxes), plate_w(heard)
    share = plated_heard / plated if plated else 0.0
    groups = groups_of(heard)
    overhead, said = overhead_of(heard, groups, meter)
    unheard_mw = sum(last_w(box) for box in silent) / W_PER_MW * overhead
    take_limits(site, groups, heard, now)
    return Fleet(tuple(groups), unheard_mw, overhead, share, (machines_fact(boxes, share, now), said))


def boxes_of(site: Site, now: datetime) -> list[Box]:
    oldest = now - timedelta(seconds=stale_after_s(settings.SWEEP_S))
    totals = {row.container_id: row for row in ContainerTotals.objects.filter(site=site)}
    found: dict[int, Box] = {}
    for row in stock(site):
        box = found.get(row["container_id"])
        if box is None:
            total = totals.get(row["container_id"])
            heard = total is not None and total.swept_at is not None and total.swept_at >= oldest and answers(total)
            box = found[row["container_id"]] = Box(total, heard)
        box.rows.append(row)
    return list(found.values())


def answers(total: ContainerTotals) -> bool:
    """Whether any machine of a container that is polled says anything, or all of them restart as they were told."""
    return total.reporting > 0 or total.state == MAINTENANCE


def take_limits(site: Site, groups: Collection[Group], heard: Collection[Box], now: datetime) -> None:
    """Gives each group whose language takes limits those that were measured."""
    keys: dict[Key, str] = {
        (row["model"], row["language"]): tier_of(row["model"], row["language"])
        for box in heard
        for row in box.rows
        if row["model"] and row["language"] in LIMITED
    }
    boxes = {row["container_id"] for box in heard for row in box.rows}
    by_id = {group.id: group for group in groups}
    for key, standing in standings(site, ladders(site, keys, now), boxes, now).items():
        if keys[key] in by_id:
            by_id[keys[key]].take(standing)


def stock(site: Site) -> Iterable[dict]:
    """Per container, model and language: how many stand there, work, sleep, were told to wake and are on their way,
    and what their nameplates say."""
    working, asleep, waking = Q(now__state__in=WORKING), Q(now__reason=ASLEEP), Q(now__reason=WAKING)
    rows = Device.objects.filter(site=site).values("container_id", "model", "language", "is_gpu")
    counted = rows.annotate(
        there=Count("pk"), works=Count("pk", filter=working), sleeps=Count("pk", filter=asleep),
        wakes=Count("pk", filter=waking),
        plate_ths=Sum("nameplate_ths"), plate_w=Sum("nameplate_w"),
    ).order_by("container_id", "model", "language")  # fmt: skip
    return [dict(row) for row in counted]


def plate_w(boxes: Collection[Box]) -> float:
    return sum(row["plate_w"] or 0.0 for box in boxes for row in box.rows)


def last_w(box: Box) -> float:
    """What a container drew when it was last heard, or its nameplates: the dearer mistake is to forget it."""
    last = box.totals.power_w if box.totals is not None else None
    return plate_w([box]) if last is None else last


def groups_of(boxes: Collection[Box]) -> list[Group]:
    groups: dict[tuple[str, bool], Group] = {}
    seen: dict[tuple[str, bool], list[tuple[float, float, int]]] = defaultdict(list)
    for row in (row for box in boxes for row in box.rows):
        key = (tier_of(row["model"], row["language"]), row["is_gpu"])
        group = groups.setdefault(key, Group(id=key[0], is_gpu=key[1], verbs=verbs_of(row["language"])))
        group.count += row["works"] + row["wakes"] + row["sleeps"]
        group.on += row["works"] + row["wakes"]
        group.verbs &= verbs_of(row["language"])
        group.languages.add(row["language"])
        seen[key].append(((row["plate_ths"] or 0.0), (row["plate_w"] or 0.0), row["there"]))
    said = means(works_of(boxes))
    for (tier, is_gpu), group in groups.items():
        complete(group, said.get(tier, NOTHING_SAID) if not is_gpu else NOTHING_SAID, seen[tier, is_gpu])
    return sorted((group for group in groups.values() if usable(group)), key=lambda group: group.id)


def works_of(boxes: Collection[Box]) -> Iterable[tuple[str, int, int]]:
    rows = (row for box in boxes for row in box.rows if not row["is_gpu"])
    return ((tier_of(row["model"], row["language"]), row["container_id"], row["works"]) for row in rows)


def complete(group: Group, said: Mean, plates: Collection[tuple[float, float, int]]) -> None:
    """What was measured, else the nameplate: of power by the share of hashrate that is reached, as commands reckon. A
    GPU node at work draws what its nameplate says."""
    there = sum(count for _, _, count in plates)
    plate_ths, plate_w = (sum(plate[at] for plate in plates) / there for at in (0, 1))
    share = min(1.0, said.ths / plate_ths) if said.ths is not None and plate_ths else 1.0
    group.ths = said.ths if said.ths is not None else plate_ths
    group.power_w = said.power_w if said.power_w is not None else plate_w * share


def usable(group: Group) -> bool:
    return group.count > 0 and group.power_w > 0 and (group.is_gpu or group.ths > 0)


def can_be_told(group: Group) -> bool:
    return Verb.SLEEP in group.verbs and Verb.WAKE in group.verbs


def overhead_of(heard: Collection[Box], groups: Iterable[Group], meter: MeterPower) -> tuple[float, Fact]:
    """Facility over machine power, by the meter where it is live and machines run."""
    power_w = {(group.id, group.is_gpu): group.power_w for group in groups}
    machines = sum(box_w(box, power_w) for box in heard)
    if meter.power_w is None or not machines:
        value = "not known" if meter.power_w is None else f"{meter.power_w / W_PER_MW:.3f} MW, but no machine runs"
        words = f"fans, pumps and losses are taken as {USUAL_OVERHEAD - 1:.0%}"
        state = UNKNOWN if meter.power_w is None else OK
        return USUAL_OVERHEAD, Fact("meter", value, "meter", meter.observed_at, state, meter.reason or words)
    ratio = meter.power_w / machines
    value = f"{meter.power_w / W_PER_MW:.3f} MW, {ratio:.2f} times what the machines say"
    if OVERHEAD[0] <= ratio <= OVERHEAD[1]:
        return ratio, Fact("meter", value, "meter", meter.observed_at)
    words = f"reckoned with {USUAL_OVERHEAD} times: some machines do not say their power, or the meter is wrong"
    return USUAL_OVERHEAD, Fact("meter", value, "meter", meter.observed_at, WARNING, words)


def box_w(box: Box, power_w: Mapping[tuple[str, bool], float]) -> float:
    """What its machines draw: by their own word, and not less than miners at work are reckoned to: not all say it."""
    said = box.totals.power_w if box.totals is not None else None
    working = (row["works"] * power_w.get((tier_of(row["model"], row["language"]), row["is_gpu"]), 0.0)
               for row in box.rows if said is None or not row["is_gpu"])  # fmt: skip
    return max(said or 0.0, sum(working))


def machines_fact(boxes: Collection[Box], share: float, now: datetime) -> Fact:
    there = sum(row["there"] for box in boxes for row in box.rows)
    heard = sum(box.totals.reporting for box in boxes if box.is_heard and box.totals is not None)
    swept = [box.totals.swept_at for box in boxes if box.totals is not None and box.totals.swept_at is not None]
    state, words = OK, ""
    if share < HALF:
        state, words = STALE, "less than half of the site's power is heard, so nothing is changed"
    elif heard < there:
        count = there - heard
        silent = "1 machine is not heard and is" if count == 1 else f"{count:,} machines are not heard and are"
        state, words = WARNING, f"{silent} left as {'it is' if count == 1 else 'they are'}"
    return Fact("machines", f"{heard:,} of {there:,} heard", "telemetry", max(swept, default=None), state, words)
