"""The hub: who follows what, and the newest number of every topic. One of it per process, on one event loop.

A change is serialised once and put into each follower's outbox; each follower's own task sends it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec
from django.conf import settings
from django.db import close_old_connections

from cango_ops.base import clock
from cango_ops.live import rights
from cango_ops.live.client import Client, Message

T = TypeVar("T")

BEAT_S: Final = 15.0
RECHECK_S: Final = 55.0
STUCK_S: Final = 30.0
NOT_SIGNED_IN: Final = 4401
NOT_ALLOWED: Final = 4403
POLICY: Final = 1008
TRY_LATER: Final = 1013


@dataclass(frozen=True)
class Limits:
    """What one person, one connection and one process may ask of the hub."""

    connections: int = 5000
    connections_per_user: int = 20
    topics: int = 256
    message_bytes: int = 8192
    burst: int = 30
    messages_per_s: float = 3.0


@dataclass
class Topic:
    seq: int = 0
    message: Message = field(default_factory=dict)
    followers: set[Client] = field(default_factory=set)


class Part:
    """Whether something that the hub leans on answers, and since when."""

    def __init__(self) -> None:
        self.is_here = True
        self.since = clock.now()

    def turn(self, is_here: bool) -> bool:
        """True where this is news."""
        if is_here == self.is_here:
            return False
        self.is_here, self.since = is_here, clock.now()
        return True


def frame(**words: object) -> Message:
    return {"type": "websocket.send", "text": msgspec.json.encode(words).decode()}


class Hub:
    """Touched from the event loop alone, but for `look` and `state`, which only read."""

    def __init__(self, redis_url: str, limits: Limits | None = None) -> None:
        self.redis_url = redis_url
        self.limits = limits or Limits()
        self.topics: dict[str, Topic] = {}
        self.clients: set[Client] = set()
        self.per_user: Counter[int] = Counter()
        self.redis = Part()
        self.database = Part()
        self.lag_s: float | None = None
        self.threads = ThreadPoolExecutor(4, "live")

    # Who is here

    def join(self, client: Client) -> bool:
        """False where the person has too many connections already."""
        if self.per_user[client.user.pk] >= self.limits.connections_per_user:
            return False
        self.per_user[client.user.pk] += 1
        self.clients.add(client)
        client.put("hello", self.word("hello"))
        return True

    def leave(self, client: Client) -> None:
        if client in self.clients:
            self.clients.discard(client)
            self.per_user[client.user.pk] -= 1
            self.unfollow(client, list(client.topics))

    # What they follow

    def follow(self, client: Client, numbers: Mapping[str, int]) -> None:
        self.changed(numbers.items())
        for name in numbers:
            topic = self.topic(name)
            topic.followers.add(client)
            client.topics.add(name)
            client.put(name, topic.message)

    def unfollow(self, client: Client, names: Iterable[str]) -> None:
        for name in names:
            client.topics.discard(name)
            if name in self.topics:
                self.topics[name].followers.discard(client)

    def refuse(self, client: Client, names: Iterable[str]) -> None:
        names = sorted(names)
        self.unfollow(client, names)
        for name in names:
            client.put(name, frame(refused=name))

    def topic(self, name: str) -> Topic:
        if name not in self.topics:
            self.topics[name] = Topic(0, frame(topic=name, seq=0))
        return self.topics[name]

    def followed(self) -> list[str]:
        return [name for name, topic in self.topics.items() if topic.followers]

    # What they hear

    def changed(self, numbers: Iterable[tuple[str, int]]) -> None:
        """Passes on what is new; a number that is not above the last one says nothing new."""
        for name, seq in numbers:
            topic = self.topic(name)
            if seq > topic.seq:
                topic.seq = seq
                topic.message = frame(topic=name, seq=seq)
                for client in topic.followers:
                    client.put(name, topic.message)

    def beat(self) -> None:
        """Tells everybody the time and what is away; lets go of those who have stopped reading."""
        word = self.word("beat")
        patience = time.monotonic() - STUCK_S
        for client in list(self.clients):
            client.put("beat", word)
            if client.sending_since is not None and client.sending_since < patience:
                client.close(TRY_LATER, "too slow")
                self.leave(client)

    def word(self, name: str) -> Message:
        return frame(**{name: clock.now()}, redis=self.redis.is_here, database=self.database.is_here)

    def turn(self, part: Part, is_here: bool) -> None:
        if part.turn(is_here):
            self.beat()

    # What they may

    async def recheck(self, older_than_s: float = RECHECK_S) -> None:
        """Looks again at the session and the rights of everybody who was not looked at for so long."""
        before = time.monotonic() - older_than_s
        due = {
            client: rights.Asked(client.session_key, frozenset(client.topics))
            for client in self.clients
            if client.checked_at <= before
        }
        if due:
            found = await self.look(rights.check, set(due.values()))
            for client, asked in due.items():
                self.judge(client, asked, found[asked])

    def judge(self, client: Client, asked: rights.Asked, found: rights.Standing) -> None:
        client.checked_at = time.monotonic()
        if found.user is None:
            client.close(NOT_SIGNED_IN, "the session has ended")
            return
        client.user = found.user
        self.refuse(client, asked.topics & client.topics - found.visible)
        if asked.topics and not client.topics:
            client.close(NOT_ALLOWED, "nothing left that you may see")

    async def look(self, read: Callable[..., T], *words: object) -> T:
        """Runs a query in a thread of the hub's own, so that pages and sockets never wait for each other's."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, tidy, read, *words)


def tidy(read: Callable[..., T], *words: object) -> T:
    close_old_connections()
    try:
        return read(*words)
    finally:
        close_old_connections()


hub: Final = Hub(settings.REDIS_URL)
