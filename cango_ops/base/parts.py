"""The state of what the console leans on: PostgreSQL, its migrations and roles, Redis. Asked at most once a second.

PostgreSQL is asked over a connection of its own, so that an exhausted or broken pool is not taken for a dead server and
the answer comes in two seconds either way.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

import psycopg
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from cango_ops.base import clock, rights

PATIENCE_S: Final = 2
KEEP_S: Final = 1.0
ONE_ROLE: Final = (
    "The console signs in to PostgreSQL with a role that {}: whoever has it could take the guards of closed months "
    "away. docs/configuration.md tells how to give it a role of its own."
)


@dataclass(frozen=True)
class PartState:
    """is_ok and words since when.   needed: the console cannot answer without it.   advice: it answers as well."""

    name: str
    is_ok: bool
    words: str
    since: datetime
    needed: bool = True
    advice: bool = False

    @property
    def state(self) -> str:
        return "ok" if self.is_ok else "warning" if self.advice else "away"


def database_words() -> str:
    """Empty where PostgreSQL answers."""
    try:
        with own_connection():
            return ""
    except psycopg.Error:
        return "PostgreSQL does not answer."


def migration_words() -> str:
    try:
        with own_connection() as database:
            applied = set(database.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.errors.UndefinedTable:
        return "The database is empty: no migration was applied."
    except psycopg.Error:
        return "Not known while PostgreSQL does not answer."
    missing = [f"{app}.{name}" for app, name in newest_migrations() if (app, name) not in applied]
    return f"Migrations are missing: {', '.join(missing)}." if missing else ""


def redis_words() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S
        ) as client:
            client.ping()
            return ""
    except (redis.RedisError, OSError):
        return "Redis does not answer: tasks wait, live updates come a second later."


def role_words() -> str:
    """What the console's role could do against the guards of closed months."""
    try:
        with own_connection() as database:
            found = rights.too_much(database)
    except psycopg.Error:
        return "Not known while PostgreSQL does not answer."
    return ONE_ROLE.format(found) if found else ""


def own_connection() -> psycopg.Connection[Any]:
    words = connection.get_connection_params()
    words.pop("pool", None)
    return psycopg.connect(**words | {"connect_timeout": PATIENCE_S, "autocommit": True})


@cache
def newest_migrations() -> list[tuple[str, str]]:
    """The last migration of each app in the code."""
    return MigrationLoader(None).graph.leaf_nodes()


class Watch:
    """Looks at one part, and remembers since when it is as it is."""

    def __init__(
        self, name: str, look: Callable[[], str], *, needed: bool = True, advice: bool = False, keep_s: float = KEEP_S
    ) -> None:
        self.look = look
        self.keep_s = keep_s
        self.state = PartState(name, True, "", clock.now(), needed, advice)
        self.looked_at = 0.0
        self.lock = threading.Lock()

    def now(self) -> PartState:
        with self.lock:
            if time.monotonic() - self.looked_at > self.keep_s:
                words = self.look()
                if (words == "") != self.state.is_ok or self.looked_at == 0:
                    self.state = replace(self.state, is_ok=words == "", since=clock.now())
                self.state = replace(self.state, words=words)
                self.looked_at = time.monotonic()
            return self.state


WATCHES: Final = (
    Watch("database", database_words),
    Watch("migrations", migration_words),
    Watch("redis", redis_words, needed=False),
    Watch("database role", role_words, needed=False, advice=True, keep_s=10.0),
)


def states() -> list[PartState]:
    return [watch.now() for watch in WATCHES]
