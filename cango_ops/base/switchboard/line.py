"""One call under way, and what the operating system says to it."""

import errno
import os
import resource
import select
import socket
from contextlib import suppress
from typing import Any, Final

from cango_ops.base.switchboard.call import Call
from cango_ops.base.switchboard.turns import Group
from cango_ops.frames import Frame
from cango_ops.wire import Ask, Conversation, NoAnswer

SPARE_FILES: Final = 128
READ_BYTES: Final = 65536


class Line:
    """One call under way.

    attempt: its connections so far.   reused: the question went over an older connection.   counts: it holds a place
    in its group.
    """

    __slots__ = (
        "ask", "attempt", "began_at", "call", "connecting", "counts", "frame",
        "group", "port", "reused", "sock", "talk", "unsent",
    )  # fmt: skip

    def __init__(self, call: Call, group: Group, began_at: float) -> None:
        self.call = call
        self.group = group
        self.began_at = began_at
        self.attempt = 0
        self.connecting = False
        self.reused = False
        self.counts = True
        self.sock: Any = None
        self.port = 0
        self.unsent: bytes | memoryview = b""
        self.talk: Conversation[Any] | None = call.begin()
        self.ask: Ask
        self.frame: Frame

    def connect(self, port: int) -> None:
        """Begins a connection to the call's address. Raises OSError where it cannot even begin."""
        address = self.call.address
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.sock = socket.SocketType(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        with suppress(BlockingIOError):
            self.sock.connect((address, port))

    def fault(self) -> OSError | None:
        """Why its connection did not come about."""
        error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return OSError(error, os.strerror(error)) if error else None

    def read(self, mask: int) -> bytes | None:
        """The whole answer, once it is: reads what is there, since the watch tells of news only. After RDHUP a short
        read was the last. Raises what the frame and the socket do."""
        while True:
            data = self.sock.recv(READ_BYTES)
            if not data:
                return self.frame.eof()
            self.reused = False
            body = self.frame.feed(data)
            if body is not None:
                return body
            if len(data) < READ_BYTES:
                return self.frame.eof() if mask & select.EPOLLRDHUP else None


def not_connected(error: OSError) -> NoAnswer:
    reason = "refused" if error.errno == errno.ECONNREFUSED else "unreachable"
    return NoAnswer(reason, error.strerror or str(error))


def files_free(wanted: int) -> int:
    """How many sockets this process may open, after raising its soft limit as far as needed and allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + SPARE_FILES
    if soft == resource.RLIM_INFINITY:
        return wanted
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, max(8, soft - SPARE_FILES))
