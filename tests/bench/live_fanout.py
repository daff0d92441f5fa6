"""The push to many browsers: delay from publish() to the browser's socket, and the server's CPU per delivery.

    python -m tests.bench.live_fanout [--clients 1000] [--seconds 20] [--servers hub channels]

Real PostgreSQL, Redis, uvicorn and signed-in sessions; the clients share the machine's cores with the server, so delays
are an upper bound and CPU per delivery the firmer number. The same load is put on channels' group_send in the same run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cango_ops.embedded.child import Child
from cango_ops.embedded.console import CHECKOUT, answers_http, web
from cango_ops.embedded.folder import RunFolder, free_port
from cango_ops.embedded.part import Part
from cango_ops.embedded.postgres import postgres
from cango_ops.embedded.redis import redis

PER_PERSON = 20
SERVERS = {"hub": "cango_ops.asgi:application", "channels": "tests.bench.channels_fanout:application"}
PEOPLE = """
import sys
from tests.live.server import session_of
from sites.models import Membership, Role
from cango_ops.base.models import User
for number in range({people}):
    user = User.objects.create(username=f"p{{number}}", email=f"p{{number}}@example.com", password="!")
    Membership.objects.create(user=user, role=Role.VIEWER)
    print("session", session_of(user))
from tests.worlds import make_world
make_world()
"""


@dataclass(frozen=True)
class Result:
    """Milliseconds and microseconds; lost: numbers that a client did not hear, of all it should have."""

    server: str
    clients: int
    deliveries: int
    lost: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_us: float


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """The environment of a fresh PostgreSQL and Redis."""
    with tempfile.TemporaryDirectory(prefix="cango-bench-") as root:
        folder = RunFolder(Path(root)).make()
        parts = [postgres(folder, careless=True), redis(folder)]
        children = [Child(part, folder) for part, _ in parts]
        for child in children:
            child.start()
        try:
            for child in children:
                child.wait_ready()
            (_, database_url), (_, redis_url) = parts
            yield {
                "CANGO_DATABASE_URL": database_url, "CANGO_REDIS_URL": redis_url, "CANGO_RUN_DIR": root,
                "CANGO_LOG_LEVEL": "WARNING",
            }  # fmt: skip
        finally:
            for child in children:
                child.stop()


def sessions(clients: int, environment: dict[str, str]) -> list[str]:
    """A session for each client, twenty clients to a person, as many as the hub allows."""
    people = -(-clients // PER_PERSON)
    manage(environment, "migrate", "--verbosity=0")
    said = manage(environment, "shell", "--verbosity=0", f"--command={PEOPLE.format(people=people)}")
    keys = [line.split()[1] for line in said.splitlines() if line.startswith("session ")]
    return (keys * PER_PERSON)[:clients]


def manage(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert done.returncode == 0
    return done.stdout


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name: str, keys: list[str], seconds: int, environment: dict[str, str]) -> Result:
    """One server under load, publishing once a second from this process."""
    from cango_ops.live.models import LiveTopic
    from cango_ops.live.publish import publish

    port = free_port()
    words = [SERVERS[name] if word == SERVERS["hub"] else word for word in web(port)]
    server = Child(
        Part(
            name=name, title=name, argv=(*words, "--log-level=warning"), environment={**os.environ, **environment},
            is_ready=partial(answers_http, port), folder=CHECKOUT,
        ),
        RunFolder(Path(environment["CANGO_RUN_DIR"])),
    )  # fmt: skip
    server.start()
    server.wait_ready()
    listeners = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.listeners", str(port), str(2 * seconds + 4), "fleet"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert listeners.stdin
        assert listeners.stdout
        listeners.stdin.write("\n".join(keys))
        listeners.stdin.close()
        assert listeners.stdout.readline() == "ready\n"
        idle = cpu_s(server.process.pid)
        time.sleep(seconds)
        idle = cpu_s(server.process.pid) - idle
        busy = cpu_s(server.process.pid)
        sent: dict[int, float] = {}
        for _ in range(seconds):
            start = time.monotonic()
            publish("fleet")
            sent[LiveTopic.objects.get(topic="fleet").seq] = start
            time.sleep(max(0.0, start + 1 - time.monotonic()))
        busy = cpu_s(server.process.pid) - busy
        heard = {int(seq): moments for seq, moments in json.loads(listeners.stdout.readline()).items()}
    finally:
        listeners.kill()
        server.stop()
    return result(name, len(keys), sent, heard, busy - idle)


def result(name: str, clients: int, sent: dict[int, float], heard: dict[int, list[float]], cpu: float) -> Result:
    delays = sorted(1000 * (moment - start) for seq, start in sent.items() for moment in heard.get(seq, []))
    expected = clients * len(sent)
    at = [delays[min(len(delays) - 1, int(len(delays) * share))] for share in (0.50, 0.95, 0.99)]
    return Result(name, clients, len(delays), expected - len(delays), *at, 1e6 * cpu / len(delays))


def run(clients: int, seconds: int, names: list[str]) -> list[Result]:
    with servers() as environment:
        os.environ |= environment | {"DJANGO_SETTINGS_MODULE": "cango_ops.settings"}
        import django

        django.setup()
        keys = sessions(clients, environment)
        return [measure(name, keys, seconds, environment) for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    wishes = parser.parse_args()
    for row in run(wishes.clients, wishes.seconds, wishes.servers):
        print(
            f"{row.server:9} {row.clients} clients, {row.deliveries} deliveries, {row.lost} lost: "
            f"p50 {row.p50_ms:.0f} ms, p95 {row.p95_ms:.0f} ms, p99 {row.p99_ms:.0f} ms, "
            f"{row.cpu_us:.1f} us of CPU a delivery"
        )


if __name__ == "__main__":
    main()
