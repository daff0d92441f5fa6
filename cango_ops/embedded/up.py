"""`make up`: everything from an empty folder to a console that answers, told line by line."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis as redis_client

from cango_ops.embedded import browser_files
from cango_ops.embedded.child import Stopped, stop_leftovers
from cango_ops.embedded.console import (
    CONSOLE,
    ESTATE,
    Wishes,
    chain_urls,
    moved_ports,
    network_url,
    pools,
    price_url,
    processes,
    steps,
)
from cango_ops.embedded.failure import CannotStart, in_plain_words
from cango_ops.embedded.folder import RunFolder, is_free, replace
from cango_ops.embedded.part import Part
from cango_ops.embedded.postgres import postgres
from cango_ops.embedded.redis import redis
from cango_ops.embedded.supervisor import Supervisor

NOTE = "console.json"


def say(line: str) -> None:
    """Prints at once; a reader who went away does not stop the console."""
    with suppress(OSError):
        print(line, flush=True)


def up(folder: RunFolder, wishes: Wishes) -> None:
    """Runs the console until somebody stops it."""
    folder.make()
    with only_one(folder, wishes):
        leftovers = stop_leftovers(folder)
        if leftovers:
            say(f"The last console did not stop in order; stopped what was left of it: {', '.join(leftovers)}")
        if not is_free(wishes.port):
            raise CannotStart(
                f"Port {wishes.port} of 127.0.0.1 is taken by another program: stop that one, "
                f"or choose another port with CANGO_HTTP_PORT={wishes.port + 1} make up."
            )
        supervise(folder, wishes)


@contextmanager
def only_one(folder: RunFolder, wishes: Wishes) -> Iterator[None]:
    """Holds the folder's lock, which the kernel lets go however this process ends."""
    path = folder.root / "up.lock"
    with in_plain_words(path):
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held_by = os.pread(lock, 200, 0).decode().strip()
        raise CannotStart(f"The console of this folder runs already: {held_by or folder.root}.") from None
    try:
        os.truncate(lock, 0)
        os.pwrite(lock, f"{address(wishes)} (process {os.getpid()})".encode(), 0)
        yield
    finally:
        os.truncate(lock, 0)
        os.close(lock)


def address(wishes: Wishes) -> str:
    return f"http://127.0.0.1:{wishes.port}"


OF_THE_ESTATE = {
    "CANGO_NETWORK_URL": network_url,
    "CANGO_POWER_PRICE_URL": price_url,
    "CANGO_MOVED_PORTS": moved_ports,
    "CANGO_POOLS": pools,
    "CANGO_CHAIN_URLS": chain_urls,
}


def supervise(folder: RunFolder, wishes: Wishes) -> None:
    supervisor = Supervisor(folder, say)
    supervisor.listen_to_signals()
    try:
        start(supervisor, folder, wishes)
        for line in welcome(folder, wishes):
            say(line)
        supervisor.watch()
    except Stopped:
        pass
    finally:
        say("Stopping")
        supervisor.stop()
        (folder.root / NOTE).unlink(missing_ok=True)
        say("Stopped; nothing of it runs any more")


# What the console is told of the estate, where the environment says nothing else.
def start(supervisor: Supervisor, folder: RunFolder, wishes: Wishes) -> None:
    parts, environment = servers(folder)
    supervisor.start(parts)
    if wishes.estate:
        for name, of_the_estate in OF_THE_ESTATE.items():
            if not os.environ.get(name):
                environment[name] = of_the_estate(wishes)
    replace(folder.root / NOTE, json.dumps(environment), mode=0o600)
    complete = {**os.environ, **environment, "CANGO_HTTP_PORT": str(wishes.port), "PYTHONUNBUFFERED": "1"}
    table = processes(wishes, complete)
    # The estate needs nobody, and warms up while the database is being prepared.
    estate = supervisor.launch([part for part in table if part.stage == ESTATE])
    for step in steps(wishes, complete):
        if step.name == browser_files.NAME and browser_files.are_collected(folder):
            continue
        supervisor.run(step)
        supervisor.check(estate)
    browser_files.note_collected(folder)
    supervisor.await_ready(estate)
    supervisor.start([part for part in table if part.stage == CONSOLE])


def servers(folder: RunFolder) -> tuple[list[Part], dict[str, str]]:
    """The servers to start, and the environment that names them together with those that are given."""
    parts = []
    environment = {"CANGO_RUN_DIR": str(folder.root), "CANGO_COLLECTED_FILES": "yes"}
    for name, prepare, reach in (
        ("CANGO_DATABASE_URL", postgres, reach_database),
        ("CANGO_REDIS_URL", redis, reach_redis),
    ):
        given = given_url(name)
        if given:
            reach(given)
            say(f"Using the server of {name}")
            environment[name] = given
        else:
            part, environment[name] = prepare(folder)
            parts.append(part)
    return parts, environment


def given_url(name: str) -> str | None:
    """What the environment says, directly or through a file named by NAME_FILE."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        with in_plain_words(Path(path)):
            return Path(path).read_text().strip()
    return os.environ.get(name) or None


def reach_database(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        raise CannotStart(f"CANGO_DATABASE_URL is not usable: {one_line(error)}") from error


def reach_redis(url: str) -> None:
    try:
        with redis_client.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=10) as client:
            client.ping()
    except (redis_client.RedisError, ValueError) as error:
        raise CannotStart(f"CANGO_REDIS_URL is not usable: {one_line(error)}") from error


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def welcome(folder: RunFolder, wishes: Wishes) -> Iterator[str]:
    """The address, who may sign in, and what goes on meanwhile."""
    yield ""
    yield f"The console answers at {address(wishes)}"
    accounts = demo_accounts(folder)
    width = max((len(account["email"]) for account in accounts), default=0)
    for account in accounts:
        yield f"  {account['email']:<{width}}  {account['password']}  {account['role']}"
    if wishes.estate:
        yield "It is reading the machines of the simulated estate; every site is live within 90 s."
    yield f"Logs are in {folder.logs}. Ctrl-C stops everything."


def demo_accounts(folder: RunFolder) -> list[dict[str, str]]:
    """What `manage.py seed_demo` wrote: a list of role, email, password."""
    try:
        return list(json.loads((folder.root / "demo_accounts.json").read_text()))
    except (OSError, ValueError):
        return []


def manage(folder: RunFolder, words: list[str]) -> None:
    """Becomes manage.py with the servers of the console that runs in this folder."""
    try:
        environment = json.loads((folder.root / NOTE).read_text())
    except OSError:
        raise CannotStart(f"No console runs in {folder.root}: start it with `make up` first.") from None
    os.execve(sys.executable, [sys.executable, "manage.py", *words], {**os.environ, **environment})  # noqa: S606
