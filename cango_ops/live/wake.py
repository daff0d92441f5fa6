"""The wake-up call through Redis. Losing it costs a second, so a Redis that is away is left alone for a while."""

import json
import logging
import time
from collections.abc import Sequence

import redis
from django.conf import settings

log = logging.getLogger(__name__)

CHANNEL = "cango:live"
LEAVE_ALONE_S = 2.0


class Waker:
    """One process's line to Redis: bounded in time, silent after the first complaint."""

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(
            url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=None, max_connections=50
        )
        self.away_until = 0.0
        self.is_away = False

    def wake(self, changed: Sequence[tuple[str, int]]) -> bool:
        """False where Redis is away; never an error."""
        if time.monotonic() < self.away_until:
            return False
        try:
            self.redis.publish(CHANNEL, json.dumps({"at": time.time(), "changed": changed}))
        except (redis.RedisError, OSError) as error:
            self.note_away(error)
            return False
        if self.is_away:
            self.is_away = False
            log.warning("Redis is back.")
        return True

    def note_away(self, error: Exception) -> None:
        self.away_until = time.monotonic() + LEAVE_ALONE_S
        if not self.is_away:
            self.is_away = True
            log.warning("Redis is away (%s): browsers hear of changes from PostgreSQL, a second later.", error)


waker = Waker(settings.REDIS_URL)


def wake(changed: Sequence[tuple[str, int]]) -> None:
    waker.wake(changed)
