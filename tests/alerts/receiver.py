"""A receiver of webhooks on a real socket: keeps what came, answers what it is told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Receiver:
    """answers: one for each request, the last one for all that follow. came: each request, head and body."""

    port: int
    answers: list[bytes] = field(default_factory=lambda: [ok(204)])
    came: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hook?team=a"


def ok(status: int) -> bytes:
    return f"HTTP/1.1 {status} said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@contextmanager
def receiving() -> Iterator[Receiver]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        receiver = Receiver(door.getsockname()[1])
        threading.Thread(target=serve, args=(door, receiver), daemon=True).start()
        yield receiver
        # The door is woken up, because closing it does not end a thread that waits at it.
        receiver.port = 0
        socket.create_connection(door.getsockname(), timeout=30).close()


def serve(door: socket.socket, receiver: Receiver) -> None:
    while receiver.port:
        try:
            wire, _ = door.accept()
        except OSError:
            return
        with wire:
            if said := request(wire):
                # Remembered before it is answered: who has the answer looks at once.
                receiver.came.append(said)
                answers = receiver.answers
                wire.sendall(answers.pop(0) if len(answers) > 1 else answers[0])


def request(wire: socket.socket) -> bytes:
    wire.settimeout(5)
    said = b""
    while b"\r\n\r\n" not in said or len(said) < said.index(b"\r\n\r\n") + 4 + length(said):
        data = wire.recv(65536)
        if not data:
            return said
        said += data
    return said


def length(said: bytes) -> int:
    head = said.partition(b"\r\n\r\n")[0].decode()
    return next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
