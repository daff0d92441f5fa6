"""`make up`: everything from an empty folder to a console that answers, told line by line."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace as replaced

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
from cango_ops.embedded.servers import servers, without_owner
from cango_ops.embedded.supervisor import Supervisor

NOTE = "console.json"
# The management command that changes tables; no other is told how their owner signs in.
OWNERS_COMMAND = "migrate"


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
    parts, environment = servers(folder, say)
    supervisor.start(parts)
    if wishes.estate:
        for name, of_the_estate in OF_THE_ESTATE.items():
            if not os.environ.get(name):
                environment[name] = of_the_estate(wishes)
    replace(folder.root / NOTE, json.dumps(environment), mode=0o600)
    complete = {**os.environ, **environment, "CANGO_HTTP_PORT": str(wishes.port), "PYTHONUNBUFFERED": "1"}
    table = processes(wishes, without_owner(complete))
    # The estate needs nobody, and warms up while the database is being prepared.
    estate = supervisor.launch([part for part in table if part.stage == ESTATE])
    for step in steps(wishes, without_owner(complete)):
        if step.name == OWNERS_COMMAND:
            step = replaced(step, environment=complete)
        if step.name == browser_files.NAME and browser_files.are_collected(folder):
            continue
        supervisor.run(step)
        supervisor.check(estate)
    browser_files.note_collected(folder)
    supervisor.await_ready(estate)
    supervisor.start([part for part in table if part.stage == CONSOLE])


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
    complete = {**os.environ, **environment}
    if words[:1] != [OWNERS_COMMAND]:
        complete = without_owner(complete)
    os.execve(sys.executable, [sys.executable, "manage.py", *words], complete)  # noqa: S606
