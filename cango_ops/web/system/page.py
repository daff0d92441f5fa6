"""What the system page shows: the servers, the queues, the periodic work, the leases, and the last sweep of each site.

Everybody with the right at some site sees the sweeps of the sites that are theirs; the inside of the console only who
has the right at every site.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import redis
from django.conf import settings

from cango_ops import schedule
from cango_ops.base import clock, crumbs, parts
from cango_ops.base.models import Lease
from cango_ops.live.queries import push
from cango_ops.web.system.jobs import Failure, Job, failures, jobs
from compute.market.network import Hashprice, hashprice
from compute.market.pools import Standing, standings
from compute.models import PoolAccount
from compute.telemetry import queries
from sites.models import Site

REDIS_PATIENCE_S: Final = 1
LONG_QUEUE: Final = 20
# What a part says of itself while all is well, where it is more than that it answers.
SAYS: Final = {"database role": "owns no table: the guards of closed months hold against the console itself"}


@dataclass(frozen=True)
class Part:
    """A server that the console leans on."""

    name: str
    state: str
    words: str
    since: datetime
    is_advice: bool = False


@dataclass(frozen=True)
class Queue:
    """Tasks that wait for a worker. waiting: None where the broker does not answer."""

    name: str
    waiting: int | None
    state: str


@dataclass(frozen=True)
class Holder:
    """A lease and who has it."""

    name: str
    holder: str
    epoch: int
    taken_at: datetime
    expires_at: datetime
    is_held: bool


@dataclass(frozen=True)
class Sweep:
    """A site as the collector sees it."""

    code: str
    slot: int
    state: str
    reason: str
    swept_at: datetime | None
    devices: int
    reporting: int

    @property
    def silent(self) -> int:
        return self.devices - self.reporting


@dataclass(frozen=True)
class Inside:
    """The inside of the console."""

    parts: tuple[Part, ...]
    queues: tuple[Queue, ...]
    jobs: tuple[Job, ...]
    failures: tuple[Failure, ...]
    leases: tuple[Holder, ...]


@dataclass(frozen=True)
class System:
    """The page. inside: None for those who may not see it."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    inside: Inside | None
    sweeps: tuple[Sweep, ...]
    network: Hashprice | None
    pools: tuple[Standing, ...]
    stale_after_s: int
    as_of: datetime


def system(sites: Sequence[Site], sees_inside: bool, accounts: Sequence[PoolAccount] = ()) -> System:
    now = clock.now()
    swept = sorted(sweeps(sites), key=lambda row: (row.swept_at is not None, row.swept_at, row.code))
    inner = inside(now) if sees_inside else None
    return System(
        title=answer(swept, inner),
        crumbs=(crumbs.COMPANY, crumbs.Crumb("System", "/system/")),
        inside=inner,
        sweeps=tuple(swept),
        network=hashprice(),
        pools=tuple(standings(accounts)),
        stale_after_s=2 * settings.SWEEP_S + 5,
        as_of=now,
    )


def inside(now: datetime) -> Inside:
    leases = [
        Holder(row.name, row.holder, row.epoch, row.taken_at, row.expires_at, row.expires_at > now)
        for row in Lease.objects.all()
    ]
    return Inside((*servers(), live_updates()), queues(), tuple(jobs(now)), tuple(failures(now)), tuple(leases))


def servers() -> tuple[Part, ...]:
    return tuple(
        Part(
            one.name, "ok" if one.is_ok else "critical" if one.needed else "warning",
            one.words or SAYS.get(one.name, ""), one.since, one.advice,
        )
        for one in parts.states()
    )  # fmt: skip


def live_updates() -> Part:
    """The push of this web process; that Redis is away is said by its own row."""
    here = push()
    followers = f"{counted(here.connections, 'browser', 'browsers')} on {counted(here.topics, 'topic', 'topics')}"
    if not here.redis_is_here:
        return Part("live updates", "ok", f"{followers}, each second from PostgreSQL", here.redis_since)
    lag = f", {1000 * here.lag_s:.0f} ms behind" if here.lag_s is not None else ""
    return Part("live updates", "ok", followers + lag, here.redis_since)


def queues() -> tuple[Queue, ...]:
    names = sorted({row.queue for row in schedule.table(settings.SWEEP_S, settings.COLLECTOR_SLOTS)})
    return tuple(queue(name, waiting) for name, waiting in zip(names, lengths(names), strict=True))


def lengths(names: Sequence[str]) -> list[int | None]:
    """How many tasks wait in each queue of the broker; Celery keeps a queue as a list of its name."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=REDIS_PATIENCE_S, socket_timeout=REDIS_PATIENCE_S
        ) as client:
            return [int(client.llen(name)) for name in names]
    except (redis.RedisError, OSError):
        return [None for _ in names]


def queue(name: str, waiting: int | None) -> Queue:
    return Queue(name, waiting, "unknown" if waiting is None else "warning" if waiting > LONG_QUEUE else "ok")


def sweeps(sites: Sequence[Site]) -> list[Sweep]:
    totals = queries.site_totals([site.pk for site in sites])
    return [
        Sweep(site.code, site.collector_slot, one.state, one.reason, one.swept_at, one.devices, one.reporting)
        for site in sites
        if (one := totals[site.pk])
    ]


def answer(rows: Sequence[Sweep], inner: Inside | None) -> str:
    """What does not run as it should, or that all does."""
    said = []
    if inner:
        said += [f"{part.name} is away" for part in inner.parts if not (part.state == "ok" or part.is_advice)]
        failing = sum(job.state == "critical" for job in inner.jobs)
        late = sum(job.state == "stale" for job in inner.jobs)
        said += [counted(failing, "task fails", "tasks fail")] if failing else []
        said += [counted(late, "task is late", "tasks are late")] if late else []
    unswept = sum(row.state in ("stale", "unknown") for row in rows)
    said += [f"{unswept} of {len(rows)} sites not swept in time"] if unswept else []
    return ", ".join(said)[:1].upper() + ", ".join(said)[1:] if said else "Everything runs"


def counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
