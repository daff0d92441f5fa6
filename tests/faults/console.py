"""A whole console for tests that break parts of it: started by its own command, asked over HTTP as a program would."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from cango_ops.embedded.child import Child
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.postgres import postgres

CHECKOUT = Path(__file__).resolve().parents[2]
DEVICES = 300
SWEEP_S = 10
PORTS = (4028, 4433, 5020, 8080, 8081, 9400, 18000)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_shift() -> int:
    """What to add to the estate's ports so that nothing else is in the way; all below the ports of outgoing calls."""
    return next(shift for shift in range(3_000, 14_500, 137) if all(is_free(port + shift) for port in PORTS))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
        return True


class Console:
    """One running console. Everything is learnt over HTTP, but for the processes that a test wants to kill."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "CANGO_RUN_DIR": str(folder),
            "CANGO_HTTP_PORT": str(self.port),
            "CANGO_ESTATE_PORT_SHIFT": str(free_shift()),
            "CANGO_SWEEP_S": str(SWEEP_S),
            **environment,
        }
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "up.out").open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cango_ops.embedded", "up", "--devices", str(DEVICES)],
                cwd=CHECKOUT, env=self.environment, stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
        until(240, lambda: "The console answers at" in self.said() or self.has_ended(), self.said)
        assert not self.has_ended(), self.said()
        self.token = self.manage("issue_token", "--email", "manager@cango.example", "--name", "faults").split()[-1]

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=40)

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def said(self) -> str:
        return (self.folder / "up.out").read_text()

    def manage(self, *words: str) -> str:
        command = [sys.executable, "-m", "cango_ops.embedded", "manage", *words]
        done = subprocess.run(command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def sites_live(self) -> tuple[int, int]:
        """(sites that are neither stale nor unknown, all sites)."""
        status, answer = self.get("/api/v1/latest/")
        if status != 200:
            return 0, -1
        return answer["fleet"]["sites_reporting"], answer["fleet"]["sites"]

    def is_right(self) -> bool:
        live, sites = self.sites_live()
        return live == sites == 42

    def kill(self, words: str, number: int = signal.SIGKILL) -> int:
        """Signals the console's own processes whose command line has the words; returns how many."""
        found = [pid for pid, command in self.processes() if words in command]
        for pid in found:
            os.kill(pid, number)
        return len(found)

    def redis_process(self) -> int:
        """As the server itself says: it writes over its command line."""
        url = json.loads((self.folder / "console.json").read_text())["CANGO_REDIS_URL"]
        with redis.Redis.from_url(url) as client:
            return int(client.info("server")["process_id"])

    def processes(self) -> list[tuple[int, str]]:
        """Every process of this console but its supervisor: its folder is in their environment or command line."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in (os.getpid(), self.process.pid if self.process else 0):
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(self.folder) in command or f"CANGO_RUN_DIR={self.folder}".encode() in environment:
                found.append((int(entry.name), command))
        return found


def until(seconds: float, condition: Callable[[], bool], explain: Callable[[], object] = lambda: "") -> float:
    """How long it took; fails with what `explain` says when it did not come true in time."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if condition():
            return time.monotonic() - begun
        time.sleep(0.25)
    raise AssertionError(f"not within {seconds} s: {explain()}")


class Database:
    """A PostgreSQL of the test's own, so that nobody restarts it but the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = RunFolder(folder).make()
        self.part, self.url = postgres(self.folder)
        self.child = Child(self.part, self.folder)

    def start(self) -> None:
        self.child = Child(self.part, self.folder)
        self.child.start()
        self.child.wait_ready()

    def stop(self) -> None:
        self.child.stop()
