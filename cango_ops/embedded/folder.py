"""The folder in which one running console keeps its data, logs, ports and pid files (CANGO_RUN_DIR)."""

import json
import os
import random
import socket
from pathlib import Path

from cango_ops.embedded.failure import CannotStart, in_plain_words

# Below the range that Linux gives to outgoing connections.
PORTS = range(20000, 30000)


class RunFolder:
    """Paths under one folder, made on demand."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.logs = self.root / "logs"
        self.pids = self.root / "pids"

    def make(self) -> "RunFolder":
        """Makes the folders and proves that they can be written, or says in one sentence why not."""
        with in_plain_words(self.root):
            for folder in (self.root, self.logs, self.pids):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".probe-{os.getpid()}"
            probe.write_bytes(b"." * 4096)
            probe.unlink()
        return self

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def port(self, name: str) -> int:
        """The port that `name` had last time, or a new free one if somebody else has taken it meanwhile."""
        remembered = self.ports()
        port = remembered.get(name)
        if port is None or not is_free(port):
            port = free_port()
            with in_plain_words(self.root):
                replace(self.root / "ports.json", json.dumps(remembered | {name: port}))
        return port

    def ports(self) -> dict[str, int]:
        try:
            return dict(json.loads((self.root / "ports.json").read_text()))
        except (OSError, ValueError):
            return {}


def is_free(port: int) -> bool:
    """Whether a server could listen on that port of 127.0.0.1 now."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    for _ in range(200):
        port = random.choice(PORTS)
        if is_free(port):
            return port
    raise CannotStart(f"No free port found on 127.0.0.1 between {PORTS[0]} and {PORTS[-1]}.")


def replace(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes the file wholly or not at all."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    fresh.replace(path)
