"""Learns what machines draw and hash under each power limit that they stand under, from their steady minutes.

Steady is a minute of a machine that works without fault, has said one and the same limit for twenty minutes, was told
nothing in that time, and did not restart in it. A machine counts with at least half of the span. Every minute weighs
the same; what is older weighs half after two weeks, so that what is not run any more grows thin by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from cango_ops.base import clock, jobs, leases
from compute.models import Command, Device
from compute.models.device import State
from compute.protocols.orders import limited_languages
from compute.telemetry import codec
from compute.telemetry.codec import CODES, MISSING, Frame
from compute.telemetry.database import Statements, statements
from compute.telemetry.metrics import ASIC, INDEX
from sites.models import Site

LEASE: Final = "telemetry/power_modes"
SPAN: Final = timedelta(minutes=30)
# Ordinary latecomers of a span are in.
QUIET: Final = timedelta(minutes=3)
SETTLED: Final = timedelta(minutes=20)
HALF_LIFE: Final = timedelta(days=14)

FRAMES: Final = """
SELECT container_id, frame FROM telemetry_hot
WHERE container_id = ANY(%s::bigint[]) AND kind = %s AND minute_at >= %s AND minute_at < %s
"""
_old = f"old.minutes * 0.5 ^ (extract(epoch FROM excluded.until_at - old.until_at) / {HALF_LIFE.total_seconds()})"
_means = ", ".join(
    f"{name} = (old.{name} * {_old} + excluded.{name} * excluded.minutes) / ({_old} + excluded.minutes)"
    for name in ("power_w", "hashrate_ths")
)
WRITE: Final = f"""
INSERT INTO compute_powermode AS old (
    site_id, model, language, limit_w, minutes, machines, power_w, hashrate_ths, first_at, until_at
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (model, language, site_id, limit_w) DO UPDATE
SET {_means}, minutes = {_old} + excluded.minutes, machines = greatest(old.machines, excluded.machines),
    until_at = excluded.until_at
WHERE old.until_at <= excluded.first_at
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Place:
    """A machine that stood still. key: model, language, limit in W."""

    slot: int
    key: tuple[str, str, int]


@dataclass(slots=True)
class Sums:
    """Over machine-minutes: W and TH/s added up."""

    machines: int = 0
    minutes: int = 0
    power_w: float = 0.0
    hashrate_ths: float = 0.0


def learn() -> None:
    """The newest span that is over, of every site. Done twice, it counts once."""
    with jobs.run("compute.learn_power_modes") as job, leases.held(LEASE, 600) as lease:
        if lease is None:
            job.skip("another process learns")
            return
        until = span_end(clock.now())
        for site in Site.objects.order_by("code"):
            job.count(modes=learn_site(site, until))


def span_end(now: datetime) -> datetime:
    """The end of the newest span that is over and complete."""
    past = now - QUIET
    return past - timedelta(seconds=past.timestamp() % SPAN.total_seconds())


def learn_site(site: Site, until: datetime) -> int:
    """How many limits were learned of in the span that ends then."""
    places = standing_still(site, until - SPAN - SETTLED)
    found: dict[tuple[str, str, int], Sums] = defaultdict(Sums)
    with statements() as sql:
        for box, frames in frames_of(sql, list(places), until).items():
            add(found, places[box], frames)
        for key, sums in found.items():
            write(sql, site, key, sums, until)
    return len(found)


def standing_still(site: Site, since: datetime) -> Mapping[int, list[Place]]:
    """By container: machines without fault that stand under one limit since then, and were told nothing since."""
    told = Command.objects.filter(order__site=site, sent_at__gte=since).exclude(device=None).values("device_id")
    rows = Device.objects.filter(
        site=site, is_gpu=False, language__in=limited_languages(), now__state=State.OK, now__reason="",
        now__power_limit_w__gt=0, now__limit_since__lte=since,
    ).exclude(model="").exclude(pk__in=told)  # fmt: skip
    found: dict[int, list[Place]] = defaultdict(list)
    columns = ("container_id", "slot", "model", "language", "now__power_limit_w")
    for box, slot, model, language, limit_w in rows.values_list(*columns).iterator(chunk_size=5000):
        found[box].append(Place(slot, (model, language, limit_w)))
    return found


def frames_of(sql: Statements, boxes: list[int], until: datetime) -> Mapping[int, list[Frame]]:
    found: dict[int, list[Frame]] = defaultdict(list)
    for box, frame in sql.rows(FRAMES, [boxes, CODES[ASIC], until - SPAN, until]):
        found[box].append(codec.decode(frame))
    return found


def add(found: dict[tuple[str, str, int], Sums], places: Iterable[Place], frames: list[Frame]) -> None:
    """What the machines of one container did, minute by minute."""
    places = list(places)
    at = np.array([place.slot for place in places]) - 1
    minutes, power_w, hashrate_ths = np.zeros(len(at)), np.zeros(len(at)), np.zeros(len(at))
    for frame in frames:
        values = codec.padded(frame, max(frame.places, int(at.max()) + 1)).values[:, at]
        steady = is_steady(values)
        numbers = codec.from_steps(ASIC, values)
        minutes += steady
        power_w += np.where(steady, numbers[INDEX[ASIC]["power_w"]], 0.0)
        hashrate_ths += np.where(steady, numbers[INDEX[ASIC]["hashrate_ths"]], 0.0)
    for place in np.flatnonzero(minutes >= SPAN / timedelta(minutes=2)).tolist():
        sums = found[places[place].key]
        sums.machines += 1
        sums.minutes += int(minutes[place])
        sums.power_w += float(power_w[place])
        sums.hashrate_ths += float(hashrate_ths[place])


def is_steady(values: codec.Ints) -> codec.Bools:
    """Of samples (a column of the kind per row): those that hash, say their power, and run for a while."""
    hashrate, power, uptime = (values[INDEX[ASIC][name]] for name in ("hashrate_ths", "power_w", "uptime_s"))
    runs = (uptime == MISSING) | (uptime >= SETTLED.total_seconds())
    steady: codec.Bools = (hashrate > 0) & (power > 0) & runs
    return steady


def write(sql: Statements, site: Site, key: tuple[str, str, int], sums: Sums, until: datetime) -> None:
    means = (sums.power_w / sums.minutes, sums.hashrate_ths / sums.minutes)
    sql.run(WRITE, [site.pk, *key, float(sums.minutes), sums.machines, *means, until - SPAN, until])


def weight(until_at: datetime, now: datetime) -> float:
    """What is left of a measurement that ended then."""
    return float(0.5 ** (max(timedelta(0), now - until_at) / HALF_LIFE))
