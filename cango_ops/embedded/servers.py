"""Which PostgreSQL and Redis a console uses, its own or given ones, and as whom it signs in there.

The console's role uses the tables; another owns and migrates them (docs/decisions/0022).
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import redis as redis_client

from cango_ops.embedded.failure import CannotStart, in_plain_words
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.part import Part
from cango_ops.embedded.postgres import application_url, postgres
from cango_ops.embedded.redis import redis

Say = Callable[[str], None]

DATABASE = "CANGO_DATABASE_URL"
OWNER = "CANGO_DATABASE_OWNER_URL"
REDIS = "CANGO_REDIS_URL"
ONE_ROLE = f"One role of PostgreSQL migrates and runs the console; with {OWNER} guards hold against the console, too"


def servers(folder: RunFolder, say: Say) -> tuple[list[Part], dict[str, str]]:
    """The servers to start, and the environment that names them together with those that are given."""
    parts = []
    environment = {"CANGO_RUN_DIR": str(folder.root), "CANGO_COLLECTED_FILES": "yes"}
    if given_url(DATABASE):
        environment |= given_database(say)
    elif given_url(OWNER):
        raise CannotStart(f"{OWNER} is given without {DATABASE}: name the role of the console itself there.")
    else:
        part, owner = postgres(folder)
        parts.append(part)
        environment |= {DATABASE: application_url(folder, owner), OWNER: owner}
    say(who_is_who(environment))
    if given := given_url(REDIS):
        reach_redis(given)
        say(f"Using the server of {REDIS}")
        environment[REDIS] = given
    else:
        part, environment[REDIS] = redis(folder)
        parts.append(part)
    return parts, environment


def given_database(say: Say) -> dict[str, str]:
    """The URLs of a server that is not ours: of the console's role and, where it is another, of the tables' owner."""
    found = {name: given for name in (DATABASE, OWNER) if (given := given_url(name))}
    for name, given in found.items():
        reach_database(given, name)
    say(f"Using the server of {DATABASE}")
    return found


def who_is_who(environment: Mapping[str, str]) -> str:
    """Which of the two is in force: two roles, or one."""
    if OWNER not in environment:
        return ONE_ROLE
    application, owner = (role_of(environment[name]) for name in (DATABASE, OWNER))
    return f"The console signs in to PostgreSQL as {application}, who owns nothing; {owner} owns the tables"


def role_of(url: str) -> str:
    return unquote(urlsplit(url).username or "the user of this machine")


def without_owner(environment: Mapping[str, str]) -> dict[str, str]:
    """What the console's own processes are told: they need not know how the tables' owner signs in."""
    return {name: value for name, value in environment.items() if name not in (OWNER, f"{OWNER}_FILE")}


def given_url(name: str) -> str | None:
    """What the environment says, directly or through a file named by NAME_FILE."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        with in_plain_words(Path(path)):
            return Path(path).read_text().strip()
    return os.environ.get(name) or None


def reach_database(url: str, name: str = DATABASE) -> None:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        raise CannotStart(f"{name} is not usable: {one_line(error)}") from error


def reach_redis(url: str) -> None:
    try:
        with redis_client.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=10) as client:
            client.ping()
    except (redis_client.RedisError, ValueError) as error:
        raise CannotStart(f"{REDIS} is not usable: {one_line(error)}") from error


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())
