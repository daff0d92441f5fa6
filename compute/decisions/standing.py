"""Which power limit the machines of a site stand under now, and which of them may be moved to another one.

Only machines that a decision lowered are raised again, each to what it stood under before. What a person set stays. A
machine that refused its last limit, or never showed it, is left at the one it has for a day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q

from compute.decisions.modes import Key, Ladder, is_near
from compute.models import Command, Device, Verb
from compute.models.device import State
from compute.switching.inputs import Limits
from compute.telemetry.verdict import WAKING
from sites.models import Site

ASLEEP: Final = "asleep"
WORKING: Final = (State.OK, State.WARNING)
# What runs, or was told to wake and is on its way: the plan counts on both.
RUNNING: Final = Q(now__state__in=WORKING) | Q(now__reason=WAKING)
# A lowered limit stays for an hour: some machines restart for it, and all take minutes to settle.
LEAST_H: Final = 1.0
# A few whose limit was never measured are taken for the nearest one.
MOST_STRANGE: Final = 0.1
STUCK_FOR: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)
GRAIN: Final = timedelta(minutes=5)
COLUMNS: Final = ("model", "language", "now__power_limit_w", "now__own_limit_w")


@dataclass
class Standing:
    """Machines of one tier by the rungs of its ladder. least, most: see Limits. strange: those that stand under a
    limit that was never measured, counted on the nearest rung."""

    ladder: Ladder
    standing: list[float] = field(default_factory=list)
    running: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    lowered: list[tuple[float, int, float]] = field(default_factory=list)
    strange: float = 0.0

    def __post_init__(self) -> None:
        for column in (self.standing, self.running, self.least, self.most):
            column.extend(0.0 for _ in self.ladder.rungs)

    def add(self, row: Mapping[str, Any], *, is_stuck: bool) -> None:
        """Machines that say the same limit and have the same of their own."""
        at, ceiling = self.places(row, is_stuck=is_stuck)
        count = row["works"] + row["sleeps"]
        self.standing[at] += count
        self.running[at] += row["works"]
        limit_w = row["now__power_limit_w"]
        self.strange += count if limit_w is not None and not is_near(limit_w, self.ladder.rungs[at].limit_w) else 0
        for rung in range(len(self.standing)):
            self.least[rung] += count if is_stuck and rung <= at else 0
            self.most[rung] += count if rung <= ceiling else 0

    def places(self, row: Mapping[str, Any], *, is_stuck: bool = False) -> tuple[int, int]:
        """The rung on which machines stand, and the highest that they may be raised to."""
        at = self.ladder.nearest(row["now__power_limit_w"])
        own = row["now__own_limit_w"]
        return at, at if own is None or is_stuck else max(at, self.ladder.nearest(own))

    def limits(self, cost_usd: float) -> Limits:
        """cost_usd: of a move from the first rung to the last."""
        count = sum(self.standing)
        return Limits(
            standing=tuple(self.standing),
            running=tuple(self.running),
            cost_usd=cost_usd / max(1, len(self.standing) - 1),
            least_h=LEAST_H,
            lowered=tuple(self.lowered),
            least=tuple(self.least) if any(self.least) else (),
            most=tuple(self.most) if min(self.most) < count else (),
        )


def standings(
    site: Site, ladders: Mapping[Key, Ladder], containers: Collection[int], now: datetime
) -> dict[Key, Standing]:
    """Of the machines in these containers that work, were told to, or sleep."""
    found = {key: Standing(ladder) for key, ladder in ladders.items()}
    if not found:
        return {}
    stuck = stuck_devices(site, now)
    for rows, is_stuck in ((grouped(site, containers, stuck), True), (grouped(site, containers, stuck, False), False)):
        for row in rows:
            standing = found.get((row["model"], row["language"]))
            if standing is not None and row["works"] + row["sleeps"]:
                standing.add(row, is_stuck=is_stuck)
    add_lowered(found, site, now)
    return {key: standing for key, standing in found.items() if is_at_home(standing)}


def is_at_home(standing: Standing) -> bool:
    """Whether what the machines of the tier run at was measured, and some run, or may run, at full power."""
    return standing.most[-1] > 0 and standing.strange <= MOST_STRANGE * sum(standing.standing)


def grouped(site: Site, containers: Collection[int], devices: Collection[int], inside: bool = True) -> Iterable[Any]:
    rows = Device.objects.filter(site=site, is_gpu=False, container__in=containers)
    rows = rows.filter(pk__in=devices) if inside else rows.exclude(pk__in=devices)
    return rows.values(*COLUMNS).order_by().annotate(
        works=Count("pk", filter=RUNNING), sleeps=Count("pk", filter=Q(now__reason=ASLEEP))
    )  # fmt: skip


def stuck_devices(site: Site, now: datetime) -> list[int]:
    """Machines whose newest limit of the last day failed, or is unknown."""
    told = Command.objects.filter(
        order__site=site, order__verb=Verb.POWER_LIMIT, ended_at__gte=now - STUCK_FOR, device__isnull=False
    )
    newest = dict(told.order_by("pk").values_list("device_id", "state"))
    return [device for device, state in newest.items() if state in (Command.State.FAILED, Command.State.UNKNOWN)]


def add_lowered(found: Mapping[Key, Standing], site: Site, now: datetime) -> None:
    """What decisions lowered within the least time and still stands so."""
    rows = Command.objects.filter(
        order__site=site, order__verb=Verb.POWER_LIMIT, order__limit_w__lt=F("limit_before_w"),
        state=Command.State.CONFIRMED, sent_at__gte=now - LEAST_H * HOUR, device__now__own_limit_w__isnull=False,
    ).values("sent_at", *(f"device__{name}" for name in COLUMNS))  # fmt: skip
    counted: dict[tuple[Key, int, int], float] = defaultdict(float)
    for row in rows:
        plain = {name: row[f"device__{name}"] for name in COLUMNS}
        key = (plain["model"], plain["language"])
        if key in found:
            at, ceiling = found[key].places(plain)
            for rung in range(at + 1, ceiling + 1):
                counted[key, rung, max(0, (now - row["sent_at"]) // GRAIN)] += 1.0
    for (key, rung, grains), count in sorted(counted.items()):
        found[key].lowered.append((grains * (GRAIN / HOUR), rung, count))
