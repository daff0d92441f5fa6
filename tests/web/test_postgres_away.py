"""A console of its own on a PostgreSQL of its own, which is killed and comes back."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from cango_ops.embedded.child import Child
from cango_ops.embedded.console import web
from cango_ops.embedded.folder import RunFolder, free_port
from cango_ops.embedded.postgres import postgres

pytestmark = pytest.mark.faults
SESSION = """
from tests.live.server import session_of
from tests.worlds import make_world
print(session_of(make_world().bo))
"""


class Console:
    """The running web process and its database."""

    def __init__(self, folder: RunFolder) -> None:
        part, self.url = postgres(folder, careless=True)
        self.database = Child(part, folder)
        self.port = free_port()
        self.environment = {
            **os.environ, "CANGO_DATABASE_URL": self.url, "CANGO_RUN_DIR": str(folder.root), "PYTHONPATH": ".",
        }  # fmt: skip
        self.web: subprocess.Popen | None = None
        self.session = ""

    def start(self) -> None:
        self.database.start()
        self.database.wait_ready()
        self.manage("migrate", "--verbosity=0")
        self.session = self.manage("shell", "--verbosity=0", f"--command={SESSION}").strip().splitlines()[-1]
        self.web = subprocess.Popen(web(self.port), env=self.environment)
        until(lambda: self.get("/health/live")[0] == 200, 20)

    def stop(self) -> None:
        if self.web:
            self.web.terminate()
            self.web.wait(10)
        self.database.stop()

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words], env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str) -> tuple[int, Mapping[str, str], str]:
        headers = {"Cookie": f"cango_session={self.session}", "Accept": "text/html"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()
        except OSError:
            return 0, {}, ""

    def listen(self):
        origin = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": f"cango_session={self.session}"}
        return connect(f"ws://127.0.0.1:{self.port}/live", origin=origin, additional_headers=headers)

    def publish(self) -> None:
        with psycopg.connect(self.url) as database:
            database.execute("UPDATE live_livetopic SET seq = seq + 1 WHERE topic = 'fleet'")


@pytest.fixture(scope="module")
def console(tmp_path_factory) -> Iterator[Console]:
    console = Console(RunFolder(tmp_path_factory.mktemp("console")).make())
    with contextlib.ExitStack() as stack:
        stack.callback(console.stop)
        console.start()
        yield console


def until(is_so, within_s: float) -> float:
    """How long it took until it was so."""
    start = time.monotonic()
    while not is_so():
        assert time.monotonic() - start < within_s, f"not within {within_s} s"
        time.sleep(0.1)
    return time.monotonic() - start


def heard(connection, wanted, within_s: float) -> float:
    start = time.monotonic()
    while True:
        said = json.loads(connection.recv(timeout=within_s - (time.monotonic() - start)))
        if wanted(said):
            return time.monotonic() - start


def test_the_console_says_that_postgresql_is_away_and_is_right_again_after(console):
    console.manage("shell", "--command=from cango_ops.live.publish import publish; publish('fleet')")
    assert console.get("/health/ready")[0] == 200
    assert console.get("/accounts/2fa/")[0] == 200

    with console.listen() as connection:
        connection.send('{"subscribe": ["fleet"]}')
        heard(connection, lambda said: said.get("topic") == "fleet", 5)

        console.database.process.kill()
        console.database.end(time.monotonic() + 5)

        # It says so.
        assert console.get("/health/live")[0] == 200
        until(lambda: console.get("/health/ready")[0] == 503, 5)
        status, headers, page = console.get("/accounts/2fa/")
        assert (status, headers["Retry-After"]) == (503, "5")
        assert "The database cannot be reached." in page
        assert "Traceback" not in page
        heard(connection, lambda said: said.get("database") is False, 12)
        with console.listen() as turned_away, pytest.raises(ConnectionClosed) as closed:
            turned_away.recv(timeout=5)
        assert closed.value.rcvd.code == 1013
        began = time.monotonic()
        assert console.get("/accounts/2fa/")[0] == 503
        assert time.monotonic() - began < 5

        # It is right again.
        console.database.start()
        console.database.wait_ready()
        back = time.monotonic()
        until(lambda: console.get("/accounts/2fa/")[0] == 200, 10)
        assert console.get("/health/ready")[0] == 200
        heard(connection, lambda said: said.get("database") is True, 10)
        console.publish()
        heard(connection, lambda said: said.get("topic") == "fleet", 8)
        assert time.monotonic() - back < 20


def test_requests_that_meet_the_outage_at_once_are_all_told(console):
    console.database.process.kill()
    console.database.end(time.monotonic() + 5)
    began = time.monotonic()
    with ThreadPoolExecutor(40) as pool:
        statuses = set(pool.map(lambda _: console.get("/accounts/2fa/")[0], range(120)))
    took = time.monotonic() - began

    console.database.start()
    console.database.wait_ready()
    recovered = until(lambda: console.get("/accounts/2fa/")[0] == 200, 10)

    assert statuses == {503}
    assert took < 20
    assert recovered < 10
