"""What pages ask the push: how far each topic is, who listens, what is away, how far behind it is."""

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


def newest(topic: str, of: Hub = hub) -> int:
    """The topic's newest number that this web process knows of; 0 where nobody here follows it.

    A browser is told of a number only after this process knows it: what is shared under the number is never older
    than what the browser was told of.
    """
    found = of.topics.get(topic)
    return found.seq if found else 0
