"""What the page of the system's own state shows of the push: who listens, what is away, how far behind it is."""

from dataclasses import dataclass
from datetime import datetime

from cango_ops.live.hub import Hub, hub


@dataclass(frozen=True)
class PushState:
    """Of this web process. lag_s: between the publisher's call and its arrival here; None before the first."""

    connections: int
    people: int
    topics: int
    redis_is_here: bool
    redis_since: datetime
    database_is_here: bool
    database_since: datetime
    lag_s: float | None


def push(of: Hub = hub) -> PushState:
    return PushState(
        connections=len(of.clients),
        people=len({client.user.pk for client in list(of.clients)}),
        topics=len(of.followed()),
        redis_is_here=of.redis.is_here,
        redis_since=of.redis.since,
        database_is_here=of.database.is_here,
        database_since=of.database.since,
        lag_s=of.lag_s,
    )
