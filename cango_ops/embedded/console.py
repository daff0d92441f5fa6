"""The table of what makes up a console: its servers, the steps that prepare it, and its processes."""

import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cango_ops.embedded.part import Part, at_once
from cango_ops.estate.chain_feed import PASSWORD, USER
from cango_ops.estate.layout import (
    FEED_PORT,
    MOVED_PORTS,
    NETWORK_ADDRESS,
    NODE_ADDRESS,
    POOL_ADDRESS,
    PRICE_ADDRESS,
)
from cango_ops.estate.places import OPERATORS

CHECKOUT = Path(__file__).resolve().parents[2]
# Stages: the servers of PostgreSQL and Redis are 0.
ESTATE, CONSOLE = 1, 2
# From so many machines on each of the default's four slots is swept by a process of its own.
MANY_DEVICES = 100_000


@dataclass(frozen=True)
class Wishes:
    """What the person who starts the console asked for; None: the default of the program concerned."""

    port: int = 8000
    estate: bool = True
    devices: int | None = None
    seed: int | None = None
    port_shift: int = 0
    captures: Path | None = None

    def of_the_estate(self) -> tuple[str, ...]:
        """The flags that the estate and the seeding of its sites share, so that both mean the same machines."""
        flags = {
            "--devices": self.devices,
            "--seed": self.seed,
            "--port-shift": self.port_shift or None,
            "--captures": self.captures,
        }
        return tuple(word for flag, value in flags.items() if value is not None for word in (flag, str(value)))


def python(*words: str) -> tuple[str, ...]:
    return (sys.executable, *words)


def celery(*words: str) -> tuple[str, ...]:
    return python("-m", "celery", "-A", "cango_ops.celery", *words)


def steps(wishes: Wishes, environment: Mapping[str, str]) -> list[Part]:
    """What runs once, in this order, before the processes start."""
    rows: list[tuple[str, str, tuple[str, ...]]] = [
        ("migrate", "Database schema", ("migrate", "--no-input")),
        ("collectstatic", "Files for the browser", ("collectstatic", "--no-input", "--verbosity=0")),
        ("seed_estate", "Sites and devices of the estate", ("seed_estate", *wishes.of_the_estate())),
        ("seed_demo", "Demo accounts", ("seed_demo", *(() if wishes.estate else ("--if-nobody",)))),
        ("seed_treasury", "Books to look at", ("seed_treasury",)),
    ]
    return [
        Part(name=name, title=title, argv=python("manage.py", *words), environment=environment, folder=CHECKOUT)
        for name, title, words in rows
        if wishes.estate or name not in ("seed_estate", "seed_treasury")
    ]


def processes(wishes: Wishes, environment: Mapping[str, str]) -> list[Part]:
    """What keeps running: name, title, stage, command line, and what its log or its port says when it is ready."""
    estate = python("manage.py", "estate", *wishes.of_the_estate())
    rows: list[tuple[str, str, int, tuple[str, ...], str, Callable[[], bool]]] = [
        ("estate", "Simulated estate", ESTATE, estate, " answer on ", at_once),
        ("collect", "Collectors", CONSOLE, worker("collect", collectors(wishes)), " ready.", at_once),
        ("commands", "Command sender", CONSOLE, worker("commands", 1), " ready.", at_once),
        ("worker", "Background worker", CONSOLE, worker("default", 2), " ready.", at_once),
        ("beat", "Schedule", CONSOLE, celery("beat", "--pidfile=", "--loglevel=INFO"), "beat: Starting", at_once),
        ("web", "Web server", CONSOLE, web(wishes.port), "", partial(answers_http, wishes.port)),
    ]
    return [
        Part(
            name=name, title=title, stage=stage, argv=argv, says_when_ready=says, is_ready=is_ready,
            environment=environment, folder=CHECKOUT,
        )
        for name, title, stage, argv, says, is_ready in rows
        if wishes.estate or stage != ESTATE
    ]  # fmt: skip


def network_url(wishes: Wishes) -> str:
    """Where the estate's Bitcoin network answers."""
    return f"http://{NETWORK_ADDRESS}:{FEED_PORT + wishes.port_shift}/api/v1"


def pools(wishes: Wishes) -> str:
    """The accounts of the estate's operators at its mining pool, as CANGO_POOLS."""
    url = f"http://{POOL_ADDRESS}:{FEED_PORT + wishes.port_shift}"
    return "\n".join(
        f'[[pool]]\nname = "{name} at the pool"\noperator = "{code}"\nprovider = "braiins"\nurl = "{url}"\n'
        f'token = "estate-{code.lower()}-token"' + ('\nwallet = "pool-payouts"' if is_company else "")
        for code, name, is_company in OPERATORS
    )


def chain_urls(wishes: Wishes) -> str:
    """Where the estate's node of the chain answers, in two languages, as CANGO_CHAIN_URLS."""
    where = f"{NODE_ADDRESS}:{FEED_PORT + wishes.port_shift}"
    return f"core=http://{USER}:{PASSWORD}@{where}/,esplora=http://{where}"


def price_url(wishes: Wishes) -> str:
    """Where the estate's power market answers."""
    return f"http://{PRICE_ADDRESS}:{FEED_PORT + wishes.port_shift}/v1"


def moved_ports(wishes: Wishes) -> str:
    """Which ports of the estate's machines stand elsewhere, as CANGO_MOVED_PORTS."""
    return ",".join(f"{usual}:{moved + wishes.port_shift}" for usual, moved in MOVED_PORTS.items())


def collectors(wishes: Wishes) -> int:
    """How many processes sweep: while one waits for its last silent machines, another has something to do."""
    return 4 if (wishes.devices or 0) >= MANY_DEVICES else 2


def worker(queue: str, processes: int) -> tuple[str, ...]:
    flags = ("--without-gossip", "--without-mingle", "--loglevel=INFO")
    return celery("worker", f"--queues={queue}", f"--hostname={queue}@%h", f"--concurrency={processes}", *flags)


def web(port: int) -> tuple[str, ...]:
    flags = (
        "--no-access-log",
        "--timeout-graceful-shutdown=3",
        # What browsers say on the socket is short, and so is what they hear: no compression.
        "--ws=websockets-sansio",
        "--ws-max-size=65536",
        "--ws-per-message-deflate=false",
    )
    return python("-m", "uvicorn", "cango_ops.asgi:application", "--host=127.0.0.1", f"--port={port}", *flags)


def answers_http(port: int) -> bool:
    """Whether the web server answers at all; what it thinks of its own health is on its health page."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
