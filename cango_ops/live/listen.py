"""How the hub hears of changes: at once through Redis, and from PostgreSQL each second while Redis is away.

PostgreSQL is looked at every few seconds even while Redis answers: a lost message then costs seconds, nothing more.
"""

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

import redis.asyncio
from redis.exceptions import RedisError

from cango_ops.base.database import AWAY
from cango_ops.live import rights
from cango_ops.live.hub import BEAT_S, Hub
from cango_ops.live.wake import CHANNEL

log = logging.getLogger(__name__)

POLL_S: Final = 5.0
POLL_WITHOUT_REDIS_S: Final = 1.0
RECHECK_EVERY_S: Final = 5.0
LONGEST_PAUSE_S: Final = 5.0


class Listener:
    """The tasks behind one hub; started by the first connection, stopped when the server ends."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.tasks: list[asyncio.Task[None]] = []
        self.look_now = asyncio.Event()

    def start(self) -> None:
        if not self.tasks:
            chores = (self.hear, self.poll, self.beat, self.recheck)
            self.tasks = [asyncio.create_task(self.for_ever(chore)) for chore in chores]

    async def stop(self) -> None:
        """Cancels again until all have ended: a Redis that is gone can turn a cancellation into its own error."""
        pending = set(self.tasks)
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=0.2)
        self.tasks = []

    async def for_ever(self, chore: Callable[[], Awaitable[None]]) -> None:
        """No chore ends by an error: it is written down and the chore begins again."""
        while True:
            try:
                await chore()
            except Exception:
                log.exception("The live hub stumbled.")
                await asyncio.sleep(1)

    async def hear(self) -> None:
        """Passes on what Redis says until it goes away, then tries again after a growing pause."""
        pause = 0.25
        while True:
            try:
                await self.subscribe()
            except (RedisError, OSError, TimeoutError) as error:
                if self.hub.redis.is_here:
                    log.warning("Redis is away (%s): looking at PostgreSQL each second instead.", error)
                    pause = 0.25
            self.hub.turn(self.hub.redis, False)
            self.look_now.set()
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def subscribe(self) -> None:
        client = redis.asyncio.Redis.from_url(
            self.hub.redis_url, socket_connect_timeout=2, socket_keepalive=True, health_check_interval=5
        )
        async with client, client.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            await channel.get_message(timeout=2)
            self.hub.turn(self.hub.redis, True)
            self.look_now.set()
            while True:
                message = await channel.get_message(timeout=3)
                if message:
                    self.pass_on(message["data"])

    def pass_on(self, text: bytes) -> None:
        try:
            said = json.loads(text)
            self.hub.lag_s = max(0.0, time.time() - said["at"])
            changed = [(str(topic), int(seq)) for topic, seq in said["changed"]]
        except (ValueError, KeyError, TypeError):
            log.warning("Something else speaks on the channel %s.", CHANNEL)
            return
        self.hub.changed(changed)

    async def poll(self) -> None:
        while True:
            try:
                numbers = await self.hub.look(rights.numbers, self.hub.followed())
                self.hub.changed(numbers.items())
                self.hub.turn(self.hub.database, True)
            except AWAY as error:
                if self.hub.database.is_here:
                    log.warning("PostgreSQL is away: %s", error)
                self.hub.turn(self.hub.database, False)
            await self.pause()

    async def pause(self) -> None:
        well = self.hub.redis.is_here and self.hub.database.is_here
        try:
            async with asyncio.timeout(POLL_S if well else POLL_WITHOUT_REDIS_S):
                await self.look_now.wait()
        except TimeoutError:
            pass
        self.look_now.clear()

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self.hub.beat()

    async def recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_EVERY_S)
            if self.hub.database.is_here:
                try:
                    await self.hub.recheck()
                except AWAY:
                    self.look_now.set()
